"""Memcached."""

import threading

from pymemcache.client.base import PooledClient
from pymemcache.exceptions import MemcacheError

from agents.planning.links import Link, Reach
from agents.planning.verdicts import Never
from agents.planning.world import Answer
from controlplane.model.cache import Address, Auth

PATIENCE = 1.0  # seconds for an answer


class MemcachedDriver:
    """Speaks to nodes through connections that it keeps."""

    def __init__(self) -> None:
        self._clients: dict[Address, PooledClient] = {}
        self._lock = threading.Lock()

    def look(self, node: Reach) -> Answer | None:
        """The build."""
        try:
            return Answer(f"memcached {self._client(node.address).version().decode()}")
        except (MemcacheError, OSError):
            return None

    def ping(self, node: Reach) -> bool:
        """`version`, the cheapest thing that every node answers."""
        return self.look(node) is not None

    def follow(self, node: Reach, primary: Link) -> None:
        """Memcached nodes do not know each other."""
        raise Never(f"cannot make {node} a replica of {primary.address}: memcached does not replicate")

    def promote(self, node: Reach) -> None:
        """Memcached nodes do not know each other."""
        raise Never(f"cannot promote {node}: memcached does not replicate")

    def hand_over(self, former: Reach, heir: Reach) -> None:
        """Memcached nodes do not know each other."""
        raise Never(f"cannot hand over from {former} to {heir}: memcached does not replicate")

    def grant(self, node: Reach, auth: Auth, access: str) -> None:  # noqa: ARG002
        """Memcached lets everybody in."""
        raise Never(f"cannot grant logins at {node}: memcached has none")

    def forget(self, node: Reach) -> None:
        """Close the connections."""
        with self._lock:
            client = self._clients.pop(node.address, None)
        if client:
            client.close()

    def _client(self, address: Address) -> PooledClient:
        with self._lock:
            if address not in self._clients:
                self._clients[address] = PooledClient(
                    (address.host, address.port), connect_timeout=PATIENCE, timeout=PATIENCE, max_pool_size=2
                )
            return self._clients[address]

"""Memcached."""

import threading

from pymemcache.client.base import PooledClient
from pymemcache.exceptions import MemcacheError

from agents.planning.verdicts import Never
from agents.planning.world import Answer
from controlplane.model.cache import Address

PATIENCE = 1.0  # seconds for an answer


class MemcachedDriver:
    """Speaks to nodes through connections that it keeps."""

    def __init__(self) -> None:
        self._clients: dict[Address, PooledClient] = {}
        self._lock = threading.Lock()

    def look(self, address: Address) -> Answer | None:
        """The build."""
        try:
            return Answer(f"memcached {self._client(address).version().decode()}")
        except (MemcacheError, OSError):
            return None

    def ping(self, address: Address) -> bool:
        """`version`, the cheapest thing that every node answers."""
        return self.look(address) is not None

    def follow(self, address: Address, primary: Address) -> None:
        """Memcached nodes do not know each other."""
        raise Never(f"cannot make {address} a replica of {primary}: memcached does not replicate")

    def promote(self, address: Address) -> None:
        """Memcached nodes do not know each other."""
        raise Never(f"cannot promote {address}: memcached does not replicate")

    def hand_over(self, former: Address, heir: Address) -> None:
        """Memcached nodes do not know each other."""
        raise Never(f"cannot hand over from {former} to {heir}: memcached does not replicate")

    def forget(self, address: Address) -> None:
        """Close the connections."""
        with self._lock:
            client = self._clients.pop(address, None)
        if client:
            client.close()

    def _client(self, address: Address) -> PooledClient:
        with self._lock:
            if address not in self._clients:
                self._clients[address] = PooledClient(
                    (address.host, address.port), connect_timeout=PATIENCE, timeout=PATIENCE, max_pool_size=2
                )
            return self._clients[address]

"""Memcached."""

import ssl
import threading
from collections.abc import Callable, Sequence

from pymemcache.client.base import PooledClient
from pymemcache.exceptions import MemcacheError

from cachewright.agents.engines.driver import Move
from cachewright.agents.engines.redis.acl import AclRules, Credentials
from cachewright.agents.engines.settings import Configuration
from cachewright.agents.planning.links import Link, Reach
from cachewright.agents.planning.verdicts import Never
from cachewright.agents.planning.world import Answer
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.slots import Ranges, written
from cachewright.controlplane.model.usage import Usage

PATIENCE = 1.0  # seconds for an answer
_ALONE = "memcached nodes do not know each other"


class MemcachedDriver:
    """Speaks to nodes through connections that it keeps."""

    def __init__(self, credentials: Callable[[], Credentials]) -> None:
        self._credentials = credentials
        self._clients: dict[Reach, PooledClient] = {}
        self._lock = threading.Lock()

    def look(self, node: Reach) -> Answer | None:
        """The build."""
        try:
            return Answer(f"memcached {self._client(node).version().decode()}")
        except (MemcacheError, OSError):
            return None

    def measure(self, node: Reach) -> Usage | None:
        """From `stats`."""
        try:
            facts = self._client(node).stats()
        except (MemcacheError, OSError):
            return None
        return Usage(int(facts[b"bytes"]), int(facts[b"limit_maxbytes"]), int(facts[b"curr_items"]))

    def ping(self, node: Reach) -> bool:
        """`version`, the cheapest thing that every node answers."""
        return self.look(node) is not None

    def follow(self, node: Reach, primary: Link) -> None:
        """Memcached nodes do not know each other."""
        raise Never(f"cannot make {node} a replica of {primary.address}: memcached does not replicate")

    def request_ack(self, node: Reach, primary: Reach) -> None:
        """Memcached nodes do not know each other."""
        raise Never(f"cannot have {node} talk to {primary}: {_ALONE}")

    def promote(self, node: Reach) -> None:
        """Memcached nodes do not know each other."""
        raise Never(f"cannot promote {node}: memcached does not replicate")

    def switchover(self, old_primary: Reach, candidate: Reach) -> None:
        """Memcached nodes do not know each other."""
        raise Never(f"cannot switch over from {old_primary} to {candidate}: memcached does not replicate")

    def meet(self, node: Reach, peers: Sequence[Address]) -> None:  # noqa: ARG002
        """Memcached nodes do not know each other."""
        raise Never(f"cannot introduce nodes to {node}: {_ALONE}")

    def part(self, node: Reach, strangers: Sequence[str]) -> None:  # noqa: ARG002
        """Memcached nodes do not know each other."""
        raise Never(f"cannot have {node} forget nodes: {_ALONE}")

    def join(self, node: Reach, primary: str) -> None:
        """Memcached nodes do not know each other."""
        raise Never(f"cannot make {node} a replica of {primary}: {_ALONE}")

    def encrypt(self, node: Reach, wanted: bool) -> None:  # noqa: ARG002
        """Memcached nodes do not know each other."""
        raise Never(f"cannot change how {node} talks to other nodes: {_ALONE}")

    def own(self, node: Reach, slots: Ranges) -> None:
        """Memcached has no slots."""
        raise Never(f"cannot have {node} serve slots {written(slots)}: {_ALONE}")

    def close(self, node: Reach, slots: Ranges) -> None:
        """Memcached has no slots."""
        raise Never(f"cannot close slots {written(slots)} at {node}: {_ALONE}")

    def move(self, move: Move) -> Ranges:
        """Memcached has no slots."""
        raise Never(f"cannot move slots from {move.source} to {move.target}: {_ALONE}")

    def apply_acl(self, node: Reach, acl_rules: AclRules) -> None:  # noqa: ARG002
        """Memcached lets everybody in."""
        raise Never(f"cannot grant logins at {node}: memcached has none")

    def configure(self, node: Reach, wanted: Configuration) -> None:  # noqa: ARG002
        """Memcached is told everything as it starts."""
        raise Never(f"cannot configure {node}: memcached takes no other values while it runs")

    def hint(self, node: Reach, wanted: Configuration) -> None:  # noqa: ARG002
        """Memcached takes other values only when it starts."""
        raise Never(f"cannot configure {node}: memcached takes no other values while it runs")

    def agrees(self, node: Reach, wanted: Configuration) -> bool:  # noqa: ARG002
        """There is nothing that could differ."""
        return True

    def attempt(self, node: Reach, wanted: Configuration) -> str:  # noqa: ARG002
        """There is nothing that could be tried."""
        return ""

    def forget(self, node: Reach) -> None:
        """Close the connections."""
        with self._lock:
            clients = [self._clients.pop(way, None) for way in _ways(node)]
        for client in clients:
            if client:
                client.close()

    def _client(self, node: Reach) -> PooledClient:
        with self._lock:
            if node not in self._clients:
                self._clients[node] = PooledClient(
                    (node.address.host, node.address.port),
                    connect_timeout=PATIENCE,
                    timeout=PATIENCE,
                    max_pool_size=2,
                    tls_context=self._trust() if node.encrypted else None,
                )
            return self._clients[node]

    def _trust(self) -> ssl.SSLContext:
        """An encrypted node proves with a certificate of ours who it is."""
        return ssl.create_default_context(cafile=str(self._credentials().authority))


def _ways(node: Reach) -> tuple[Reach, Reach]:
    """How a node may have been reached in its lives."""
    return Reach(node.address), Reach(node.address, encrypted=True, login=True)

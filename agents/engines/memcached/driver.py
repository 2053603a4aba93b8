"""Memcached."""

import ssl
import threading
from collections.abc import Callable, Sequence

from pymemcache.client.base import PooledClient
from pymemcache.exceptions import MemcacheError

from cachewright.agents.engines.memcached.contents import MemcachedContents
from cachewright.agents.engines.redis.acl_rules import Credentials
from cachewright.agents.engines.rounds import Question, Rounds
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.pulse import Inquiry, Pulse
from cachewright.agents.planning.world import Answer
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.metrics.terms import Figures
from cachewright.controlplane.model.usage import Usage

TIMEOUT = 1.0  # seconds for an answer
_VERSION = Question(b"version\r\n")
_ANSWERS = Pulse()


class MemcachedLanguage:
    """Implements `Language`: there are no logins."""

    def greeting(self, node: Reach) -> None:
        """See `Language`."""

    def is_welcome(self, heard: bytes) -> bool:  # noqa: ARG002 - nobody is greeted
        """See `Language`."""
        return True

    def is_whole(self, heard: bytes, answers: int) -> bool:
        """See `Language`: each is a line."""
        return heard.count(b"\n") >= answers


class MemcachedDriver:
    """Speaks to nodes through connections that it keeps. Nodes do not know each other, let everybody in, and are told
    everything as they start, but for what they hold: there is no other facet.
    """

    replication = None
    cluster_mode = None
    acl = None
    parameters = None
    persistence = None
    renewal = None
    slow_log = None

    def __init__(self, credentials: Callable[[], Credentials]) -> None:
        self._credentials = credentials
        self._clients: dict[Address, dict[Reach, PooledClient]] = {}
        self._lock = threading.Lock()
        self._rounds = Rounds(MemcachedLanguage(), self._trust)
        self.contents = MemcachedContents(self._client, self._trust)

    def look(self, node: Reach) -> Answer | None:
        """The build."""
        try:
            return Answer(f"memcached {self._client(node).version().decode()}")
        except (MemcacheError, OSError):
            return None

    def usage(self, node: Reach) -> Usage | None:
        """From `stats`."""
        try:
            facts = self._client(node).stats()
        except (MemcacheError, OSError):
            return None
        return Usage(int(facts[b"bytes"]), int(facts[b"limit_maxbytes"]), int(facts[b"curr_items"]))

    def figures(self, node: Reach) -> Figures | None:
        """`stats`."""
        try:
            facts = self._client(node).stats()
        except (MemcacheError, OSError):
            return None
        return {name.decode(): float(value) for name, value in facts.items() if isinstance(value, int | float)}

    def ping(self, node: Reach) -> bool:
        """`version`, the cheapest thing that every node answers."""
        return self.look(node) is not None

    def interrupt(self, node: Reach) -> None:
        """Nothing that it does can be ended."""

    def pulses(self, inquiries: Sequence[Inquiry]) -> Sequence[Pulse | None]:
        """Nothing but that they answer: nodes know nothing of each other."""
        answers = self._rounds.ask([(one.node, _VERSION) for one in inquiries])
        return [_ANSWERS if heard and heard.startswith(b"VERSION ") else None for heard in answers]

    def disconnect(self, address: Address) -> None:
        """Close the connections."""
        self._rounds.disconnect(address)
        with self._lock:
            clients = self._clients.pop(address, {})
        for client in clients.values():
            client.close()

    def _client(self, node: Reach) -> PooledClient:
        with self._lock:
            clients = self._clients.setdefault(node.address, {})
            if node not in clients:
                clients[node] = PooledClient(
                    (node.address.host, node.address.port),
                    connect_timeout=TIMEOUT,
                    timeout=TIMEOUT,
                    tls_context=self._trust() if node.encrypted else None,
                )
            return clients[node]

    def _trust(self) -> ssl.SSLContext:
        """An encrypted node proves with a certificate of ours who it is."""
        return ssl.create_default_context(cafile=str(self._credentials().authority))

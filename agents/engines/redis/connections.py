"""Connections to Redis and Valkey nodes: they are kept, until the node is replaced or removed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import Connection
from redis.exceptions import ConnectionError, RedisError, ResponseError  # noqa: A004 - redis-py's own
from redis.retry import Retry

from cachewright.agents.engines.redis.acl_rules import AGENT, Credentials
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address

PING_TIMEOUT = 0.1  # seconds for an answer to a ping or a hint; whoever needs longer is looked at
LOOK_TIMEOUT = 0.5  # seconds for an answer that tells whether a node lives; it is asked again
COMMAND_TIMEOUT = 2.0  # seconds for an answer to anything else
MIGRATION_TIMEOUT = 5.0  # seconds for an answer of a node that has to tell its replicas first, or is taking in keys
NAME = "cachewright"  # of connections of the agent, where it has a login: by it slow logs tell them from clients'
CONNECTIONS = 4096  # to one node; many others may move slots to it at the same time


class Connections:
    """Clients by node and by how long they wait for an answer. Safe to share among threads."""

    def __init__(self, credentials: Callable[[], Credentials]) -> None:
        self._credentials = credentials
        self._clients: dict[Address, dict[tuple[Reach, float], Redis]] = {}
        self._lock = threading.Lock()

    @property
    def credentials(self) -> Credentials:
        """With what nodes are entered."""
        return self._credentials()

    def client(self, node: Reach, timeout: float = COMMAND_TIMEOUT) -> Redis:
        """The client of a node whose calls wait `timeout` seconds for an answer; one that lives takes a connection long
        before.
        """
        with self._lock:
            clients = self._clients.setdefault(node.address, {})
            if (node, timeout) not in clients:
                clients[node, timeout] = self._connected(node, timeout)
            return clients[node, timeout]

    def disconnect(self, address: Address) -> None:
        """Close the connections, but for one that somebody just waits on: it ends by itself."""
        with self._lock:
            clients = self._clients.pop(address, {})
        for client in clients.values():
            client.connection_pool.disconnect(inuse_connections=False)

    def _connected(self, node: Reach, timeout: float) -> Redis:
        login: dict[str, Any] = {}
        if node.login:
            login |= {"username": AGENT, "password": self.credentials.password, "redis_connect_func": _introduced}
        if node.encrypted:
            login |= {"ssl": True, "ssl_ca_certs": str(self.credentials.authority)}
        client = Redis(
            host=node.address.host,
            port=node.address.port,
            protocol=2,
            socket_timeout=timeout,
            socket_connect_timeout=min(timeout, COMMAND_TIMEOUT),
            max_connections=CONNECTIONS,
            retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionError,)),  # a kept connection may have ended
            driver_info=None,
            **login,
        )
        client.response_callbacks = _callbacks()
        return client


@cache
def _callbacks() -> Any:  # noqa: ANN401 - redis-py's own
    """How answers are read: the same for all clients, of which each would have 15 kB of its own."""
    return Redis(protocol=2).response_callbacks


def _introduced(connection: Connection) -> None:
    """Log in, and give the connection its name. An engine that is busy with a script lets anybody in, and takes no
    name: SCRIPT KILL has to get through all the same.
    """
    connection.on_connect()
    with suppress(ResponseError):
        connection.send_command("CLIENT", "SETNAME", NAME)
        connection.read_response()


@contextmanager
def borrowed(client: Redis) -> Iterator[Connection]:
    """One of a client's connections, for words that the client itself would wait too long on. It ends when something
    goes wrong: answers may be on their way.
    """
    connection = client.connection_pool.get_connection()
    try:
        yield connection
    except (RedisError, OSError):
        connection.disconnect()
        raise
    finally:
        client.connection_pool.release(connection)


@contextmanager
def later(deed: str) -> Iterator[None]:
    """Later for a node that refuses or does not answer: a reason to look again. `deed` is "cannot promote x"."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise Later(f"{deed}: {error}") from error


@contextmanager
def tolerating(refusal: str) -> Iterator[None]:
    """An engine that refuses in these words is as it should be already."""
    try:
        yield
    except ResponseError as error:
        if refusal not in str(error):
            raise

"""Redis and Valkey."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from agents.planning.verdicts import Later
from agents.planning.world import Answer, Replication
from controlplane.model.cache import Address

PATIENCE = 1.0  # seconds for an answer
FENCE = 24 * 3600 * 1000  # milliseconds for which a former primary holds writes back; it is removed long before
CATCH_UP = 5.0  # seconds for an heir to receive what its primary wrote last
GLANCE = 0.0005  # seconds between two looks at a catching-up heir


class RedisDriver:
    """Speaks to nodes through connections that it keeps."""

    def __init__(self) -> None:
        self._clients: dict[Address, Redis] = {}
        self._lock = threading.Lock()

    def look(self, address: Address) -> Answer | None:
        """The build and the place in replication."""
        try:
            pipeline = self._client(address).pipeline(transaction=False)
            pipeline.execute_command("ROLE")
            pipeline.execute_command("INFO", "server")
            role, server = pipeline.execute()
        except (RedisError, OSError):
            return None
        return Answer(_build(server), _replication(role))

    def ping(self, address: Address) -> bool:
        """PING."""
        try:
            return bool(self._client(address).ping())
        except (RedisError, OSError):
            return False

    def follow(self, address: Address, primary: Address) -> None:
        """REPLICAOF."""
        with _told(f"cannot make {address} a replica of {primary}"):
            self._client(address).execute_command("REPLICAOF", primary.host, primary.port)

    def promote(self, address: Address) -> None:
        """REPLICAOF NO ONE."""
        with _told(f"cannot promote {address}"):
            self._client(address).execute_command("REPLICAOF", "NO", "ONE")

    def hand_over(self, former: Address, heir: Address) -> None:
        """Hold writes back and read the offset in one step; no write can slip in between."""
        with _told(f"cannot hand over from {former} to {heir}"):
            target = self._fence(former)
            self._await_offset(heir, target)
            self.promote(heir)

    def forget(self, address: Address) -> None:
        """Close the connections but those in use: another thread may be waiting for an answer."""
        with self._lock:
            client = self._clients.pop(address, None)
        if client:
            client.connection_pool.disconnect(inuse_connections=False)

    def _fence(self, address: Address) -> int:
        """The offset behind the last write that `address` will ever take."""
        client = self._client(address)
        pause = ["CLIENT", "PAUSE", FENCE, "WRITE"] if _version(client) >= (6, 2) else ["CLIENT", "PAUSE", FENCE]
        transaction = client.pipeline(transaction=True)
        transaction.execute_command(*pause)
        transaction.execute_command("ROLE")
        _, role = transaction.execute()
        return _replication(role).offset

    def _await_offset(self, heir: Address, target: int) -> None:
        deadline = time.monotonic() + CATCH_UP
        client = self._client(heir)
        while _replication(client.execute_command("ROLE")).offset < target:
            if time.monotonic() > deadline:
                raise Later(f"cannot hand over to {heir}: it does not receive the last writes")
            time.sleep(GLANCE)

    def _client(self, address: Address) -> Redis:
        with self._lock:
            if address not in self._clients:
                self._clients[address] = Redis(
                    host=address.host,
                    port=address.port,
                    protocol=2,
                    socket_timeout=PATIENCE,
                    socket_connect_timeout=PATIENCE,
                    retry=Retry(NoBackoff(), 1),
                    driver_info=None,
                )
            return self._clients[address]


@contextmanager
def _told(what: str) -> Iterator[None]:
    """A node that refuses or does not answer is a reason to look again."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise Later(f"{what}: {error}") from error


def _version(client: Redis) -> tuple[int, ...]:
    server: Any = client.execute_command("INFO", "server")
    return tuple(int(part) for part in str(server["redis_version"]).split(".")[:2])


def _build(server: dict[str, Any]) -> str:
    """Valkey tells its own version beside that of the Redis it is compatible with."""
    if "valkey_version" in server:
        return f"valkey {server['valkey_version']}"
    return f"redis {server['redis_version']}"


def _replication(role: Any) -> Replication:  # noqa: ANN401 - a nested reply
    """ROLE's reply: `master, offset, replicas` or `slave, host, port, state, offset`."""
    if role[0] in (b"master", "master"):
        return Replication(leads=True, offset=int(role[1]))
    _, host, port, state, offset = role
    primary = Address(host.decode() if isinstance(host, bytes) else host, int(port))
    return Replication(
        leads=False, follows=primary, linked=state in (b"connected", "connected"), offset=max(int(offset), 0)
    )

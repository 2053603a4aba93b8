"""A client that writes all the time, as an application does, and counts what was promised to it."""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from types import TracebackType
from typing import Any, Protocol, Self

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import OutOfMemoryError, RedisError
from redis.retry import Retry

from cachewright.agents.engines.redis.acl_rules import AGENT, Credentials
from cachewright.controlplane.model.cache import Address

PACE = 0.005  # seconds from one write to the next
RETRY = 0.001  # seconds until a write that failed is tried again
TIMEOUT = 0.5  # seconds that an answer or a connection may take
JUNK = 256 * 1024  # bytes of one key that fills memory
_AT_ONCE = 500  # keys of one read
_JUNK_AT_ONCE = 8  # keys between two looks at the memory


class Refused(Exception):  # noqa: N818
    """A deed was not acknowledged, in the words of whoever refused it."""


class Client(Protocol):
    """An application's connection. It tries everything once, and connects again by itself; what fails is Refused."""

    def write(self, key: str, value: str) -> None:
        """Store one key."""

    def read(self, keys: Sequence[str]) -> list[str | None]:
        """The values of keys; None for those that are not there."""

    def sweep(self, prefix: str) -> int:
        """Delete every key that begins so; how many there were."""

    def fill(self, prefix: str, stop: Callable[[], bool]) -> int:
        """Write junk until there is no memory left for more, or until `stop`; how many keys."""


def connection(address: Address, credentials: Credentials | None = None, timeout: float = TIMEOUT) -> Redis:
    """A connection that tries everything once, and has so many seconds for it; an encrypted one, for whoever has
    credentials.
    """
    login: dict[str, Any] = {}
    if credentials:
        authority, password = str(credentials.authority), credentials.password
        login = {"ssl": True, "ssl_ca_certs": authority, "username": AGENT, "password": password}
    return Redis(
        host=address.host,
        port=address.port,
        protocol=2,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
        driver_info=None,
        **login,
    )


class RedisClient:
    """A Client of a real node, or of an endpoint that leads to one."""

    def __init__(self, address: Address, credentials: Credentials | None = None) -> None:
        self._redis = connection(address, credentials)

    def write(self, key: str, value: str) -> None:
        """See Client."""
        with _refusing():
            self._redis.set(key, value)

    def read(self, keys: Sequence[str]) -> list[str | None]:
        """See Client. In cluster mode a command has keys of one slot."""
        pipeline = self._redis.pipeline(transaction=False)
        for key in keys:
            pipeline.get(key)
        with _refusing():
            return list(pipeline.execute())

    def sweep(self, prefix: str) -> int:
        """See Client."""
        deleted = 0
        with _refusing():
            names = self._redis.scan_iter(match=f"{prefix}*", count=1000)
            while some := list(itertools.islice(names, _AT_ONCE)):
                pipeline = self._redis.pipeline(transaction=False)
                for name in some:
                    pipeline.unlink(name)
                pipeline.execute()
                deleted += len(some)
        return deleted

    def fill(self, prefix: str, stop: Callable[[], bool]) -> int:
        """See Client. The last key ends well above the limit, so that memory that is given back makes no room."""
        number = 0
        with _refusing(), suppress(OutOfMemoryError):
            while not stop() and (room := self._room()) > 0:
                big = room > 2 * JUNK * _JUNK_AT_ONCE
                for _ in range(_JUNK_AT_ONCE if big else 1):
                    self._grow(f"{prefix}{number}", JUNK if big else room + JUNK)
                    number += 1
                if not big:
                    break
        return number

    def _grow(self, key: str, size: int) -> None:
        """A key of zeros; neither the command nor what replicas are told of it takes memory itself."""
        self._redis.setrange(key, size - 1, "x")

    def _room(self) -> int:
        """Bytes, as the engine counts them: what it holds for its replicas is not its own."""
        memory: Any = self._redis.info("memory")
        return int(memory["maxmemory"]) - int(memory["used_memory"]) + int(memory["mem_not_counted_for_evict"])


@dataclass(slots=True, eq=False)
class Probe:
    """Writes numbered keys until it is left; a write that fails is tried again at once."""

    client: Client
    prefix: str
    acknowledged: list[float] = field(default_factory=list)  # when; the index is the number of the key
    failures: int = 0
    complaint: str = ""  # the last failure, in words
    _stop: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._write, name="probe", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()

    def key(self, number: int) -> str:
        """The name of a key."""
        return f"{self.prefix}:{number}"

    def lost(self) -> int:
        """How many acknowledged writes cannot be read back; Refused when nobody answers."""
        numbers = range(len(self.acknowledged))
        lost = 0
        for start in numbers[::_AT_ONCE]:
            part = numbers[start : start + _AT_ONCE]
            found = self.client.read([self.key(number) for number in part])
            lost += sum(value != str(number) for number, value in zip(part, found, strict=True))
        return lost

    def _write(self) -> None:
        while not self._stop.wait(PACE):
            while not self._acknowledged():
                if self._stop.wait(RETRY):
                    return

    def _acknowledged(self) -> bool:
        number = len(self.acknowledged)
        try:
            self.client.write(self.key(number), str(number))
        except Refused as refusal:
            self.failures += 1
            self.complaint = str(refusal)
            return False
        self.acknowledged.append(time.monotonic())
        return True


def longest_gap(moments: Sequence[float], since: float) -> float:
    """The longest time, in seconds, between two moments of which the later one is after `since`."""
    pairs = itertools.pairwise(moments)
    return max((later - earlier for earlier, later in pairs if later > since), default=0.0)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise Refused(str(error)) from error

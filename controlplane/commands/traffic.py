"""A client that writes all the time, as an application does, and counts what was promised to it."""

import itertools
import time
from dataclasses import dataclass, field
from threading import Event, Thread
from types import TracebackType
from typing import Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from controlplane.model.cache import Address

PACE = 0.005  # seconds from one write to the next
RETRY = 0.001  # seconds until a write that failed is tried again
TIMEOUT = 0.5  # seconds that a write or a connection may take
_AT_ONCE = 500  # keys of one read


def connection(address: Address) -> redis.Redis:
    """A client that never tries twice by itself."""
    return redis.Redis(
        host=address.host,
        port=address.port,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )


@dataclass(slots=True, eq=False)
class Writer:
    """Writes numbered keys through an endpoint until it is left; reconnects at once."""

    endpoint: Address
    prefix: str = "demo"
    acknowledged: list[float] = field(default_factory=list)  # when; the index is the number of the key
    failures: int = 0
    complaint: str = ""  # the last failure, in words
    _stop: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._write, name="writer", daemon=True)
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
        """How many acknowledged writes cannot be read back."""
        client = connection(self.endpoint)
        numbers = range(len(self.acknowledged))
        lost = 0
        for start in numbers[::_AT_ONCE]:
            part = numbers[start : start + _AT_ONCE]
            found = client.mget([self.key(number) for number in part])
            lost += sum(value != str(number) for number, value in zip(part, found, strict=True))
        return lost

    def _write(self) -> None:
        client = connection(self.endpoint)
        while not self._stop.wait(PACE):
            while not self._acknowledged(client):
                if self._stop.wait(RETRY):
                    return

    def _acknowledged(self, client: redis.Redis) -> bool:
        number = len(self.acknowledged)
        try:
            client.set(self.key(number), number)
        except redis.RedisError as error:
            self.failures += 1
            self.complaint = str(error)
            return False
        self.acknowledged.append(time.monotonic())
        return True


def longest_gap(moments: list[float], since: float) -> float:
    """The longest time, in seconds, between two moments of which the later one is after `since`."""
    pairs = itertools.pairwise(moments)
    return max((later - earlier for earlier, later in pairs if later > since), default=0.0)

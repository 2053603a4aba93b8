"""A client that writes one numbered key after the other and remembers which writes were acknowledged, and when."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from redis import Redis
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.exceptions import RedisClusterException, RedisError
from redis.retry import Retry

from benchmarks.waiting import CannotMeasure, until

EVERY = 0.005  # seconds between an acknowledgement and the next write
PATIENCE = 0.1  # seconds for an answer or a connection, as of a client in a hurry
READING = 10.0  # seconds for a batch that is read back
TAG = "{crash}"  # in a cluster all keys are in one slot, 1260: the first shard has it
CALM = 50  # acknowledged writes
BATCH = 1000  # keys that are read back at once


def client(place: tuple[str, int], patience: float) -> Redis:
    """A client that tries nothing twice, and waits so many seconds for a connection or an answer."""
    host, port = place
    return Redis(
        host=host,
        port=port,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=patience,
        socket_connect_timeout=patience,
        driver_info=None,
    )


AnyRedis = Redis | RedisCluster
# What redis-py raises; the last one where an ASK leads to a node that it does not know yet.
REFUSALS = (RedisError, RedisClusterException, OSError, AttributeError)


@dataclass(slots=True)
class Writer:
    """Writes from `with` until its end, in a thread of its own; after an error it connects again at once."""

    connected: Callable[[float], AnyRedis]  # a client that waits so many seconds for a connection or an answer
    acknowledged: list[tuple[int, float]] = field(default_factory=list)  # number, moment (monotonic seconds)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> "Writer":
        self._thread = threading.Thread(target=self._write, name="writer", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()

    def await_calm(self) -> None:
        """Wait until some more writes were acknowledged."""
        enough = len(self.acknowledged) + CALM
        until(lambda: len(self.acknowledged) >= enough, "acknowledged writes", EVERY)

    @property
    def moments(self) -> list[float]:
        """When the writes were acknowledged, so far."""
        return [moment for _, moment in self.acknowledged]

    def lost(self) -> list[int]:
        """The acknowledged numbers that are not there; CannotMeasure when nobody answers."""
        numbers = [number for number, _ in self.acknowledged]
        batches = (numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH))
        try:
            with self.connected(READING) as reader:
                return [number for batch in batches for number in _missing(reader, batch)]
        except REFUSALS as error:
            raise CannotMeasure(f"cannot read back what was written: {error}") from error

    def _write(self) -> None:
        number = 0
        with self.connected(PATIENCE) as redis:
            while not self._stop.is_set():
                number += 1
                if _acknowledges(redis, number):
                    self.acknowledged.append((number, time.monotonic()))
                    self._stop.wait(EVERY)


def _acknowledges(redis: AnyRedis, number: int) -> bool:
    try:
        return bool(redis.set(_key(number), number))
    except REFUSALS:
        return False


def _missing(reader: AnyRedis, batch: list[int]) -> list[int]:
    values: list[bytes | None] = reader.mget([_key(number) for number in batch])  # type: ignore[assignment]
    return [number for number, value in zip(batch, values, strict=True) if value != b"%d" % number]


def _key(number: int) -> str:
    return f"{TAG}:{number}"

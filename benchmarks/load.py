"""What is in a cluster, and clients that read and write it all the time, following redirections as redis-py does."""

import random
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.retry import Retry

from benchmarks.waiting import CannotMeasure, until
from benchmarks.writer import REFUSALS

KEYS, SIZE = 100_000, 100  # of what is there; values have so many bytes
CLIENTS = 2
EVERY = 0.002  # seconds between two rounds of a client
BATCH = 2000  # keys at once
CALM = 50  # rounds
PATIENCE = 10.0  # seconds for a connection or an answer
TRIES = 3  # besides redirections

Place = tuple[str, int]


def cluster(place: Place, patience: float = PATIENCE, tries: int = TRIES) -> RedisCluster:
    """A client that knows one node to begin with."""
    return RedisCluster(
        host=place[0],
        port=place[1],
        retry=Retry(NoBackoff(), tries),
        socket_timeout=patience,
        socket_connect_timeout=patience,
        require_full_coverage=False,
    )


def fill(place: Place) -> None:
    """Write everything; CannotMeasure when that fails."""
    with _told("fill a cluster"), cluster(place) as client:
        for part in _parts(_contents()):
            pipeline = client.pipeline()
            for key, value in part.items():
                pipeline.set(key, value)
            pipeline.execute()


def lost(place: Place, written: Mapping[str, bytes] | None = None) -> int:
    """How many keys are not there, or not with their values; of everything when nothing is named."""
    with _told("read back what was written"), cluster(place) as client:
        return sum(_missing(client, part) for part in _parts(_contents() if written is None else written))


@dataclass(slots=True)
class Load:
    """What the clients did. Each writes a new key and reads an old one, again and again."""

    place: Place
    rounds: int = 0
    acknowledged: dict[str, bytes] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def await_calm(self) -> None:
        """Wait until the clients have done some more."""
        enough = self.rounds + CALM
        until(lambda: self.rounds >= enough, "reads and writes", EVERY)

    def stop(self) -> None:
        """Let everybody finish."""
        self._stop.set()

    def work(self, name: int) -> None:
        """Be one of the clients; its choices are the same each time."""
        choice = random.Random(name)
        with cluster(self.place) as client:
            for number in count():
                if self._stop.wait(EVERY):
                    return
                self._round(client, f"load:{name}:{number}", choice.randrange(KEYS))

    def _round(self, client: RedisCluster, key: str, other: int) -> None:
        try:
            client.set(key, value := _value(other))
            self.acknowledged[key] = value
            if client.get(_key(other)) != value:
                self.failures.append(f"{_key(other)} is not what it was")
            self.rounds += 1
        except REFUSALS as error:
            self.failures.append(f"{type(error).__name__}: {error}")


@contextmanager
def loaded(place: Place) -> Iterator[Load]:
    """Clients that have begun; they stop at the end of the block."""
    load = Load(place)
    threads = [threading.Thread(target=load.work, args=(name,), name=f"client {name}") for name in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        load.await_calm()
        yield load
        load.await_calm()
    finally:
        load.stop()
        for thread in threads:
            thread.join()


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except REFUSALS as error:
        raise CannotMeasure(f"cannot {what}: {error}") from error


def _missing(client: RedisCluster, wanted: Mapping[str, bytes]) -> int:
    pipeline = client.pipeline()
    for key in wanted:
        pipeline.get(key)
    return sum(found != value for found, value in zip(pipeline.execute(), wanted.values(), strict=True))


def _contents() -> Mapping[str, bytes]:
    return {_key(number): _value(number) for number in range(KEYS)}


def _parts(contents: Mapping[str, bytes]) -> Iterator[Mapping[str, bytes]]:
    keys: Sequence[str] = list(contents)
    for start in range(0, len(keys), BATCH):
        yield {key: contents[key] for key in keys[start : start + BATCH]}


def _key(number: int) -> str:
    return f"key:{number}"


def _value(number: int) -> bytes:
    return b"%0*d" % (SIZE, number)

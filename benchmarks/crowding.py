"""A hundred caches that are asked for at once: the container engine is the limit, and what is urgent goes on."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain

from benchmarks.docker import Model, copies, model, run
from benchmarks.figures import Row, Summary
from benchmarks.loaded import BAR, FAILOVER, GROUP, failover
from benchmarks.plane import SMALL, Plane
from benchmarks.process import plane
from benchmarks.waiting import CannotMeasure, milliseconds, until
from benchmarks.wire import Client

CREATED = 100  # caches
AT_ONCE = 8  # docker commands
FAILOVERS = 5  # of a group, in a row
WATCH = 0.1  # seconds at least between two looks at all that is being created
EACH = 0.01  # seconds more for each that is left: a page of a hundred takes the processor that starts containers
LIMIT = 300.0  # seconds
ACCOUNT = "000000000001"
NAMES = [f"many-{number}" for number in range(CREATED)]


def many(rounds: int) -> Iterator[Row]:
    """In each round all are created and nothing else is done, and once more while a group fails over."""
    with plane() as served:
        served.create_group(GROUP)
        copied, crowd = model(f"{GROUP}-001.0001"), Crowd(served.client.port)
        taken = [(_created(crowd), _started(copied)) for _ in range(rounds)]
        failed = [(_failovers(served), _failovers_meanwhile(served, crowd)) for _ in range(rounds)]
    ours, floor = (Summary(samples) for samples in zip(*taken, strict=True))
    alone, busy = (Summary(tuple(chain(*samples))) for samples in zip(*failed, strict=True))
    what = f"{CREATED} CreateCacheCluster at once, until all are `available`"
    yield Row(what, "ms", ours, floor, f"{CREATED} `docker run -d` until PING, {AT_ONCE} at a time", 1.05)
    yield Row(f"{FAILOVER}, while {CREATED} caches are being created", "ms", busy, alone, "alone", BAR)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Caches of an account of their own."""

    port: int

    def create(self, begun: Callable[[], object] = lambda: None) -> None:
        """Ask for all at once, and wait until all are available; `begun` is called once some are."""
        with ThreadPoolExecutor(CREATED) as callers:
            list(callers.map(partial(self._call, "CreateCacheCluster", {"NumCacheNodes": 1, **SMALL}), NAMES))
        self._await(b"<CacheClusterStatus>available<", 1)
        begun()
        self._await(b"<CacheClusterStatus>available<", CREATED)

    def delete(self) -> None:
        """Delete them, and wait until nothing is left of them."""
        for name in NAMES:
            self._call("DeleteCacheCluster", {}, name)
        until(lambda: self._count(b"<CacheClusterId>") == 0, "the end of many caches", WATCH, LIMIT)

    def _await(self, words: bytes, least: int) -> None:
        deadline = time.monotonic() + LIMIT
        while (left := least - self._count(words)) > 0:
            if time.monotonic() > deadline:
                raise CannotMeasure(f"cannot wait for {least} of many caches")
            time.sleep(max(WATCH, left * EACH))

    def _count(self, words: bytes) -> int:
        with closing(Client(self.port)) as client:
            return client.call("DescribeCacheClusters", {"MaxRecords": CREATED}, ACCOUNT).count(words)

    def _call(self, operation: str, params: Mapping[str, str | int], name: str) -> None:
        with closing(Client(self.port)) as client:
            client.call(operation, {"CacheClusterId": name, **params}, ACCOUNT)


def _created(crowd: Crowd) -> float:
    took = milliseconds(crowd.create)
    crowd.delete()
    return took


def _started(copied: Model) -> float:
    def start() -> None:
        with ThreadPoolExecutor(AT_ONCE) as hands:
            list(hands.map(partial(run, copied), range(CREATED), names))

    with copies(copied, CREATED) as names:
        return milliseconds(start)


def _failovers(served: Plane) -> list[float]:
    return [failover(served) for _ in range(FAILOVERS)]


def _failovers_meanwhile(served: Plane, crowd: Crowd) -> list[float]:
    with _being_created(crowd):
        return _failovers(served)


@contextmanager
def _being_created(crowd: Crowd) -> Iterator[None]:
    """Some of the caches are available, and others are not."""
    begun = threading.Event()
    thread = threading.Thread(target=crowd.create, args=[begun.set], name="creating")
    thread.start()
    if not begun.wait(LIMIT):
        raise CannotMeasure("cannot wait for the first of many caches")
    try:
        yield
    finally:
        thread.join()
        crowd.delete()

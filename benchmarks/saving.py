"""Snapshots, against the engine's own save and `docker cp`."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from redis import Redis

from benchmarks.docker import PORT, address_of, container_of, docker
from benchmarks.figures import Row, Summary, alternated
from benchmarks.idling import memory
from benchmarks.plane import Plane
from benchmarks.process import plane
from benchmarks.waiting import milliseconds, until

KEYS, SIZE = 1_000_000, 100
LARGE_KEYS, LARGE_SIZE = 1000, 1_000_000  # a gigabyte
BATCH = 10_000
GLANCE = 0.02  # seconds between two looks at a save
SMALL, LARGE = "bench-save", "bench-large"
FILE = "/tmp/dump.rdb"  # in the container
BAR, MEMORY_BAR = 1.2, 20.0


def saving(rounds: int) -> Iterator[Row]:
    """Ours and the floor save the same node in turn: clients may do everything there."""
    names = (f"snap-{number}" for number in count())
    with plane(settings={"CACHEWRIGHT_RESTRICTED_COMMANDS": "off"}) as served:
        served.create_cluster(SMALL)
        fill(SMALL, KEYS, SIZE)
        ours, floor = alternated(rounds, lambda: _ours(served, next(names), SMALL), lambda: _floor(SMALL))
        name = f"snapshot of {KEYS:,} keys of {SIZE} bytes, until `available`"
        yield Row(name, "ms", ours, floor, "`BGSAVE` of the same node, then `docker cp`", BAR)
        served.delete("CacheCluster", SMALL)
        served.create_cluster(LARGE, asked={"CacheNodeType": "cache.t3.medium"})
        fill(LARGE, LARGE_KEYS, LARGE_SIZE)
        grown = [_grown(served.pid, lambda: _ours(served, next(names), LARGE)) for _ in range(rounds + 1)][1:]
    held = "memory of the control plane while it takes a snapshot of 1 GB"
    yield Row(held, "MB", Summary(tuple(grown)), bar=MEMORY_BAR, note="more than before, at most")


def fill(name: str, keys: int, size: int) -> None:
    """Values that cannot be compressed, the same each time."""
    chance = random.Random(keys)
    with Redis(address_of(f"{name}.0001"), PORT) as client:
        for start in range(0, keys, BATCH):
            pipeline = client.pipeline(transaction=False)
            for number in range(start, min(start + BATCH, keys)):
                pipeline.set(f"key:{number}", chance.randbytes(size))
                if size * len(pipeline) > 50_000_000:
                    pipeline.execute()
            pipeline.execute()


def _ours(served: Plane, snapshot: str, name: str) -> float:
    with Redis(address_of(f"{name}.0001"), PORT) as client:
        _await_another_second(client)
    took = milliseconds(lambda: served.save(snapshot, name))
    served.forget(snapshot)
    return took


def _floor(name: str) -> float:
    container = container_of(f"{name}.0001")
    with Redis(address_of(f"{name}.0001"), PORT) as client, TemporaryDirectory() as directory:
        _await_another_second(client)
        return milliseconds(lambda: saved(client, container, Path(directory) / "dump.rdb"))


def _await_another_second(client: Redis) -> None:
    """The moment of the last save tells of the next one only if they are not in the same second."""
    last = int(client.lastsave().timestamp())
    until(lambda: client.time()[0] > last, "another second", GLANCE)


def saved(client: Redis, container: str, path: Path) -> None:
    """Have a node save what it holds, and copy the file out of its container."""
    client.bgsave()
    until(lambda: not client.info("persistence")["rdb_bgsave_in_progress"], "a save", GLANCE)
    docker("cp", f"{container}:{FILE}", str(path))


def _grown(pid: int, deed: Callable[[], object]) -> float:
    """How much more memory a process had at most, in megabytes, than before."""
    before, most, over = memory(pid), [0.0], threading.Event()

    def watch() -> None:
        while not over.is_set():
            most.append(memory(pid))
            time.sleep(GLANCE)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        deed()
    finally:
        over.set()
        thread.join()
    return max(0.0, max(most) - before)

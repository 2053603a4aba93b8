"""From the call to `available`, against the docker command doing the same by hand."""

from collections.abc import Iterator
from itertools import count

from benchmarks.docker import Model, copies, model, run
from benchmarks.figures import Row, alternated
from benchmarks.following import follow, start
from benchmarks.plane import Plane
from benchmarks.process import plane
from benchmarks.waiting import milliseconds

WATCH = 0.005  # seconds between two looks: the floor's client looks every 2 ms, but a look takes much less there
FIRST = 0.15  # seconds until the first: the floor's client does not look before its container has started, either


def cluster(rounds: int) -> Iterator[Row]:
    """One node."""
    with plane() as served:
        served.create_cluster("bench-model")
        copied, names = model("bench-model.0001"), (f"one-{number}" for number in count())
        ours, floor = alternated(rounds, lambda: _our_cluster(served, next(names)), lambda: _container(copied))
    yield Row(
        "CreateCacheCluster, one Redis node, until `available`", "ms", ours, floor, "`docker run -d` until PING", 1.05
    )


def group(rounds: int) -> Iterator[Row]:
    """A primary and two replicas."""
    with plane() as served:
        served.create_group("bench-model")
        copied, names = model("bench-model-001.0001"), (f"three-{number}" for number in count())
        ours, floor = alternated(rounds, lambda: _our_group(served, next(names)), lambda: _trio(copied))
    yield Row(
        "CreateReplicationGroup, 3 nodes, until `available`",
        "ms",
        ours,
        floor,
        "3 `docker run -d` at once, REPLICAOF, until a key arrives",
        1.3,
    )


def _our_cluster(served: Plane, name: str) -> float:
    took = milliseconds(lambda: served.create_cluster(name, WATCH, first=FIRST))
    served.delete("CacheCluster", name)
    return took


def _our_group(served: Plane, name: str) -> float:
    took = milliseconds(lambda: served.create_group(name))
    served.delete("ReplicationGroup", name)
    return took


def _container(copied: Model) -> float:
    with copies(copied, 1) as (name,):
        return milliseconds(lambda: run(copied, 0, name))


def _trio(copied: Model) -> float:
    with copies(copied, 3) as names:
        return milliseconds(lambda: _replicate(copied, names))


def _replicate(copied: Model, names: list[str]) -> None:
    start(copied, dict(enumerate(names)))
    follow(copied, 0, range(1, len(names)))

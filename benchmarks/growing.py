"""More replicas for a group, against the docker command doing the same by hand."""

from collections.abc import Iterator

from benchmarks.docker import Model, copies, model
from benchmarks.figures import Row, alternated
from benchmarks.following import follow, start
from benchmarks.plane import Plane
from benchmarks.process import plane
from benchmarks.waiting import milliseconds

GROUP = "bench-grow"
REPLICAS, MORE = 2, 4


def growing(rounds: int) -> Iterator[Row]:
    """Two more; they are taken away again off the clock."""
    with plane() as served:
        served.create_group(GROUP)
        copied = model(f"{GROUP}-001.0001")
        ours, floor = alternated(rounds, lambda: _ours(served), lambda: _floor(copied))
    floor_is = "2 `docker run -d` at once, REPLICAOF, until a key arrives"
    yield Row("IncreaseReplicaCount by 2, until `available`", "ms", ours, floor, floor_is, 1.5)


def _ours(served: Plane) -> float:
    took = milliseconds(lambda: served.resize_group(GROUP, "Increase", MORE))
    served.resize_group(GROUP, "Decrease", REPLICAS)
    return took


def _floor(copied: Model) -> float:
    with copies(copied, 3) as names:
        start(copied, {0: names[0]})
        return milliseconds(lambda: _join(copied, {1: names[1], 2: names[2]}))


def _join(copied: Model, newcomers: dict[int, str]) -> None:
    start(copied, newcomers)
    follow(copied, 0, newcomers)

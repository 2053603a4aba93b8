"""From the call to `available` for a group with shards, against the docker command and redis-cli."""

from collections.abc import Iterator
from itertools import count

from benchmarks.clustering import clustered, form
from benchmarks.docker import Model, copies, model
from benchmarks.figures import Row, alternated
from benchmarks.plane import Plane
from benchmarks.process import plane
from benchmarks.waiting import milliseconds

BAR = 0.9


def shards(rounds: int) -> Iterator[Row]:
    """A usual size."""
    yield _created(rounds, 3, 2)


def many_shards(rounds: int) -> Iterator[Row]:
    """A large one for a small machine."""
    yield _created(rounds, 10, 1)


def _created(rounds: int, shards: int, replicas: int) -> Row:
    with plane() as served:
        served.create_cluster("bench-model")
        copied, names = clustered(model("bench-model.0001")), (f"shards-{number}" for number in count())
        ours, floor = alternated(
            rounds,
            lambda: _ours(served, next(names), shards, replicas),
            lambda: _floor(copied, shards, replicas),
        )
    return Row(
        f"CreateReplicationGroup, {shards} shards of {1 + replicas} nodes, until `available`",
        "ms",
        ours,
        floor,
        f"{shards * (1 + replicas)} `docker run -d` at once, `redis-cli --cluster create`, until all serve",
        BAR,
    )


def _ours(served: Plane, name: str, shards: int, replicas: int) -> float:
    took = milliseconds(lambda: served.create_shards(name, shards, replicas))
    served.delete("ReplicationGroup", name)
    return took


def _floor(copied: Model, shards: int, replicas: int) -> float:
    with copies(copied, shards * (1 + replicas)) as names:
        return milliseconds(lambda: form(copied, names, replicas))

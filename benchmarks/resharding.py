"""One more shard for a group that holds data and is being used, against redis-cli on a cluster that has it already."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from benchmarks.clustering import clustered, enlarge, form, spread
from benchmarks.docker import PORT, Model, address_of, copies, model
from benchmarks.figures import Row, Summary, alternated
from benchmarks.load import CLIENTS, EVERY, KEYS, SIZE, Load, Place, fill, loaded, lost
from benchmarks.plane import Plane
from benchmarks.process import plane
from benchmarks.waiting import milliseconds

BEFORE, AFTER, REPLICAS = 3, 4, 1
BAR = 0.5
NAME = f"{BEFORE} to {AFTER} shards"


@dataclass(slots=True)
class Seen:
    """What the clients met in all rounds of one side."""

    operations: int = 0
    failures: int = 0
    lost: int = 0
    reasons: set[str] = field(default_factory=set)

    def add(self, load: Load) -> None:
        """One more round, which is over."""
        self.operations += 2 * load.rounds
        self.failures += len(load.failures)
        self.reasons |= set(load.failures)
        self.lost += lost(load.place) + lost(load.place, load.acknowledged)


def resharding(rounds: int) -> Iterator[Row]:
    """Every round has a cluster of its own, with as many keys, and clients that never pause for long."""
    ours_saw, floor_saw, moving = Seen(), Seen(), list[float]()
    names = (f"reshard-{number}" for number in count())
    with plane() as served:
        served.create_cluster("bench-model")
        copied = clustered(model("bench-model.0001"))
        ours, floor = alternated(
            rounds, lambda: _ours(served, next(names), ours_saw, moving), lambda: _floor(copied, floor_saw)
        )
    yield from _rows(ours, floor, ours_saw, floor_saw, Summary(tuple(moving[1:])))


def _rows(ours: Summary, floor: Summary, mine: Seen, theirs: Seen, moving: Summary) -> Iterator[Row]:
    load = f"{KEYS:,} keys of {SIZE} bytes, {CLIENTS} clients that read and write every {1000 * EVERY:g} ms"
    floor_is = "`redis-cli --cluster rebalance` with the empty shard there already"
    yield Row(f"{NAME}, call to `available`", "ms", ours, floor, floor_is, BAR, load)
    yield Row(f"{NAME}, from the first slots that are seen to have moved", "ms", moving)
    failed, gone = Summary((float(mine.failures),)), Summary((float(mine.lost),))
    why = f": {', '.join(sorted(mine.reasons)[:2])}" if mine.reasons else ""
    note = f"of {mine.operations:,}{why}; of {theirs.operations:,} with redis-cli {theirs.failures}"
    yield Row(f"{NAME}: operations failed", "operations", failed, bar=0.0, note=note)
    yield Row(f"{NAME}: keys lost", "keys", gone, bar=0.0, note=f"with redis-cli {theirs.lost}")


def _ours(served: Plane, name: str, seen: Seen, moving: list[float]) -> float:
    served.create_shards(name, BEFORE, REPLICAS)
    place = address_of(f"{name}-0001-001.0001"), PORT
    fill(place)
    with loaded(place) as load:
        took = milliseconds(lambda: moving.append(served.reshard(name, AFTER)))
    seen.add(load)
    served.delete("ReplicationGroup", name)
    return took


def _floor(copied: Model, seen: Seen) -> float:
    before, after = BEFORE * (1 + REPLICAS), AFTER * (1 + REPLICAS)
    with copies(copied, after) as names:
        form(copied, names[:before], REPLICAS)
        enlarge(copied, names, before)
        place: Place = copied.address(0), PORT
        fill(place)
        with loaded(place) as load:
            took = milliseconds(lambda: spread(copied, names))
        seen.add(load)
    return took

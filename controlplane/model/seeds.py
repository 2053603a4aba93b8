"""What a new cache begins with: the files of a snapshot, or objects in buckets, each of which goes to the first primary
of a shard.

Source: the ElastiCache user guide, "Restoring from a backup into a new cache" and "Seeding a new cluster with an
externally created backup".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cachewright.controlplane.model import slots
from cachewright.controlplane.model.buckets import ObjectVersion


@dataclass(frozen=True, slots=True)
class SeedFile:
    """The file of one shard of a snapshot or of a bucket, and the shard that begins with it."""

    shard: str  # of the new cache; one that is not desired leaves as soon as its slots are where they shall be
    source: str  # of the snapshot; empty for an object
    size: int  # bytes
    digest: str  # SHA-256, in hexadecimal digits; of an object it is not known
    slots: str = ""  # whose keys are in it, as AWS writes them; none with cluster mode disabled
    object: ObjectVersion | None = None  # in a bucket; None: it is a snapshot's


@dataclass(frozen=True, slots=True)
class Seed:
    """What a cache begins with. It is nothing to a cache that was available once."""

    snapshot: str  # its id; empty for objects
    name: str  # its name, or that of the first object, for people
    files: tuple[SeedFile, ...]  # of different shards


def dealt_out(held: Sequence[str], wanted: Sequence[str]) -> tuple[int, ...]:
    """Which place among the slots that shards shall serve each file begins at, so that few of the slots that it holds
    have to move; the places behind them are for files that are more than the shards. Slots are as AWS writes them.
    """
    every = [slots.parsed(text) for text in held]
    wishes = [*map(slots.parsed, wanted), *[()] * len(held)]
    free = list(range(max(len(wanted), len(held))))
    places: dict[int, int] = {}
    for number in sorted(range(len(held)), key=lambda number: -slots.size(every[number])):
        common = {place: slots.size(slots.intersection(every[number], wishes[place])) for place in free}
        places[number] = max(free, key=lambda place: (common[place], -place))
        free.remove(places[number])
    return tuple(places[number] for number in range(len(held)))

"""What a new cache begins with: the files of a snapshot, each of which goes to the first primary of a shard.

Source: the ElastiCache user guide, "Restoring from a backup into a new cache".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cachewright.controlplane.model import slots


@dataclass(frozen=True, slots=True)
class SeedFile:
    """The file of one shard of a snapshot, and the shard that begins with it."""

    shard: str  # of the new cache
    source: str  # of the snapshot
    size: int  # bytes
    digest: str  # SHA-256, in hexadecimal digits
    slots: str = ""  # whose keys are in it, as AWS writes them; none with cluster mode disabled


@dataclass(frozen=True, slots=True)
class Seed:
    """What a cache begins with. It is nothing to a cache that was available once."""

    snapshot: str  # its id
    name: str  # its name, for people
    files: tuple[SeedFile, ...]  # of different shards


def dealt_out(held: Sequence[str], wanted: Sequence[str]) -> tuple[int, ...] | None:
    """Which place among the slots that shards shall serve each file begins at, so that few of the slots that it holds
    have to move; None when there are more files than shards. Slots are as AWS writes them.
    """
    if len(held) > len(wanted):
        return None
    free = list(range(len(wanted)))
    places = []
    for own in map(slots.parsed, held):
        best = max(free, key=lambda place: (_common(own, wanted[place]), -place))
        free.remove(best)
        places.append(best)
    return tuple(places)


def _common(own: slots.Ranges, wanted: str) -> int:
    return slots.size(slots.intersection(own, slots.parsed(wanted)))

"""Hash slots: how AWS writes them, and how they are dealt out to shards."""

import itertools
import re
from binascii import crc_hqx
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

Ranges = tuple[tuple[int, int], ...]  # first and last slot of each range; in order, neither touching nor overlapping

SLOTS = 16384
EVERY: Ranges = ((0, SLOTS - 1),)
_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class SlotMove:
    """Slots that go from one shard to another."""

    source: str
    target: str
    slots: Ranges


def slot_of(tag: str) -> int:
    """The slot of a key without a hash tag, or of the hash tag of one."""
    return crc_hqx(tag.encode(), 0) % SLOTS


@lru_cache(1 << 12)
def parsed(text: str) -> Ranges:
    """The slots in a text like `0-894,3134-4443`; ValueError when it says anything else, or a slot twice."""
    ranges = [_range(part) for part in text.split(",")] if text else []
    merged = union(ranges)
    if size(merged) != size(ranges):
        raise ValueError(f"slots are given twice: {text}")
    return merged


def written(ranges: Ranges) -> str:
    """Slots as AWS writes them; empty for none."""
    return ",".join(f"{first}-{last}" if first != last else str(first) for first, last in ranges)


def size(ranges: Iterable[tuple[int, int]]) -> int:
    """How many slots these are."""
    return sum(last - first + 1 for first, last in ranges)


def union(*many: Iterable[tuple[int, int]]) -> Ranges:
    """The slots that are in any of them. The ranges may come in any order, touch and overlap."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(part for ranges in many for part in ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def intersection(some: Ranges, others: Ranges) -> Ranges:
    """The slots that are in both."""
    common, mine, theirs = list[tuple[int, int]](), list(reversed(some)), list(reversed(others))
    while mine and theirs:
        first, last = max(mine[-1][0], theirs[-1][0]), min(mine[-1][1], theirs[-1][1])
        if first <= last:
            common.append((first, last))
        (mine if mine[-1][1] == last else theirs).pop()
    return tuple(common)


def difference(some: Ranges, others: Ranges) -> Ranges:
    """The slots of `some` that are not in `others`."""
    starts = (0, *(last + 1 for _, last in others))
    ends = (*(first - 1 for first, _ in others), SLOTS - 1)
    gaps = tuple((first, last) for first, last in zip(starts, ends, strict=True) if first <= last)
    return intersection(some, gaps)


def complete(shares: Iterable[Ranges]) -> bool:
    """Whether these are all slots, and each of them once."""
    every = [part for ranges in shares for part in ranges]
    return size(every) == SLOTS and union(every) == EVERY


def split(count: int) -> tuple[Ranges, ...]:
    """All slots in equal shares; what is left over goes to the first ones, one each, as AWS does it."""
    each, left = divmod(SLOTS, count)
    starts = [number * each + min(number, left) for number in range(count + 1)]
    return tuple(((first, after - 1),) for first, after in itertools.pairwise(starts))


def rebalanced(owned: Mapping[str, Ranges], shards: Sequence[str]) -> dict[str, Ranges]:
    """Equal shares for `shards`, each 16384 / n slots or one more, so that as few slots as possible change hands.

    Shards that own slots but are not named give all of them away; named ones that own none receive some.
    """
    shares = _shares(owned, shards)
    kept = {shard: difference(owned.get(shard, ()), _surplus(owned.get(shard, ()), shares[shard])) for shard in shards}
    free = difference(EVERY, union(*kept.values()))
    for shard in shards:
        while missing := shares[shard] - size(kept[shard]):
            piece = _piece(free, kept[shard], missing)
            kept[shard], free = union(kept[shard], piece), difference(free, piece)
    return kept


def slot_moves(current: Mapping[str, Ranges], wanted: Mapping[str, Ranges]) -> tuple[SlotMove, ...]:
    """Which slots have to go where until every shard owns what is wanted. Slots that nobody owns go nowhere."""
    ways = [
        SlotMove(source, target, intersection(current[source], wanted[target]))
        for source in current
        for target in wanted
        if source != target
    ]
    return tuple(slot_move for slot_move in ways if slot_move.slots)


def _range(text: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(text)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if not first <= last < SLOTS:
        raise ValueError(f"these are no slots: {text or 'an empty range'}")
    return first, last


def _shares(owned: Mapping[str, Ranges], shards: Sequence[str]) -> dict[str, int]:
    """How many slots each shard ends with. What is left over stays with those who have it."""
    each, left = divmod(SLOTS, len(shards))
    rich = sorted(shards, key=lambda shard: size(owned.get(shard, ())) <= each)
    return {shard: each + (shard in rich[:left]) for shard in shards}


def _surplus(own: Ranges, share: int) -> Ranges:
    """What a shard gives away to keep no more than its share: its smallest ranges, and the start of the next one."""
    given: list[tuple[int, int]] = []
    surplus = size(own) - share
    for first, last in sorted(own, key=lambda part: part[1] - part[0]):
        if surplus > 0:
            given.append((first, min(last, first + surplus - 1)))
            surplus -= size(given[-1:])
    return union(given)


def _piece(free: Ranges, own: Ranges, missing: int) -> Ranges:
    """Up to `missing` free slots in one range: beside its own if it can be, else where nothing small is left over."""
    before, after = {first - 1 for first, _ in own}, {last + 1 for _, last in own}
    beside = [part for part in free if part[0] in after or part[1] in before]
    whole = [part for part in free if size([part]) == missing]
    first, last = max(beside or whole or free, key=lambda part: part[1] - part[0])
    if last in before and first not in after:
        return ((max(first, last - missing + 1), last),)
    return ((first, min(last, first + missing - 1)),)

"""The numbers by which the kernel knows connections. Pure.

To forget the connections of a mark the kernel goes through all that it knows, which takes a millisecond of its time; it
does so once for a whole block of marks. What is told at the same time often ends at the same time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

EVERY_BIT = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Block:
    """All marks that have the same bits where the mask has."""

    first: int
    mask: int = EVERY_BIT

    def has(self, mark: int) -> bool:
        """Whether a mark is one of them."""
        return mark & self.mask == self.first


class Marks:
    """No mark is given out twice. Not safe to share among threads."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> int:
        """A mark that nobody had."""
        self._last += 1
        return self._last

    def begin_together(self) -> None:
        """What comes next can be the beginning of a block."""
        self._last |= 1


def blocks_of(marks: Iterable[int]) -> Sequence[Block]:
    """These marks and no others, in as few blocks as they make: two that differ in their last bit are one."""
    left, mask, found = set(marks), EVERY_BIT, list[Block]()
    while left:
        bit = -mask & EVERY_BIT
        pairs = {mark & ~bit for mark in left if mark ^ bit in left}
        found += [Block(mark, mask) for mark in sorted(left) if mark & ~bit not in pairs]
        left, mask = pairs, mask << 1 & EVERY_BIT
    return found

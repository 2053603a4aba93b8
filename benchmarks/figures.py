"""Figures and what is said of them. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from statistics import median


@dataclass(frozen=True, slots=True)
class Summary:
    """Samples of one quantity, in the order in which they were taken; never none."""

    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        """The value in the middle."""
        return median(self.samples)

    @property
    def low(self) -> float:
        """The smallest."""
        return min(self.samples)

    @property
    def high(self) -> float:
        """The largest."""
        return max(self.samples)

    @property
    def p95(self) -> float:
        """The smallest sample that 95 of 100 do not exceed."""
        return sorted(self.samples)[ceil(0.95 * len(self.samples)) - 1]

    def over(self, floor: "Summary") -> "Summary":
        """The ratio to the floor's sample of the same round, round by round. ValueError without such pairs."""
        return Summary(tuple(ours / theirs for ours, theirs in zip(self.samples, floor.samples, strict=True)))


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. The bar is the most that the ratio to the floor may be, or the figure itself without a floor."""

    name: str
    unit: str
    ours: Summary
    floor: Summary | None = None
    floor_is: str = ""
    bar: float | None = None
    note: str = ""

    @property
    def ratio(self) -> Summary | None:
        """How many times the floor, round by round."""
        return self.ours.over(self.floor) if self.floor else None

    @property
    def met(self) -> bool | None:
        """Whether the median is within the bar; None where there is no bar."""
        judged = self.ratio or self.ours
        return None if self.bar is None else judged.median <= self.bar


def alternated(rounds: int, *takes: Callable[[], float]) -> list[Summary]:
    """Take one sample of each in turn, A B A B, so that the drift of a machine meets all alike.

    A first round warms up and does not count.
    """
    taken = [[take() for take in takes] for _ in range(rounds + 1)][1:]
    return [Summary(tuple(samples)) for samples in zip(*taken, strict=True)]


def gaps(moments: Sequence[float]) -> list[float]:
    """The spans between each moment and the next."""
    return [after - before for before, after in pairwise(moments)]


def longest_gap(moments: Sequence[float], begin: float, end: float) -> float:
    """The longest span between two neighbours among ascending `moments` that has some part in begin..end.

    ValueError when `moments` do not reach from before the begin to after the end.
    """
    if not moments or moments[0] > begin or moments[-1] < end:
        raise ValueError("the moments do not surround the span")
    around = [(a, b) for a, b in pairwise(moments) if b >= begin and a <= end]
    return max(b - a for a, b in around)

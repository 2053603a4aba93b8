"""How often something was done and how long it took, as Prometheus counts it. Pure: whoever counts keeps the value."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds


@dataclass(frozen=True, slots=True)
class Durations:
    """Counts by the bound that each is within; the last one is of those beyond all bounds."""

    counts: tuple[int, ...] = (0,) * (len(BOUNDS) + 1)
    seconds: float = 0.0  # in all

    def observed(self, seconds: float) -> "Durations":
        """With one more."""
        place = bisect_left(BOUNDS, seconds)
        counts = (*self.counts[:place], self.counts[place] + 1, *self.counts[place + 1 :])
        return Durations(counts, self.seconds + seconds)

    def cumulative(self) -> Iterator[tuple[str, int]]:
        """How many took so long at most, by bound, as Prometheus writes them."""
        total = 0
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), self.counts, strict=True):
            total += count
            yield bound, total

"""What came of the steps, and what of it must not be. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.table import Table

from benchmarks.report import number
from benchmarks.soak.steps import Kind, Step

UNREPLICATED = 1.0  # seconds: whoever was in sync has what was acknowledged before that
HEADINGS = ("What", "Times", "Longest outage", "Longest of all", "Acknowledged", "Lost", "In how many", "Oldest lost")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one step, until everything was as desired again."""

    step: Step
    outage: float  # seconds between two acknowledged writes of the same writer, the longest
    written: int
    lost: int
    oldest: float = 0.0  # seconds from the oldest write that was lost to the end of writing
    wrong: tuple[str, ...] = ()  # what was not as it has to be, in words

    def violations(self) -> Iterator[str]:
        """What of it must not be."""
        if self.lost and self.step.kind.is_planned:
            yield f"{self.lost} acknowledged writes were lost"
        elif self.oldest > UNREPLICATED:
            yield f"a write was lost that was acknowledged {self.oldest:.1f} s before the outage"
        yield from self.wrong


def table(outcomes: Sequence[Outcome]) -> Table:
    """A row for each kind of step."""
    drawn = Table(*HEADINGS)
    for kind in Kind:
        if some := [outcome for outcome in outcomes if outcome.step.kind is kind]:
            drawn.add_row(*_cells(kind, some))
    return drawn


def _cells(kind: Kind, some: Sequence[Outcome]) -> tuple[str, ...]:
    outages = sorted(outcome.outage for outcome in some)
    lost = [outcome for outcome in some if outcome.lost]
    return (
        f"{kind}, {'planned' if kind.is_planned else 'unplanned'}",
        str(len(some)),
        f"{number(1000 * outages[len(outages) // 2])} ms",
        f"{number(1000 * outages[-1])} ms",
        f"{sum(outcome.written for outcome in some):,}",
        str(sum(outcome.lost for outcome in lost)),
        str(len(lost)),
        f"{number(1000 * max(outcome.oldest for outcome in lost))} ms before it" if lost else "",
    )

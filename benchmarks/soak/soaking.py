"""One step after the other under writers, and what came of each."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from subprocess import SubprocessError

from benchmarks.soak.deeds import Scene
from benchmarks.soak.outcomes import Outcome
from benchmarks.soak.site import LIMIT, SHAPES, Site
from benchmarks.soak.steps import Step
from benchmarks.waiting import CannotMeasure, until
from benchmarks.writer import Writer

LOOK = 0.5  # seconds between two looks at everything

Say = Callable[[str], None]


@dataclass(slots=True)
class Record:
    """What was seen so far."""

    outcomes: list[Outcome] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    @property
    def is_stuck(self) -> bool:
        """Whether something never became as desired again."""
        return any(outcome.wrong for outcome in self.outcomes)

    def add(self, outcome: Outcome, say: Say) -> None:
        """One more step."""
        self.outcomes.append(outcome)
        for found in outcome.violations():
            self.complain(f"{outcome.step}: {found}", say)

    def complain(self, found: str, say: Say) -> None:
        """What must not be."""
        self.violations.append(found)
        say(f"VIOLATION: {found}")


def soak(site: Site, ways: Iterator[Step], seconds: float, record: Record, say: Say) -> None:
    """Go on for so many seconds, or until something never is as desired again."""
    with ExitStack() as stack:
        writers = [stack.enter_context(Writer(site.connected(shape))) for shape in SHAPES]
        scene, deadline = Scene(site, writers, [set() for _ in writers]), time.monotonic() + seconds
        scene.await_writes()
        while time.monotonic() < deadline:
            record.add(_stepped(scene, next(ways), say), say)
            if record.is_stuck:
                return


def _stepped(scene: Scene, step: Step, say: Say) -> Outcome:
    """Do it, and wait until everything is as desired, and what was written is read back."""
    say(str(step))
    begun, before = time.monotonic(), [len(writer.acknowledged) for writer in scene.writers]
    wrong: list[str] = []
    lost: list[list[int]] = [[] for _ in before]
    try:
        scene.do(step)
        until(scene.site.is_settled, "everything to be as desired", LOOK, LIMIT)
        scene.await_writes()
        lost = [[n for n in _lost(one) if n not in gone] for one, gone in zip(scene.writers, scene.lost, strict=True)]
    except (CannotMeasure, OSError, SubprocessError) as error:
        wrong = [str(error), *scene.site.explained()]
    for gone, more in zip(scene.lost, lost, strict=True):
        gone.update(more)
    each = [_watched(*one) for one in zip(scene.writers, before, lost, strict=True)]
    outcome = Outcome(
        step,
        max(one.outage for one in each),
        sum(one.written for one in each),
        sum(one.lost for one in each),
        max(one.oldest for one in each),
        tuple(wrong),
    )
    took = time.monotonic() - begun
    say(f"    {took:.0f} s, outage {1000 * outcome.outage:.0f} ms, {outcome.lost} of {outcome.written:,} lost")
    return outcome


@dataclass(frozen=True, slots=True)
class _Watched:
    """What a writer saw during a step; see Outcome."""

    outage: float
    written: int
    lost: int
    oldest: float


def _watched(writer: Writer, since: int, lost: list[int]) -> _Watched:
    acknowledged = writer.acknowledged[max(0, since - 1) :]
    moments = [moment for _, moment in acknowledged]
    outage, ceased = max(((after - before, before) for before, after in pairwise(moments)), default=(0.0, 0.0))
    missing = set(lost)
    oldest = min((moment for number, moment in writer.acknowledged if number in missing), default=ceased)
    return _Watched(outage, len(acknowledged) - 1, len(lost), max(0.0, ceased - oldest))


def _lost(writer: Writer) -> list[int]:
    """Which writes are not there, as soon as somebody can be asked."""
    found: list[int] = []

    def read() -> bool:
        try:
            found[:] = writer.lost()
        except CannotMeasure:
            return False
        return True

    until(read, "what was written to be read back", LOOK)
    return found

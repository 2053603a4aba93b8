"""One step after the other under writers, and what came of each."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from subprocess import SubprocessError

from benchmarks.soak.deeds import Scene
from benchmarks.soak.outcomes import Outcome
from benchmarks.soak.site import GLANCE, LIMIT, SHAPES, Site
from benchmarks.soak.steps import Step
from benchmarks.waiting import CannotMeasure, until
from benchmarks.writer import Writer

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
        scene, deadline = Scene(site, writers), time.monotonic() + seconds
        scene.await_writes()
        while time.monotonic() < deadline:
            record.add(_stepped(scene, next(ways), say), say)
            if record.is_stuck:
                return
    lost = sum(len(writer.lost()) for writer in writers)
    counted = sum(outcome.lost for outcome in record.outcomes)
    if lost != counted:
        record.complain(f"{lost} writes are lost at the end, and {counted} were after their steps", say)


def _stepped(scene: Scene, step: Step, say: Say) -> Outcome:
    """Do it, and wait until everything is as desired."""
    say(str(step))
    begun, before = time.monotonic(), [len(writer.acknowledged) for writer in scene.writers]
    wrong: list[str] = []
    try:
        scene.do(step)
        until(scene.site.is_settled, "everything to be as desired", GLANCE, LIMIT)
        scene.await_writes()
    except (CannotMeasure, OSError, SubprocessError) as error:
        wrong = [str(error), *scene.site.explained()]
    watched = [_Watched(writer, since) for writer, since in zip(scene.writers, before, strict=True)]
    outcome = Outcome(
        step,
        max(one.outage for one in watched),
        sum(one.written for one in watched),
        sum(len(one.lost) for one in watched),
        max(one.oldest for one in watched),
        tuple(wrong),
    )
    took = time.monotonic() - begun
    say(f"    {took:.0f} s, outage {1000 * outcome.outage:.0f} ms, {outcome.lost} of {outcome.written:,} lost")
    return outcome


class _Watched:
    """What a writer saw since so many of its writes."""

    def __init__(self, writer: Writer, since: int) -> None:
        acknowledged = writer.acknowledged[since - 1 :]
        moments = [moment for _, moment in acknowledged]
        gaps = [(after - before, before) for before, after in pairwise(moments)]
        self.outage, ceased = max(gaps, default=(0.0, 0.0))
        self.written = len(acknowledged) - 1
        self.lost = _lost(writer, since)
        oldest = min((moment for number, moment in acknowledged if number in self.lost), default=ceased)
        self.oldest = max(0.0, ceased - oldest)


def _lost(writer: Writer, since: int) -> Sequence[int]:
    """None where nobody answers: that is told as something else."""
    try:
        return writer.lost(since)
    except CannotMeasure:
        return ()

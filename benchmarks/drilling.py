"""A client that keeps writing through the primary endpoint of a group while the primary changes, and what it saw."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

from benchmarks.docker import GLANCE
from benchmarks.figures import Row, Summary, gaps, longest_gap
from benchmarks.plane import Plane
from benchmarks.waiting import until
from benchmarks.writer import EVERY, PATIENCE, AnyRedis, Writer, client

WRITER = f"a write every {1000 * EVERY:g} ms, socket timeout {1000 * PATIENCE:g} ms"


@dataclass(frozen=True, slots=True)
class Scene:
    """What a drill can do something to."""

    served: Plane
    group: str
    primary: str  # the cache cluster that leads


Drill = Callable[[Scene], object]


@dataclass(frozen=True, slots=True)
class Drilled:
    """What the client saw."""

    outages: tuple[float, ...]  # milliseconds between two acknowledged writes, the longest around each drill
    pauses: tuple[float, ...]  # milliseconds between two acknowledged writes, all of them
    written: int
    lost: int

    @property
    def pace(self) -> float:
        """The milliseconds between two acknowledged writes when nothing happens."""
        return median(self.pauses)

    def gap(self, drill: str, bar: float | None, note: str = "") -> Row:
        """The row of the outages."""
        usual = note or f"{self.pace:.1f} ms otherwise"
        return Row(_gap(drill), "ms", Summary(self.outages), bar=bar, note=usual)

    def tail(self, drill: str, bar: float) -> Row:
        """The row of the outage that 95 of 100 stay within."""
        worst = Summary((Summary(self.outages).p95,))
        return Row(f"{_gap(drill)}, p95", "ms", worst, bar=bar, note=f"{len(self.outages)} drills")

    def longest(self, drill: str, bar: float) -> Row:
        """The row of the outage that all stay within."""
        worst = Summary((max(self.outages),))
        return Row(f"{_gap(drill)}, longest", "ms", worst, bar=bar, note=f"{len(self.outages)} drills")

    def loss(self, drill: str, bar: float | None) -> Row:
        """The row of the lost writes."""
        lost = Summary((float(self.lost),))
        note = f"of {self.written:,} in {len(self.outages)} drills"
        return Row(f"{drill}: acknowledged writes lost", "writes", lost, bar=bar, note=note)


def together(parts: Sequence[Drilled]) -> Drilled:
    """What was seen in all of them."""
    return Drilled(
        tuple(outage for part in parts for outage in part.outages),
        tuple(pause for part in parts for pause in part.pauses),
        sum(part.written for part in parts),
        sum(part.lost for part in parts),
    )


@dataclass(frozen=True, slots=True)
class Stage:
    """A group that is available, how a client connects to it, and who leads where the client writes."""

    served: Plane
    group: str
    connected: Callable[[float], AnyRedis]
    leader: Callable[[], str]


def drilled(served: Plane, group: str, drills: Sequence[Drill]) -> Drilled:
    """Drill a group that is available, and that has a primary endpoint, again and again."""
    return watched(
        Stage(served, group, partial(client, served.primary_endpoint(group)), lambda: served.primary(group)), drills
    )


def watched(stage: Stage, drills: Sequence[Drill]) -> Drilled:
    """One drill after the other; every acknowledged write is read back at the end."""
    with Writer(stage.connected) as writer:
        spans = [_span(stage, writer, drill) for drill in drills]
    moments = writer.moments
    outages = tuple(1000 * longest_gap(moments, begin, end) for begin, end in spans)
    return Drilled(outages, tuple(1000 * gap for gap in gaps(moments)), len(moments), len(writer.lost()))


def _span(stage: Stage, writer: Writer, drill: Drill) -> tuple[float, float]:
    """The moments just before a drill and when the group is whole again; writes have been acknowledged around both."""
    old_primary = stage.leader()
    writer.await_calm()
    begin = time.monotonic()
    drill(Scene(stage.served, stage.group, old_primary))
    until(lambda: stage.leader() != old_primary, "another primary", GLANCE)
    stage.served.await_group(stage.group)
    end = time.monotonic()
    writer.await_calm()
    return begin, end


def _gap(drill: str) -> str:
    return f"{drill}: gap between two acknowledged writes"

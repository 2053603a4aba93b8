"""How long a client that keeps writing through the primary endpoint is kept waiting when the primary changes."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

from benchmarks.docker import GLANCE, container_of, docker
from benchmarks.figures import Row, Summary, gaps, longest_gap
from benchmarks.plane import Plane
from benchmarks.process import plane
from benchmarks.waiting import until
from benchmarks.writer import Writer, client

GROUP = "bench-drill"
SHARD = {"ReplicationGroupId": GROUP, "NodeGroupId": "0001"}


@dataclass(frozen=True, slots=True)
class Drilled:
    """What the client saw."""

    outages: Summary  # milliseconds between two acknowledged writes, the longest around each drill
    usual: float  # milliseconds between two acknowledged writes, the median of all
    written: int
    lost: int

    def gap(self, drill: str, bar: float | None) -> Row:
        """The row of the outages."""
        name = f"{drill}: gap between two acknowledged writes"
        return Row(name, "ms", self.outages, bar=bar, note=f"{self.usual:.1f} ms otherwise")

    def loss(self, drill: str, bar: float | None) -> Row:
        """The row of the lost writes."""
        lost = Summary((float(self.lost),))
        return Row(f"{drill}: acknowledged writes lost", "writes", lost, bar=bar, note=f"of {self.written:,}")


def failovers(rounds: int) -> Iterator[Row]:
    """TestFailover may cost no acknowledged write."""
    drilled = _drilled(rounds, lambda served, _: served.client.call("TestFailover", SHARD))
    yield drilled.gap("TestFailover", 60.0)
    yield drilled.loss("TestFailover", 0.0)


def crashes(rounds: int) -> Iterator[Row]:
    """SIGKILL for the primary may cost what it had not sent to a replica yet, as on AWS; for information."""
    drilled = _drilled(rounds, lambda _, primary: docker("kill", container_of(f"{primary}.0001")))
    yield drilled.gap("SIGKILL for the primary", None)
    yield drilled.loss("SIGKILL for the primary", None)


def _drilled(rounds: int, drill: Callable[[Plane, str], object]) -> Drilled:
    with plane() as served:
        served.create_group(GROUP)
        writing = client(*served.primary_endpoint(GROUP))
        with Writer(writing) as writer:
            spans = [_span(served, writer, drill) for _ in range(rounds)]
        moments = writer.moments
        outages = Summary(tuple(1000 * longest_gap(moments, begin, end) for begin, end in spans))
        return Drilled(outages, 1000 * median(gaps(moments)), len(moments), len(writer.lost()))


def _span(served: Plane, writer: Writer, drill: Callable[[Plane, str], object]) -> tuple[float, float]:
    """The moments just before a drill and when the group is whole again; writes have been acknowledged around both."""
    former = served.primary(GROUP)
    writer.await_calm()
    begin = time.monotonic()
    drill(served, former)
    until(lambda: served.primary(GROUP) != former, "another primary", GLANCE)
    served.await_group(GROUP)
    end = time.monotonic()
    writer.await_calm()
    return begin, end

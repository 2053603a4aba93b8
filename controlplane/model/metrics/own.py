"""What the control plane counts of itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cachewright.controlplane.model.hosts import HostSeen
from cachewright.controlplane.model.metrics.durations import Durations
from cachewright.controlplane.model.metrics.samples import Collected


@dataclass(frozen=True, slots=True)
class LoopFigures:
    """Of the loop of reconciles."""

    turns: Mapping[tuple[str, str], Durations] = field(default_factory=dict)  # by kind of key, and what came of it
    due: int = 0  # keys that wait for a worker


@dataclass(frozen=True, slots=True)
class SenderFigures:
    """Of whoever puts metrics to a CloudWatch."""

    puts: int = 0  # requests that were taken
    failures: int = 0  # that were not
    reason: str = ""  # why the last minute was not taken; empty when it was


@dataclass(frozen=True, slots=True)
class Seen:
    """All that can be told at one look."""

    nodes: Collected = field(default_factory=Collected)
    loop: LoopFigures = field(default_factory=LoopFigures)
    requests: Mapping[tuple[str, str], Durations] = field(default_factory=dict)  # by operation and code of the error
    sender: SenderFigures | None = None  # None: metrics are put nowhere
    hosts: Sequence[HostSeen] = ()


class Source(Protocol):
    """Whoever can look."""

    def __call__(self) -> Seen:
        """Look now; it takes two seconds at most. Unusable while the database cannot be read."""

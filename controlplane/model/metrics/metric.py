"""A metric of CloudWatch."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cachewright.controlplane.model.metrics.terms import Figures, Term


class Unit(StrEnum):
    """Units of CloudWatch's API; `None` is that of numbers, and of yes (1) and no (0)."""

    COUNT = "Count"
    BYTES = "Bytes"
    PERCENT = "Percent"
    SECONDS = "Seconds"
    MILLISECONDS = "Milliseconds"
    MICROSECONDS = "Microseconds"
    NONE = "None"


class Kind(StrEnum):
    """Of what time a metric tells."""

    GAUGE = "now"
    COUNTER = "counted"  # CloudWatch is told what came in a minute, Prometheus what came since the process began
    RATE = "of the last minute"  # both are told what follows from what came in a minute


class Family(StrEnum):
    """Which nodes have it."""

    HOST = "every node"
    REDIS = "Redis, Valkey"
    MEMCACHED = "Memcached"


@dataclass(frozen=True, slots=True)
class Metric:
    """A row of the table. One without a term is not derived, for the reason that it gives."""

    family: Family
    name: str
    unit: Unit
    kind: Kind = Kind.GAUGE
    term: Term | None = None
    reason: str = ""

    def value(self, now: Figures) -> float | None:
        """What it is now, or what was counted so far; None of a RATE, and where the node does not tell."""
        return self.term.value(now) if self.term and self.kind is not Kind.RATE else None

    def rate(self, between: Figures) -> float | None:
        """What follows from what was counted between two looks; None of others, and where nothing follows."""
        return self.term.value(between) if self.term and self.kind is Kind.RATE else None

    def gauge(self, now: Figures) -> float | None:
        """What it is now; None of what is counted."""
        return self.value(now) if self.kind is Kind.GAUGE else None

    def counted(self, now: Figures, between: Figures) -> float | None:
        """What CloudWatch is told of the time between two looks, the second of which is now."""
        if self.kind is Kind.RATE:
            return self.rate(between)
        return self.value(between if self.kind is Kind.COUNTER else now)


@dataclass(frozen=True, slots=True)
class Rows:
    """Makes rows of a family."""

    family: Family

    def derived(self, kind: Kind, unit: Unit, terms: Mapping[str, Term]) -> tuple[Metric, ...]:
        """Metrics that follow from figures."""
        return tuple(Metric(self.family, name, unit, kind, term) for name, term in terms.items())

    def left_out(self, unit: Unit, names: str, reason: str) -> tuple[Metric, ...]:
        """Metrics that are not derived; names with spaces between."""
        return tuple(Metric(self.family, name, unit, reason=reason) for name in names.split())

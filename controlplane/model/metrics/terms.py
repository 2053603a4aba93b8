"""How a metric follows from figures. Pure.

Figures are what a node says of itself, by name: fields of INFO and of `stats` under their own names, with the parts of
a field after a dot (`db0.expires`, `cmdstat_get.calls`), and what its machine says, see `agents.planning.host_usage`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from cachewright.controlplane.model.metrics.commands import FAMILIES

Figures = Mapping[str, float]
UPSTREAM_LAG = "upstream_lag_seconds"  # measured by whoever asks a node that copies another region


class Term(Protocol):
    """Something that can be calculated, and written down for people by `str`."""

    def value(self, figures: Figures) -> float | None:
        """None when the node does not tell what it needs."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Figures, added up and taken off."""

    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()

    def value(self, figures: Figures) -> float | None:
        """See Term."""
        try:
            return sum(figures[name] for name in self.plus) - sum(figures[name] for name in self.minus)
        except KeyError:
            return None

    def __str__(self) -> str:
        return " - ".join((" + ".join(f"`{name}`" for name in self.plus), *(f"`{name}`" for name in self.minus)))


def of(*names: str) -> Sum:
    """Some figures together."""
    return Sum(names)


@dataclass(frozen=True, slots=True)
class Total:
    """A part of all figures whose names begin alike, such as `expires` of every `db`; 0 when there is none."""

    kind: str
    part: str

    def value(self, figures: Figures) -> float | None:
        """See Term."""
        ending = f".{self.part}"
        return sum(found for name, found in figures.items() if name.endswith(ending) and name.startswith(self.kind))

    def __str__(self) -> str:
        return f"sum of every `{self.kind}*.{self.part}`"


@dataclass(frozen=True, slots=True)
class Commands:
    """A part of `commandstats`, `calls` or `usec`, of all commands of a family; 0 when none was called."""

    family: str
    part: str

    def value(self, figures: Figures) -> float | None:
        """See Term."""
        return sum(figures.get(f"cmdstat_{name}.{self.part}", 0.0) for name in FAMILIES[self.family])

    def __str__(self) -> str:
        return f"sum of `{self.part}` in `commandstats` of [these commands](#families-of-commands)"


@dataclass(frozen=True, slots=True)
class Either:
    """The first one, where the node tells it; else the other."""

    first: Term
    other: Term

    def value(self, figures: Figures) -> float | None:
        """See Term."""
        found = self.first.value(figures)
        return self.other.value(figures) if found is None else found

    def __str__(self) -> str:
        return f"{self.first}; of a build that does not tell: {self.other}"


@dataclass(frozen=True, slots=True)
class Share:
    """One divided by the other, times a factor; None where there is nothing to divide by."""

    over: Term
    under: Term
    factor: float = 1.0

    def value(self, figures: Figures) -> float | None:
        """See Term."""
        over, under = self.over.value(figures), self.under.value(figures)
        return None if over is None or not under else self.factor * over / under

    def __str__(self) -> str:
        return f"{'' if self.factor == 1.0 else f'{self.factor:g} * '}({self.over}) / ({self.under})"


@dataclass(frozen=True, slots=True)
class Where:
    """A term of those builds alone that tell a figure."""

    figure: str
    term: Term

    def value(self, figures: Figures) -> float | None:
        """See Term."""
        return self.term.value(figures) if self.figure in figures else None

    def __str__(self) -> str:
        return f"{self.term}, of builds that tell `{self.figure}`"


def since(now: Figures, before: Figures) -> Figures:
    """What has been counted between two looks. A counter that is lower than before was begun anew by a process that was
    started since: all of it is new. So is a part of a field that was not told before: engines tell of a command or an
    error from the first one on. Of any other figure that was not told before nobody knows what is new.
    """
    known = {name: (value, before.get(name, 0.0)) for name, value in now.items() if name in before or "." in name}
    return {name: value - was if value >= was else value for name, (value, was) in known.items()}

"""What of a cache could not be done, and when it is tried again. Pure.

Moments are seconds of a clock that nobody sets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cachewright.agents.planning.actions import Action, Beside, Launch
from cachewright.agents.planning.images import Job
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.polling import retry_delay

Verdict = Later | Never
Undone = Action | Job | None  # None: nothing could be decided

# What takes up something of the machine. Trying it makes news of its own (a container comes and goes), and so does a
# node that is gone for lack of it: news do not hasten it. Words to engines and to the gateway are said at every turn.
_COSTLY = Launch | Beside | Job


@dataclass(frozen=True, slots=True)
class Failure:
    """How often the same failed, one time after the other, and when it is due again."""

    count: int
    due: float


@dataclass(frozen=True, slots=True)
class Setbacks:
    """Of one cache, since it rested last, or since another spec or another gateway: `basis` names them."""

    basis: str = ""
    failures: Mapping[str, Failure] = field(default_factory=dict)
    told: frozenset[str] = frozenset()  # reasons

    def since(self, basis: str) -> "Setbacks":
        """What still counts."""
        return self if basis == self.basis else Setbacks(basis)

    def failed(self, what: Undone, verdict: Verdict, now: float, *, used: bool) -> "Setbacks":
        """One more failure; used: the cache has been available."""
        known = self.failures.get(_name(what))
        count = known.count if known else 0
        due = now + retry_delay(verdict, count, used=used)
        return replace(self, failures={**self.failures, _name(what): Failure(count + 1, due)})

    def done(self, what: Undone) -> "Setbacks":
        """It succeeded at last, if it ever failed."""
        return replace(self, failures={name: known for name, known in self.failures.items() if name != _name(what)})

    def tell(self, reason: str) -> "Setbacks":
        """A reason was told."""
        return replace(self, told=self.told | {reason})

    def pause(self, what: Undone, now: float) -> float:
        """The seconds until it may be tried again; 0 for what may be now."""
        known = self.failures.get(_name(what))
        return max(0.0, known.due - now) if known else 0.0

    def held(self, what: Undone, now: float) -> bool:
        """Whether it is not to be tried yet, whatever the news are."""
        return isinstance(what, _COSTLY) and self.pause(what, now) > 0


def _name(what: Undone) -> str:
    """Two tries of the same have the same name; a container of a node is the same whoever leads meanwhile."""
    return f"{type(what).__name__} {what.node}" if isinstance(what, Launch | Beside) else repr(what)

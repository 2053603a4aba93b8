"""The report of a drill that is under way. One thread writes it; anybody may read it at any time."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from cachewright.agents.drills.observations import Sighting
from cachewright.agents.drills.targets import Hit
from cachewright.agents.drills.traffic import Cost
from cachewright.controlplane.model.drills import Order, Outcome, Progress, Report, Step, Writes

_NEWS = {
    "detection": "the agent knows",
    "promotion": "another node leads",
    "recovery": "everything is as desired again",
}


@dataclass(slots=True, eq=False)
class Journal:
    """Writes the report down as things happen."""

    report: Report
    _begun: float = field(default_factory=time.monotonic)

    def say(self, what: str) -> None:
        """Something was done or seen."""
        step = Step(round((time.monotonic() - self._begun) * 1000, 1), what)
        self.report = replace(self.report, steps=(*self.report.steps, step))

    def compare(self, cache: str, last: Sighting, seen: Sighting) -> None:
        """Say what was not so before."""
        for name, words in _NEWS.items():
            if getattr(seen, name) is not None and getattr(last, name) is None:
                self.say(f"{cache}: {words}")

    def tell(self, outcomes: Sequence[Outcome]) -> None:
        """The numbers as they are by now."""
        self.report = replace(self.report, outcomes=tuple(outcomes))

    @property
    def begun(self) -> float:
        """When the drill began, by the clock that never goes back."""
        return self._begun

    def count(self, writes: tuple[Writes, ...]) -> None:
        """How the clients have fared, to the end."""
        self.report = replace(self.report, writes=writes)

    def end(self, progress: Progress, reason: str = "") -> None:
        """Nothing more will happen."""
        self.report = replace(self.report, progress=progress, reason=reason)


def opened(identifier: str, order: Order) -> Journal:
    """The journal of a new drill."""
    return Journal(Report(identifier, order, Progress.RUNNING))


def outcome(hit: Hit, sighting: Sighting, cost: Cost | None) -> Outcome:
    """What is known of one cache by now."""
    key = hit.cache.key
    return Outcome(
        account=key.account,
        region=key.region,
        kind=key.kind.value,
        cache=key.id,
        nodes=hit.nodes,
        detection_ms=_milliseconds(sighting.detection),
        promotion_ms=_milliseconds(sighting.promotion),
        recovery_ms=_milliseconds(sighting.recovery),
        outage_ms=_milliseconds(cost.outage) if cost else None,
        writes=cost.writes if cost else None,
        lost=cost.lost if cost else None,
    )


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)

"""What belongs to the whole installation, reconciled by the loop like any cache."""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from cachewright.agents.planning.images import Image, ImageNeed, Job
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.polling import retry_delay
from cachewright.agents.reconcile.turns import After, Jobs, Lanes, Outcome, Priority, SystemKey, Turn, Until

AT_REST = 6  # times the interval until another look at what rests: news may have been lost

Images = Mapping[ImageNeed, Image]

log = logging.getLogger(__name__)


class Singleton(Protocol):
    """The one container of a kind."""

    @property
    def needs(self) -> Sequence[ImageNeed]:
        """The images of which one is needed."""

    def ensure(self, images: Images) -> Job | None:
        """Make it as it should be; the job without which that cannot be done, Later or Never when it fails."""

    def fall_back(self, job: Job, verdict: Later | Never) -> bool:
        """A job failed; whether something else is to be tried at once."""

    @property
    def rests(self) -> bool:
        """Whether it is as it should be until there are news of its container, or it does not answer."""


@dataclass(slots=True, eq=False)
class SystemController:
    """Makes one container of the installation as it should be, and looks again now and then."""

    key: SystemKey
    singleton: Singleton
    lanes: Lanes
    jobs: Jobs
    interval: float  # seconds between two looks, of what does not rest
    recovered: Callable[[], None] = lambda: None  # it failed, and is as it should be again: so may be what others need
    _failures: dict[str, int] = field(default_factory=dict)  # why and how often, since it was as it should be
    _hurried: bool = False  # it failed, and is tried again at once

    def reconcile(self, turn: Turn) -> Outcome:
        """See Controller."""
        try:
            if isinstance(turn.memory, Future):
                outcome = self._after(turn.memory.result())
                return After(0.0) if turn.woken else outcome
            work = self.lanes.deeds(Priority.BROKEN).submit(self.singleton.ensure, self.jobs.images())
            return Until((work,), work)
        except (Later, Never) as verdict:
            return self._failed(verdict, turn.woken)

    def _after(self, missing: Job | None) -> Outcome:
        if missing:
            return self._without(missing)
        self._hurried = False
        if self._failures:
            self.recovered()
            self._failures.clear()
        return After(self.interval * (AT_REST if self.singleton.rests else 1))

    def _without(self, missing: Job) -> Outcome:
        """See to what is missing; at once again where that is done already, or something else is to be tried."""
        try:
            if missing not in self.jobs.running(self.key):
                self.jobs.request(missing, self.key)
        except (Later, Never) as verdict:
            if self.singleton.fall_back(missing, verdict):
                return After(0.0)
            raise
        return After(self.interval if missing in self.jobs.running(self.key) else 0.0)

    def _failed(self, verdict: Later | Never, woken: bool) -> Outcome:
        """News cut its pause short, but never two in a row: what fails makes news, too, when its container ends."""
        for need in self.singleton.needs:
            self.jobs.doubt(need)
        count = self._failures.get(verdict.reason, 0)
        if not count:
            log.warning("cannot keep the %s: %s", self.key, verdict.reason)
        self._failures[verdict.reason] = count + 1
        self._hurried = woken and not self._hurried
        return After(0.0) if self._hurried else After(retry_delay(verdict, count, used=True))

"""Since when the clock on the wall has shown the time that really passed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cachewright.agents.planning.nodes.moments import ALWAYS

GAP = timedelta(seconds=1)  # by which the clock on the wall may get ahead before it counts: it is adjusted all the time


@dataclass(slots=True, eq=False)
class Awake:
    """Compares two clocks: one that is set, and goes on while the machine sleeps, and one that does neither.

    Thread-safe: who comes in between may at worst see a gap where none was, and somebody is waited for once more.
    """

    clock: Callable[[], datetime]
    monotonic: Callable[[], float]  # seconds
    _ahead: timedelta = field(init=False)  # of the monotonic clock, when they were compared last
    _since: datetime = field(default=ALWAYS, init=False)

    def __post_init__(self) -> None:
        self._ahead = self._difference(self.clock())

    def since(self) -> datetime:
        """The moment until which the machine slept, or at which its clock was put forward; long ago if it never did."""
        now = self.clock()
        ahead = self._difference(now)
        if ahead - self._ahead > GAP:
            self._since = now
        self._ahead = ahead
        return self._since

    def _difference(self, now: datetime) -> timedelta:
        return now - datetime.fromtimestamp(0, UTC) - timedelta(seconds=self.monotonic())

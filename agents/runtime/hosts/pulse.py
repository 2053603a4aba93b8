"""Whether a host answers: asked again and again by a thread of its own, so that nobody else waits to find out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from time import monotonic

from cachewright.agents.planning.verdicts import Later, Never

INTERVAL = 0.2  # seconds between two questions
SILENCE = 3.0  # seconds without any answer after which a host counts as silent
SILENT = "its engine does not answer"


@dataclass(slots=True, eq=False)
class Pulse:
    """Of one host. Safe to share among threads."""

    ask: Callable[[], object]  # Later or Never within a second or two when the host does not answer
    clock: Callable[[], float] = monotonic  # seconds
    _answered: float | None = None  # when it answered last; None: nobody has asked
    _doubted: bool = False  # somebody waits for it
    _reason: str = ""  # why it did not since
    _thread: Thread | None = None
    _stop: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def begin(self) -> None:
        """Ask from now on, if nobody does yet; until then a host counts as one that answers."""
        with self._lock:
            if self._thread:
                return
            self._answered = self.clock()
            self._thread = Thread(target=self._follow, name="pulse of a host", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Ask no more."""
        self._stop.set()

    def silence(self) -> str:
        """Why the host counts as silent; empty: it answers."""
        with self._lock:
            return (self._reason or SILENT) if self._is_late() or self._doubted else ""

    def lateness(self) -> str:
        """The same of one that has not answered for so long that nobody has to wait for it to be in doubt."""
        with self._lock:
            return (self._reason or SILENT) if self._is_late() else ""

    def doubt(self, since: float) -> bool:
        """Somebody has waited for an answer since that moment: whether the host counts as silent therefore, because it
        has not answered this thread either; until it does.
        """
        with self._lock:
            self._doubted |= self._answered is not None and self._answered < since
            return self._doubted

    def look(self) -> None:
        """Ask once."""
        try:
            self.ask()
        except (Later, Never) as verdict:
            with self._lock:
                self._reason = verdict.reason
            return
        with self._lock:
            self._answered, self._doubted, self._reason = self.clock(), False, ""

    def _is_late(self) -> bool:
        return self._answered is not None and self.clock() - self._answered > SILENCE

    def _follow(self) -> None:
        while not self._stop.is_set():
            self.look()
            self._stop.wait(INTERVAL)

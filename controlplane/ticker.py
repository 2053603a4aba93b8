"""What is done again and again by the clock."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from threading import Event, Thread

from cachewright.controlplane.store.failures import Unusable, tell

GRACE = 2.0  # seconds for the thread to end

log = logging.getLogger(__name__)


class Ticker(ABC):
    """A thread of its own that looks again and again until it is stopped; a bug does not end it."""

    def __init__(self, name: str, interval: float) -> None:
        """`interval`: seconds between two looks."""
        self._interval = interval
        self._stop = Event()
        self._permitted: Callable[[], bool] = lambda: True
        self._thread = Thread(target=self._watch, name=name, daemon=True)

    @abstractmethod
    def look(self) -> None:
        """Do what is due now."""

    def only_while(self, permitted: Callable[[], bool]) -> None:
        """From now on, look only while that is so."""
        self._permitted = permitted

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        if self._thread.ident:  # it was started
            self._thread.join(GRACE)

    def _watch(self) -> None:
        while not self._stop.wait(self._interval):
            try:
                if self._permitted():
                    self.look()
            except Unusable as failure:
                tell(failure)
            except Exception:
                log.exception("cannot do what is due in %s", self._thread.name)

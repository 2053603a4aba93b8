"""Lines of the log that say the same thing again and again are written seldom."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

WINDOW = 10.0  # seconds
MOST = 10  # lines with the same sentence in that time


@dataclass(slots=True)
class _Sentence:
    begin: float
    count: int = 0


@dataclass(slots=True, eq=False)
class Seldom(logging.Filter):
    """Lets the first lines of a sentence through in each window, whatever its fields are. The first one of the next
    window tells how many were left out.
    """

    clock: Callable[[], float] = time.monotonic
    most: int = MOST
    window: float = WINDOW
    _sentences: dict[tuple[str, str], _Sentence] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line is written."""
        with self._lock:
            known, left_out = self._present((record.name, str(record.msg)))
            known.count += 1
            written = known.count <= self.most
        if left_out:
            record.msg = f"{record.msg} (and {left_out} more times before)"
        return written

    def _present(self, key: tuple[str, str]) -> tuple[_Sentence, int]:
        """The sentence in the present window, and how often it was left out in the one before."""
        now, known = self.clock(), self._sentences.get(key)
        if known and now - known.begin < self.window:
            return known, 0
        self._forget(now)
        self._sentences[key] = _Sentence(now)
        return self._sentences[key], max(known.count - self.most, 0) if known else 0

    def _forget(self, now: float) -> None:
        old = [key for key, known in self._sentences.items() if now - known.begin >= self.window]
        for key in old:
            if self._sentences[key].count <= self.most:
                del self._sentences[key]

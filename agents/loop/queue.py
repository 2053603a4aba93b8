"""Keys that are due: one worker for each key at a time, delays, and an end."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cachewright.controlplane.model.cache import Key

WORKERS = 8
GRACE = 5.0  # seconds that what is under way gets at the end; it may be cut off anywhere
AFTER_A_BUG = 5.0  # seconds until a key is tried again on which the program itself failed

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Turn:
    """What is known of one key."""

    poke: threading.Event = field(default_factory=threading.Event)
    busy: bool = False
    due: float | None = None  # on the monotonic clock; None: nothing planned


class Loop:
    """Runs `reconcile(key, poke)` for every key that is due; what it returns is the delay until the next time."""

    def __init__(self, reconcile: Callable[[Key, threading.Event], float | None]) -> None:
        self._reconcile = reconcile
        self._turns: dict[Key, _Turn] = {}
        self._queue: list[tuple[float, int, Key]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._work, name=f"reconcile-{n}", daemon=True) for n in range(WORKERS)
        ]

    def start(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let what is under way come to a good point, and end."""
        with self._changed:
            self._stopping = True
            for turn in self._turns.values():
                turn.poke.set()
            self._changed.notify_all()
        deadline = time.monotonic() + GRACE
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def poke(self, keys: Iterable[Key]) -> None:
        """There is a reason to look at these keys now."""
        with self._changed:
            for key in keys:
                turn = self._turns.setdefault(key, _Turn())
                turn.poke.set()
                if not turn.busy:
                    self._plan(key, turn, time.monotonic())

    def _plan(self, key: Key, turn: _Turn, due: float) -> None:
        if turn.due is None or due < turn.due:
            turn.due = due
            heapq.heappush(self._queue, (due, next(self._numbers), key))
            self._changed.notify()

    def _work(self) -> None:
        while taken := self._take():
            key, turn = taken
            delay = self._try(key, turn)
            with self._changed:
                turn.busy = False
                if turn.poke.is_set():
                    delay = 0.0
                if delay is not None:
                    self._plan(key, turn, time.monotonic() + delay)
                else:
                    del self._turns[key]

    def _try(self, key: Key, turn: _Turn) -> float | None:
        turn.poke.clear()
        try:
            return self._reconcile(key, turn.poke)
        except Exception:
            log.exception("cannot reconcile %s: a bug in Cachewright", key)
            return AFTER_A_BUG

    def _take(self) -> tuple[Key, _Turn] | None:
        """The next key that is due and that nobody works on; None when it is time to stop."""
        with self._changed:
            while not self._stopping:
                wait = self._queue[0][0] - time.monotonic() if self._queue else None
                if wait is not None and wait <= 0:
                    due, _, key = heapq.heappop(self._queue)
                    turn = self._turns.get(key)
                    if turn and not turn.busy and turn.due == due:
                        turn.busy, turn.due = True, None
                        return key, turn
                else:
                    self._changed.wait(wait)
            return None

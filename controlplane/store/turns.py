"""Who of this process writes next."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

LULL = 0.02  # seconds after an urgent turn in which only others that are urgent follow


class WriteTurns:
    """One writes at a time: what is urgent goes first, and of equals who came first.

    The database lets one in at a time as well, but SQLite's waiters sleep in between, and whoever comes at the right
    moment overtakes them: with many writers some wait for seconds.

    Who repairs something writes again a few milliseconds later, and needs the processor in between. So others wait
    for a moment after every urgent turn, each of them once.
    """

    def __init__(self, patience: float) -> None:
        """`patience`: seconds that one waits for its turn."""
        self._patience = patience
        self._lock = threading.Lock()
        self._busy = False
        self._calm_from = 0.0
        self._waiting: dict[bool, deque[threading.Event]] = {True: deque(), False: deque()}

    @property
    def waiting(self) -> int:
        """How many wait."""
        with self._lock:
            return sum(map(len, self._waiting.values()))

    @contextmanager
    def turn(self, *, urgent: bool) -> Iterator[None]:
        """Wait for one's turn, and have it for the block. TimeoutError when the patience is over."""
        if not urgent and (lull := self._calm_from - time.monotonic()) > 0:
            time.sleep(lull)
        self._enter(urgent)
        try:
            yield
        finally:
            if urgent:
                self._calm_from = time.monotonic() + LULL
            self._pass_on()

    def _enter(self, urgent: bool) -> None:
        with self._lock:
            if not self._busy:
                self._busy = True
                return
            called = threading.Event()
            self._waiting[urgent].append(called)
        if called.wait(self._patience):
            return
        with self._lock:
            if called.is_set():
                return  # at the last moment
            self._waiting[urgent].remove(called)
        raise TimeoutError(f"others have been writing for {self._patience:g} seconds")

    def _pass_on(self) -> None:
        with self._lock:
            waiting = self._waiting[True] or self._waiting[False]
            if waiting:
                waiting.popleft().set()
            else:
                self._busy = False

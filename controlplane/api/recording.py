"""The requests of the last minutes, for people who look: in memory, and no more than a fixed number of them."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count
from threading import Lock

from cachewright.controlplane.api.common.context import Answer, Caller, Params
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.requests import Request, shortened, shown

KEPT = 500


class RecordedRequests:
    """Answers as `dispatch` does, and remembers. Safe to share among threads."""

    def __init__(
        self,
        dispatch: Callable[[str, Params, Caller], Answer],
        clock: Callable[[], datetime],
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._dispatch, self._clock, self._stopwatch = dispatch, clock, stopwatch
        self._followers: tuple[Callable[[], None], ...] = ()
        self._numbers, self._lock = count(1), Lock()
        self._kept: deque[Request] = deque(maxlen=KEPT)

    def __call__(self, operation: str, params: Params, caller: Caller) -> Answer:
        """See `Dispatch`."""
        begun, error, message = self._stopwatch(), "InternalFailure", ""
        try:
            answer = self._dispatch(operation, params, caller)
            error = ""
            return answer
        except Fault as fault:
            error, message = fault.shape, shortened(fault.message)
            raise
        finally:
            took = 1000 * (self._stopwatch() - begun)
            self._remember(caller, (operation, shown(params), error, message), took)

    def follow(self, follower: Callable[[], None]) -> None:
        """From now on, call `follower` after every request, in the thread that answered it: nothing slow."""
        self._followers = (*self._followers, follower)

    @property
    def requests(self) -> Sequence[Request]:
        """Those that are kept, from the oldest to the newest."""
        with self._lock:
            return tuple(self._kept)

    def _remember(self, caller: Caller, what: tuple[str, str, str, str], milliseconds: float) -> None:
        key = getattr(caller, "key", "")  # an operation may be asked for by others than clients of the wire
        with self._lock:
            who = (self._clock(), caller.account, caller.region, key)
            self._kept.append(Request(next(self._numbers), *who, *what, milliseconds))
        for follower in self._followers:
            follower()

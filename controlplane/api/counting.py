"""How many requests there were, with what they were refused, and how long they took."""

import time
from collections.abc import Callable, Mapping
from threading import Lock

from cachewright.controlplane.api.common.context import Answer, Caller, Params
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.metrics.durations import Durations


class CountedRequests:
    """Answers as `dispatch` does, and counts. Safe to share among threads."""

    def __init__(
        self, dispatch: Callable[[str, Params, Caller], Answer], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._dispatch, self._clock = dispatch, clock
        self._requests: dict[tuple[str, str], Durations] = {}
        self._lock = Lock()

    def __call__(self, operation: str, params: Params, caller: Caller) -> Answer:
        """See `Dispatch`."""
        begun, error = self._clock(), "InternalFailure"
        try:
            answer = self._dispatch(operation, params, caller)
            error = ""
            return answer
        except Fault as fault:
            error = fault.shape
            raise
        finally:
            self._count((operation, error), self._clock() - begun)

    @property
    def requests(self) -> Mapping[tuple[str, str], Durations]:
        """By operation and the shape of the error, which is empty for what was done."""
        with self._lock:
            return dict(self._requests)

    def _count(self, what: tuple[str, str], seconds: float) -> None:
        with self._lock:
            self._requests[what] = self._requests.get(what, Durations()).observed(seconds)

"""How many turns there were, what came of them, and how long they took."""

import time
from collections.abc import Callable, Mapping
from threading import Lock

from cachewright.agents.loop.lanes import Closed
from cachewright.agents.reconcile.turns import After, Outcome, Rest, SystemKey, Turn
from cachewright.controlplane.model.metrics.durations import Durations
from cachewright.controlplane.model.snapshots import SnapshotKey


class CountedTurns:
    """Does with each turn what `reconcile` does, and counts it. Safe to share among threads."""

    def __init__(self, reconcile: Callable[[Turn], Outcome], clock: Callable[[], float] = time.monotonic) -> None:
        self._reconcile, self._clock = reconcile, clock
        self._turns: dict[tuple[str, str], Durations] = {}
        self._lock = Lock()

    def __call__(self, turn: Turn) -> Outcome:
        """See `reconcile`."""
        begun, result = self._clock(), "failed"
        try:
            outcome = self._reconcile(turn)
            result = _result(outcome)
            return outcome
        except Closed:
            result = "rests"
            raise
        finally:
            self._count((_kind(turn), result), self._clock() - begun)

    @property
    def turns(self) -> Mapping[tuple[str, str], Durations]:
        """By kind of key and result: `rests`, `waits` for something that is done meanwhile, comes `again` after a
        moment, or `failed` by a bug.
        """
        with self._lock:
            return dict(self._turns)

    def _count(self, what: tuple[str, str], seconds: float) -> None:
        with self._lock:
            self._turns[what] = self._turns.get(what, Durations()).observed(seconds)


def _kind(turn: Turn) -> str:
    if isinstance(turn.key, SystemKey):
        return turn.key.value
    return "snapshot" if isinstance(turn.key, SnapshotKey) else turn.key.kind.value


def _result(outcome: Outcome) -> str:
    if isinstance(outcome, Rest):
        return "rests"
    return "again" if isinstance(outcome, After) else "waits"

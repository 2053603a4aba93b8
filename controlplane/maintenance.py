"""Maintenance windows: what waits is done when a cache's window opens, or when somebody opens it by hand."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cachewright.controlplane.api.common import pending_changes
from cachewright.controlplane.model.cache import Cache, Key
from cachewright.controlplane.model.drills import Unfit
from cachewright.controlplane.model.lifecycle import SNAPSHOTTING, Phase
from cachewright.controlplane.model.pending import words
from cachewright.controlplane.model.windows import Opened, due
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.saving import with_saving
from cachewright.controlplane.store.transaction import Transaction
from cachewright.controlplane.targets import meant
from cachewright.controlplane.ticker import Ticker

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Look:
    window: str
    moment: datetime | None  # None: whatever it opens for is still to be done


class Maintenance(Ticker):
    """Looks at the clock until it is stopped. What is asked for while a window is open waits for the next one."""

    def __init__(self, store: Store, clock: Callable[[], datetime], interval: float) -> None:
        super().__init__("maintenance", interval)
        self._store, self._clock = store, clock
        self._looks: dict[Key, _Look] = {}  # of caches for which something waits
        self._last: datetime | None = None

    def look(self) -> None:
        """Do what waits wherever a window has opened since the last look. A busy cache is done when it is not any more,
        if its window is still open then.
        """
        now = self._clock()
        with self._store.read() as transaction:
            caches = transaction.caches.waiting()
        self._looks = {cache.key: self._looked_at(cache, now) for cache in caches}
        self._last = now

    def run(self, target: str, account: str) -> Opened:
        """Open the window of a cache cluster or a group now. NoSuchTarget; Unreadable; Unfit when it is busy, or is not
        the only one of that name.
        """
        with self._store.write() as transaction:
            cache = meant(transaction, target, account)
            saved = cache.phase is Phase.AVAILABLE and bool(cache.saving.clusters)
            state = SNAPSHOTTING if saved else cache.phase.value
            if state != Phase.AVAILABLE:
                raise Unfit(f"cannot open the maintenance window of {target}: it is {state}")
            if pending_changes.can_be_done(cache):
                _do(transaction, cache, self._clock())
        return Opened(cache.key.id, words(cache.spec.pending))

    def _looked_at(self, cache: Cache, now: datetime) -> _Look:
        window, known = cache.spec.schedule.maintenance_window, self._looks.get(cache.key)
        last = self._last
        if known:
            last = known.moment if known.window == window else None
        if due(window, now, last) and not self._done(cache.key, now):
            return _Look(window, last)
        return _Look(window, now)

    def _done(self, key: Key, now: datetime) -> bool:
        with self._store.write() as transaction:
            cache = transaction.caches.get(key, lock=True)
            if cache is None or not pending_changes.can_be_done(with_saving(transaction, cache)):
                return False
            _do(transaction, cache, now)
        return True


def _do(transaction: Transaction, cache: Cache, now: datetime) -> None:
    done = pending_changes.done(cache, "in the maintenance window")
    transaction.caches.write_spec(cache, done.spec)
    transaction.events.add(cache.key.account, cache.key.region, done.events, now, cache.key)

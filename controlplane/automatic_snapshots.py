"""Automatic snapshots: the day's is taken in the window of a cache, or at once when somebody asks for it, and removed
when its days are over.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.api.snapshots.delete import DELETABLE, end
from cachewright.controlplane.api.snapshots.lookup import status_of
from cachewright.controlplane.api.snapshots.taking import take_automatic
from cachewright.controlplane.model.automatic import (
    Daily,
    Seen,
    due,
    has_snapshots,
    life_of,
    over,
    source_of,
    state,
    work,
)
from cachewright.controlplane.model.cache import Cache, Key
from cachewright.controlplane.model.drills import NoSuchTarget, Unfit
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.snapshots import Snapshot, SnapshotKey
from cachewright.controlplane.model.windows import Randomness
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.documents import Unreadable
from cachewright.controlplane.store.saving import all_with_saving, with_saving
from cachewright.controlplane.store.transaction import Transaction
from cachewright.controlplane.targets import meant
from cachewright.controlplane.ticker import Ticker

INTERVAL = 60.0  # seconds between two looks at the clock: the shortest window is an hour long

log = logging.getLogger(__name__)


class AutomaticSnapshots(Ticker):
    """Looks at the clock once a minute until it is stopped."""

    def __init__(self, store: Store, clock: Callable[[], datetime], random: Randomness) -> None:
        super().__init__("automatic-snapshots", INTERVAL)
        self._store, self._clock, self._random = store, clock, random

    def look(self) -> None:
        """Ask for what is due, and for the end of what is over. Each is written by itself: one that cannot be holds up
        no other.
        """
        now = self._clock()
        with self._store.read() as transaction:
            found = work(_seen(transaction), now)
        for cache in found.take:
            with _alone(cache):
                self._take(cache, now)
        for snapshot in found.remove:
            with _alone(snapshot):
                self._remove(snapshot, now)

    def run(self, target: str, account: str) -> Daily:
        """Ask for the day's snapshot of a cache cluster or a group now. NoSuchTarget; Unreadable; Unfit when it has
        none, is busy, or is not the only one of that name.
        """
        with self._store.write() as transaction:
            cache = meant(transaction, target, account)
            _check(cache)
            try:
                snapshot = take_automatic(self._context(transaction, cache.key, self._clock()), cache)
            except Fault as fault:
                raise Unfit(f"cannot take the day's snapshot of {cache.key.id}: {fault.message}") from fault
        return _daily(SnapshotKey(cache.key.account, cache.key.region, snapshot.name, snapshot.serverless), snapshot)

    def report(self, key: SnapshotKey) -> Daily:
        """A snapshot as far as it is; NoSuchTarget when there is none of that name."""
        with self._store.read() as transaction:
            found = (transaction.snapshots.get(replace(key, serverless=each)) for each in (False, True))
            snapshot = next((each for each in found if each), None)
        if snapshot is None:
            raise NoSuchTarget(f"cannot find {key.name}: no snapshot has that name")
        return _daily(key, snapshot)

    def _take(self, key: Key, now: datetime) -> None:
        with self._store.write() as transaction:
            cache = transaction.caches.get(key, lock=True)
            if cache is None:
                return
            last = transaction.snapshots_taken.last_automatic().get(life_of(cache))
            cache = with_saving(transaction, cache)
            if due(cache, last, now):
                take_automatic(self._context(transaction, key, now), cache)

    def _remove(self, key: SnapshotKey, now: datetime) -> None:
        """What a cache is made of just now, or another snapshot, is removed another time."""
        with self._store.write() as transaction:
            snapshot = transaction.snapshots.get(key)
            if snapshot is None or not over(key, snapshot, _seen(transaction), now):
                return
            context = self._context(transaction, key, now)
            if status_of(context, snapshot) in DELETABLE:
                end(context, snapshot)

    def _context(self, transaction: Transaction, key: Key | SnapshotKey, now: datetime) -> Context:
        """What a handler would have of a request about that."""
        return Context(transaction, key, now, self._random, ())


def _seen(transaction: Transaction) -> Seen:
    caches = all_with_saving(transaction, transaction.caches.all())
    return Seen(
        frozenset(transaction.caches.keys()),
        {cache.key: cache for cache in caches},
        transaction.snapshots.automated(),
        transaction.snapshots_taken.last_automatic(),
    )


@contextmanager
def _alone(key: Key | SnapshotKey) -> Iterator[None]:
    """What cannot be done of one is told, and holds up no other."""
    try:
        yield
    except (Unreadable, Fault) as reason:
        log.warning("cannot see to the automatic snapshots of %s: %s", key, reason)


def _check(cache: Cache) -> None:
    """Unfit when no snapshot of a cache is taken automatically, or none can be now."""
    what = f"cannot take the day's snapshot of {cache.key.id}"
    if not has_snapshots(cache):
        raise Unfit(f"{what}: clusters of Memcached have no snapshots")
    if not cache.spec.schedule.snapshot_retention_limit:
        raise Unfit(f"{what}: its SnapshotRetentionLimit is 0, so that none is taken of it automatically")
    if (found := state(cache)) != Phase.AVAILABLE:
        raise Unfit(f"{what}: {source_of(cache) or cache.key.id} is {found}")


def _daily(key: SnapshotKey, snapshot: Snapshot) -> Daily:
    return Daily(key.account, key.region, key.name, snapshot.status, snapshot.failure)

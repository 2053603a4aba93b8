"""Caches with what is told of them beside their own rows: snapshots that are under way, deliveries of logs, and what
cannot be written.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from cachewright.controlplane.model.cache import Cache, Key, Saving
from cachewright.controlplane.model.log_delivery import Delivery, LogType
from cachewright.controlplane.model.snapshots import Snapshot
from cachewright.controlplane.store.transaction import Transaction

_NOTHING = Saving()


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the rows of caches."""

    unwritten: Mapping[Key, str]
    deliveries: Mapping[str, Mapping[LogType, Delivery]]  # by incarnation
    under_way: Mapping[str, Collection[Snapshot]]  # by incarnation

    def of(self, cache: Cache) -> Cache:
        """A cache that knows it; the very same where it knows it already."""
        snapshots = self.under_way.get(cache.incarnation)
        unwritten = self.unwritten.get(cache.key, "") if self.unwritten else ""
        deliveries = self.deliveries.get(cache.incarnation, {})
        saving = _saving(cache, snapshots) if snapshots else _NOTHING
        if (cache.unwritten, cache.deliveries, cache.saving) == (unwritten, deliveries, saving):
            return cache
        return replace(cache, unwritten=unwritten, deliveries=deliveries, saving=saving)


def beside(transaction: Transaction, caches: Collection[Cache] | None = None) -> Beside:
    """What stands beside the rows of some caches; None: of all."""
    under_way: dict[str, list[Snapshot]] = {}
    for snapshot in _creating(transaction, caches):
        if snapshot.under_way:
            under_way.setdefault(snapshot.incarnation, []).append(snapshot)
    incarnations = None if caches is None else [cache.incarnation for cache in caches]
    return Beside(transaction.unwritten, transaction.log_deliveries.of(incarnations), under_way)


def _creating(transaction: Transaction, caches: Collection[Cache] | None) -> list[Snapshot]:
    if caches is None:
        return transaction.snapshots.all_creating()
    places = {(cache.key.account, cache.key.region) for cache in caches}
    return [snapshot for place in places for snapshot in transaction.snapshots.creating(*place)]


def with_saving(transaction: Transaction, cache: Cache) -> Cache:
    """A cache that knows what is being saved of it, and how its logs are delivered."""
    return beside(transaction, [cache]).of(cache)


def all_with_saving(transaction: Transaction, caches: Iterable[Cache]) -> list[Cache]:
    """Caches, each of which knows what is being saved of it, and how its logs are delivered."""
    read = list(caches)
    told = beside(transaction, read)
    return [told.of(cache) for cache in read]


def _saving(cache: Cache, under_way: Iterable[Snapshot]) -> Saving:
    own = [each for each in under_way if each.is_of(cache)]
    clusters = frozenset(node.cluster for snapshot in own for node in snapshot.nodes)
    leaving = frozenset(snapshot.cluster for snapshot in own if snapshot.leaves)
    return Saving(clusters, final=any(snapshot.final for snapshot in own), leaving=leaving)

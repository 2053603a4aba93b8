"""Caches with what is told of them beside their own rows: snapshots that are under way, and deliveries of logs."""

from collections.abc import Iterable
from dataclasses import replace

from cachewright.controlplane.model.cache import Cache, Saving
from cachewright.controlplane.model.snapshots import Snapshot
from cachewright.controlplane.store.database import Transaction


def with_saving(transaction: Transaction, cache: Cache) -> Cache:
    """A cache that knows what is being saved of it, and how its logs are delivered."""
    (known,) = all_with_saving(transaction, [cache])
    return known


def all_with_saving(transaction: Transaction, caches: Iterable[Cache]) -> list[Cache]:
    """Caches, each of which knows what is being saved of it, and how its logs are delivered."""
    read = list(caches)
    deliveries = transaction.log_deliveries.of([cache.incarnation for cache in read])
    caches = [replace(cache, deliveries=deliveries.get(cache.incarnation, {})) for cache in read]
    places = {(cache.key.account, cache.key.region) for cache in caches}
    creating = [snapshot for place in places for snapshot in transaction.snapshots.creating(*place)]
    under_way = [snapshot for snapshot in creating if snapshot.under_way]
    return [replace(cache, saving=_saving(cache, under_way)) for cache in caches] if under_way else caches


def _saving(cache: Cache, under_way: Iterable[Snapshot]) -> Saving:
    own = [each for each in under_way if each.is_of(cache)]
    clusters = frozenset(node.cluster for snapshot in own for node in snapshot.nodes)
    leaving = frozenset(snapshot.cluster for snapshot in own if snapshot.leaves)
    return Saving(clusters, final=any(snapshot.final for snapshot in own), leaving=leaving)

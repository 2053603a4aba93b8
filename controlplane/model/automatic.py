"""Automatic snapshots: of which caches one is due now, and which are kept no longer. Pure.

Source: the ElastiCache user guide, "Scheduling automatic backups" and "Deleting a backup".
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cachewright.controlplane.model.cache import Cache, Key, Kind
from cachewright.controlplane.model.described import cluster_status, group_status
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.snapshots import Snapshot, SnapshotKey, SnapshotSource, SnapshotStatus
from cachewright.controlplane.model.windows import snapshot_opening

USUAL_TIME = "03:00"  # of the day's snapshot of a serverless cache that was given none; AWS says nothing of its own
_ENDED = frozenset({SnapshotStatus.AVAILABLE, SnapshotStatus.FAILED})


Life = tuple[str, str, str]  # of a cache: account, region, incarnation


@dataclass(frozen=True, slots=True)
class Seen:
    """What is written down at a moment."""

    names: Set[Key]  # of all caches
    caches: Mapping[Key, Cache]  # those that can be read
    snapshots: Mapping[SnapshotKey, Snapshot]
    last: Mapping[Life, datetime]  # when the last automatic one of a cache was begun; those of 24 hours are enough


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done."""

    take: tuple[Key, ...] = ()  # of these caches
    remove: tuple[SnapshotKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Daily:
    """An automatic snapshot that was asked for by hand, as far as it is."""

    account: str
    region: str
    name: str
    status: SnapshotStatus
    failure: str = ""  # why it could not be taken, in words


def work(seen: Seen, now: datetime) -> Work:
    """What is to be done at a moment."""
    take = (key for key, cache in seen.caches.items() if due(cache, seen.last.get(life_of(cache)), now))
    remove = (key for key, snapshot in seen.snapshots.items() if over(key, snapshot, seen, now))
    return Work(tuple(take), tuple(remove))


def due(cache: Cache, last: datetime | None, now: datetime) -> bool:
    """Whether one is to be taken: in the window, of a cache that is available, and not twice. A day is one of UTC, and
    one window that reaches over midnight.
    """
    schedule = cache.spec.schedule
    opened = snapshot_opening(window_of(cache), now)
    if not has_snapshots(cache) or not schedule.snapshot_retention_limit:
        return False
    if opened is None or state(cache) != Phase.AVAILABLE:
        return False
    return last is None or (last < opened and last.astimezone(UTC).date() != now.astimezone(UTC).date())


def has_snapshots(cache: Cache) -> bool:
    """Whether AWS takes any of such a cache: not of clusters of Memcached."""
    return cache.spec.replicates or cache.spec.serverless


def window_of(cache: Cache) -> str:
    """When the day's snapshot is taken: of a serverless cache from a time of the day on, for an hour."""
    schedule = cache.spec.schedule
    if cache.key.kind is not Kind.SERVERLESS_CACHE:
        return schedule.snapshot_window
    begin = schedule.daily_snapshot_time or USUAL_TIME
    hour, minute = begin.split(":")
    return f"{begin}-{(int(hour) + 1) % 24:02}:{minute}"


def over(key: SnapshotKey, snapshot: Snapshot, seen: Seen, now: datetime) -> bool:
    """Whether a snapshot is kept no longer: it was taken automatically, and its days are over or its cache is gone.
    Those that there are when snapshots are turned off are kept as long as was promised when they were taken.
    """
    if snapshot.source is not SnapshotSource.AUTOMATED or snapshot.status not in _ENDED or snapshot.export:
        return False
    if cache := _cache_of(key, snapshot, seen):
        days = cache.spec.schedule.snapshot_retention_limit or snapshot.settings.snapshot_retention_limit
        return now >= snapshot.asked_at + timedelta(days=days)
    source = snapshot.source_key(key)
    return source in seen.caches or source not in seen.names


def life_of(cache: Cache) -> Life:
    """What tells a cache from every other one that there ever is."""
    return cache.key.account, cache.key.region, cache.incarnation


def source_of(cache: Cache) -> str:
    """The cache cluster that one is taken of; empty for all shards of a group in cluster mode, and for a serverless
    cache.
    """
    whole = cache.spec.clustered or cache.spec.serverless
    return "" if whole else cache.spec.schedule.snapshotting_cluster_id or cache.spec.nodes[-1].cluster


def name_of(cache: Cache, now: datetime) -> str:
    """What AWS calls one that is begun now."""
    return f"automatic.{source_of(cache) or cache.key.id}-{now.astimezone(UTC):%Y-%m-%d-%H-%M}"


def state(cache: Cache) -> str:
    """AWS's status of what one is taken of; of a cluster that is still to come, that of its group."""
    cluster = source_of(cache)
    own = tuple(node for node in cache.nodes if node.cluster == cluster)
    return cluster_status(cache, own) if own else group_status(cache)


def _cache_of(key: SnapshotKey, snapshot: Snapshot, seen: Seen) -> Cache | None:
    """The cache that a snapshot is of, or the one that was made out of that."""
    for cache in seen.caches.values():
        lives = {cache.incarnation, *(origin.incarnation for origin in cache.spec.origins)}
        here = (cache.key.account, cache.key.region) == (key.account, key.region)
        if here and snapshot.incarnation in lives and not cache.deleting:
            return cache
    return None

"""The record of a snapshot that is to be taken: asked for by itself, or as the last thing that is kept of a cache."""

from datetime import timedelta

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.api.common.records import add_record
from cachewright.controlplane.api.common.schedule import WITHOUT_SNAPSHOTS
from cachewright.controlplane.api.snapshots.lookup import every_snapshot
from cachewright.controlplane.api.snapshots.sources import node_snapshots, settings_of
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.described import node_type_shown
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.nouns import SNAPSHOT, cluster_of, resource_of
from cachewright.controlplane.model.quotas import SNAPSHOTS
from cachewright.controlplane.model.snapshots import Snapshot, SnapshotSource, SnapshotStatus
from cachewright.controlplane.model.tags import Tags
from cachewright.controlplane.store.saving import with_saving

DAY = timedelta(hours=24)


def check_supported(cache: Cache) -> None:
    """Fault for caches of which AWS takes no snapshots."""
    if not cache.spec.replicates:
        raise _unsupported("engine memcached")
    if node_type_shown(cache) == WITHOUT_SNAPSHOTS:
        raise _unsupported(f"node type {WITHOUT_SNAPSHOTS}")


def new_id(context: Context) -> str:
    """The id of a new snapshot, which nobody can guess from its name."""
    return f"{context.random.randrange(16**32):032x}"


def take(context: Context, name: str, cache: Cache, cluster: str, tags: Tags = (), *, final: bool = False) -> Snapshot:
    """Write down that a snapshot of a cache is to be taken, of one `cluster` of it unless that is empty. Without tags
    of its own it has those of its source. Faults: the quota, a name that is taken.
    """
    _check_quota(context, cache, cluster)
    snapshot = Snapshot(
        name,
        new_id(context),
        SnapshotStatus.CREATING,
        SnapshotSource.MANUAL,
        cache.key.kind,
        cache.key.id,
        cache.incarnation,
        context.now,
        settings_of(context, cache, cluster),
        node_snapshots(cache, cluster, final=final),
        cluster=cluster,
        final=final,
    )
    source = cluster_of(cache.key, cluster) if cluster else resource_of(cache.key)
    add_record(context, SNAPSHOT, name, snapshot, tags or context.transaction.tags.of(source))
    return snapshot


def take_final(context: Context, wanted: str, cache: Cache, cluster: str) -> Cache:
    """Write down that a cache ends with a last snapshot; the cache as it is from now on: it stays until that is safe.
    Faults: as `take`, and a name that is none.
    """
    take(context, SNAPSHOT.checked_id(wanted), cache, cluster, final=True)
    return with_saving(context.transaction, cache)


def _check_quota(context: Context, cache: Cache, cluster: str) -> None:
    taken = [
        each
        for each in every_snapshot(context)
        if (each.is_of(cache) and each.cluster == cluster)
        and each.source is SnapshotSource.MANUAL
        and not each.copied_from
        and each.asked_at > context.now - DAY
    ]
    context.quotas.check(SNAPSHOTS, len(taken) + 1)


def _unsupported(what: str) -> Fault:
    return Fault("SnapshotFeatureNotSupportedFault", f"Snapshots are not supported for {what}.")

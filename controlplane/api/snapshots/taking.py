"""The record of a snapshot that is to be taken: asked for by itself, as the last thing that is kept of a cache, or once
a day.
"""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.api.common.records import add_record
from cachewright.controlplane.api.common.schedule import WITHOUT_SNAPSHOTS
from cachewright.controlplane.api.snapshots.sources import node_snapshots, settings_of
from cachewright.controlplane.model.automatic import name_of, source_of
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.described import node_type_shown
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.nouns import cluster_of, resource_of, snapshot_noun
from cachewright.controlplane.model.quotas import SERVERLESS_SNAPSHOTS, SNAPSHOTS
from cachewright.controlplane.model.snapshots import Snapshot, SnapshotSource, SnapshotStatus
from cachewright.controlplane.model.tags import Tags
from cachewright.controlplane.store.saving import with_saving


def check_supported(cache: Cache) -> None:
    """Fault for caches of which AWS takes no snapshots."""
    if not cache.spec.replicates:
        raise _unsupported("engine memcached")
    if node_type_shown(cache) == WITHOUT_SNAPSHOTS:
        raise _unsupported(f"node type {WITHOUT_SNAPSHOTS}")


def new_id(context: Context) -> str:
    """The id of a new snapshot, which nobody can guess from its name."""
    return f"{context.random.randrange(16**32):032x}"


def take(context: Context, name: str, cache: Cache, cluster: str, tags: Tags, kms_key: str = "") -> Snapshot:
    """Write down that a snapshot of a cache is to be taken, of one `cluster` of it unless that is empty. Without a key
    of its own it has that of its source, and without tags those, unless that is serverless. Faults: the quota, a name
    that is taken.
    """
    _check_quota(context, cache, cluster)
    snapshot = _snapshot(context, name, cache, cluster)
    return _begun(context, cache, snapshot.sealed_with(kms_key) if kms_key else snapshot, tags)


def take_final(context: Context, wanted: str, cache: Cache, cluster: str, *, leaves: bool = False) -> Cache:
    """Write down that a cache, or only the member `cluster` that `leaves` it, ends with a last snapshot; the cache as
    it is from now on: nothing goes until that is safe. Faults: as `take`, and a name that is none.
    """
    _check_quota(context, cache, cluster)
    name = snapshot_noun(serverless=cache.key.kind is Kind.SERVERLESS_CACHE).checked_id(wanted)
    snapshot = _snapshot(context, name, cache, cluster, final=not leaves)
    _begun(context, cache, replace(snapshot, leaves=leaves), ())
    return with_saving(context.transaction, cache)


def take_automatic(context: Context, cache: Cache) -> Snapshot:
    """Write down that the day's snapshot of a cache is to be taken. Fault when there is one of this minute."""
    snapshot = _snapshot(context, name_of(cache, context.now), cache, source_of(cache))
    tags = () if snapshot.serverless else context.transaction.tags.of(resource_of(cache.key))
    return _begun(context, cache, replace(snapshot, source=SnapshotSource.AUTOMATED), tags)


def _snapshot(context: Context, name: str, cache: Cache, cluster: str, *, final: bool = False) -> Snapshot:
    return Snapshot(
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
        sealed=cache.spec.at_rest,
    )


def _begun(context: Context, cache: Cache, snapshot: Snapshot, tags: Tags) -> Snapshot:
    cluster, automatic = snapshot.cluster, snapshot.source is SnapshotSource.AUTOMATED
    source = cluster_of(cache.key, cluster) if cluster else resource_of(cache.key)
    inherited = () if snapshot.serverless else context.transaction.tags.of(source)
    add_record(context, snapshot_noun(serverless=snapshot.serverless), snapshot.name, snapshot, tags or inherited)
    context.transaction.snapshots_taken.add(cache, cluster, context.now, automatic=automatic)
    return snapshot


def _check_quota(context: Context, cache: Cache, cluster: str) -> None:
    quota = SERVERLESS_SNAPSHOTS if cache.key.kind is Kind.SERVERLESS_CACHE else SNAPSHOTS
    context.quotas.check(quota, context.transaction.snapshots_taken.count(cache, cluster, context.now) + 1)


def _unsupported(what: str) -> Fault:
    return Fault("SnapshotFeatureNotSupportedFault", f"Snapshots are not supported for {what}.")

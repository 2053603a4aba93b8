"""DeleteReplicationGroup: a replication group with its members, or with all but the primary."""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.replication_groups import transfers
from cachewright.controlplane.api.replication_groups import view as group_view
from cachewright.controlplane.api.replication_groups.lookup import found
from cachewright.controlplane.api.snapshots.taking import check_supported, take_final
from cachewright.controlplane.model.cache import Cache, Node
from cachewright.controlplane.model.described import endpoints_shown
from cachewright.controlplane.model.faults import Fault, invalid_combination
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.members import leader_of

DELETABLE = frozenset({Phase.AVAILABLE, Phase.FAILED})


def delete_replication_group(context: Context, params: Params) -> Answer:
    """Ask for the end of a replication group and of its members."""
    cache = found(context, params["ReplicationGroupId"], lock=True)
    retain, snapshot = params.get("RetainPrimaryCluster"), params.get("FinalSnapshotIdentifier")
    if retain and snapshot:
        raise invalid_combination("FinalSnapshotIdentifier cannot be given with RetainPrimaryCluster.")
    if snapshot:
        check_supported(cache)
    if datastore := cache.spec.datastore:
        raise _invalid(
            f"Replication group {cache.key.id} is part of global replication group {datastore.datastore}."
            " Disassociate it first."
        )
    if (cache.phase not in DELETABLE or cache.saving.clusters) and not cache.stuck:
        raise _undeletable(cache)
    if snapshot:
        return {"ReplicationGroup": group_view.group(_last_saved(context, cache, snapshot))}
    if retain:
        cache = transfers.retain(context, cache, _leader(cache))
    context.transaction.caches.mark_deleted(cache.key)
    return {"ReplicationGroup": group_view.group(replace(cache, deleting=True))}


def _last_saved(context: Context, cache: Cache, snapshot: str) -> Cache:
    """The group that is deleted as soon as a last snapshot of it is safe: of its primary, unless it has shards."""
    if not endpoints_shown(cache):
        raise _invalid(f"Replication group {cache.key.id} could not be created. Delete it without a final snapshot.")
    cluster = "" if cache.spec.clustered else leader_of(cache, cache.spec.shards[0]).cluster
    return take_final(context, snapshot, cache, cluster)


def _leader(cache: Cache) -> Node:
    """The primary, which is kept."""
    if not endpoints_shown(cache):
        raise _undeletable(cache)
    if cache.spec.clustered:
        raise invalid_combination("RetainPrimaryCluster cannot be given when cluster mode is enabled.")
    (shard,) = cache.spec.shards
    return leader_of(cache, shard)


def _undeletable(cache: Cache) -> Fault:
    return _invalid(f"Replication group {cache.key.id} is not in a valid state to be deleted.")


def _invalid(message: str) -> Fault:
    return Fault("InvalidReplicationGroupStateFault", message)

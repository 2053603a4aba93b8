"""DeleteReplicationGroup: a replication group with its members, or with all but the primary."""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.replication_groups import transfers
from cachewright.controlplane.api.replication_groups import view as group_view
from cachewright.controlplane.api.replication_groups.lookup import found
from cachewright.controlplane.api.replication_groups.members import leader_of
from cachewright.controlplane.model.cache import Cache, Node
from cachewright.controlplane.model.described import endpoints_shown
from cachewright.controlplane.model.faults import Fault, invalid_combination, not_built
from cachewright.controlplane.model.lifecycle import Phase

DELETABLE = frozenset({Phase.AVAILABLE, Phase.FAILED})


def delete_replication_group(context: Context, params: Params) -> Answer:
    """Ask for the end of a replication group and of its members."""
    cache = found(context, params["ReplicationGroupId"], lock=True)
    retain, snapshot = params.get("RetainPrimaryCluster"), params.get("FinalSnapshotIdentifier")
    if retain and snapshot:
        raise invalid_combination("FinalSnapshotIdentifier cannot be given with RetainPrimaryCluster.")
    if cache.phase not in DELETABLE and not cache.stuck:
        raise _undeletable(cache)
    if snapshot:
        raise not_built("final snapshots")
    if retain:
        cache = transfers.retain(context, cache, _leader(cache))
    context.transaction.caches.mark_deleted(cache.key)
    return {"ReplicationGroup": group_view.group(replace(cache, deleting=True))}


def _leader(cache: Cache) -> Node:
    """The primary, which is kept."""
    if not endpoints_shown(cache):
        raise _undeletable(cache)
    if cache.spec.clustered:
        raise invalid_combination("RetainPrimaryCluster cannot be given when cluster mode is enabled.")
    (shard,) = cache.spec.shards
    return leader_of(cache, shard)


def _undeletable(cache: Cache) -> Fault:
    return Fault(
        "InvalidReplicationGroupStateFault",
        f"Replication group {cache.key.id} is not in a valid state to be deleted.",
    )

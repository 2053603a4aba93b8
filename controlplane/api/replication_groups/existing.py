"""Looking at and deleting replication groups."""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.replication_groups import transfers
from cachewright.controlplane.api.replication_groups import view as group_view
from cachewright.controlplane.api.replication_groups.members import leader_of
from cachewright.controlplane.model.cache import Cache, Kind, Node
from cachewright.controlplane.model.described import told
from cachewright.controlplane.model.faults import Fault, invalid_combination, not_built
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.pages import page_of

DELETABLE = frozenset({Phase.AVAILABLE, Phase.FAILED})


def describe_replication_groups(context: Context, params: Params) -> Answer:
    """One replication group, or a page of them by name."""
    if wanted := params.get("ReplicationGroupId"):
        return {"ReplicationGroups": [group_view.group(found(context, wanted))]}
    page = page_of(params)
    here = (context.caller.account, context.caller.region)
    read = context.transaction.caches.page_of_groups(*here, page.after, page.limit)
    shown, marker = page.cut(read, lambda cache: cache.key.id)
    return {"ReplicationGroups": [group_view.group(cache) for cache in shown], **marker}


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
    if not told(cache):
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


def found(context: Context, wanted: str, *, lock: bool = False) -> Cache:
    """The caller's replication group of that name; Fault when there is none."""
    cache = context.transaction.caches.get(context.key(Kind.REPLICATION_GROUP, wanted), lock=lock)
    if cache is None:
        raise Fault("ReplicationGroupNotFoundFault", f"ReplicationGroup not found: {wanted}")
    return cache

"""DeleteCacheCluster: a cache cluster, or a replica of a replication group."""

from dataclasses import replace

from cachewright.controlplane.api.cache_clusters import view as cluster_view
from cachewright.controlplane.api.cache_clusters.lookup import AVAILABLE, found_cluster, invalid_state, nodes_of
from cachewright.controlplane.api.common.cache_writes import change_spec
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.replication_groups.members import leader_of
from cachewright.controlplane.api.snapshots.taking import check_supported, take_final
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.changes import with_nodes
from cachewright.controlplane.model.described import cluster_status, endpoints_shown
from cachewright.controlplane.model.faults import not_built
from cachewright.controlplane.model.lifecycle import CLUSTER_STATUS, RESTORE_FAILED, Phase

DELETABLE = (AVAILABLE, CLUSTER_STATUS[Phase.FAILED], RESTORE_FAILED)


def delete_cache_cluster(context: Context, params: Params) -> Answer:
    """Ask for the end of a cache cluster, or of a replica of a replication group."""
    cache, name = found_cluster(context, params["CacheClusterId"], lock=True)
    final = params.get("FinalSnapshotIdentifier")
    if final:
        check_supported(cache)
    if cluster_status(cache, nodes_of(cache, name)) not in DELETABLE and not cache.stuck:
        raise invalid_state(f"Cache cluster {name} is not in a valid state to be deleted.")
    member = cache.key.kind is Kind.REPLICATION_GROUP
    if member:
        _check_replica(cache, name)
    if final and member:
        raise not_built("final snapshots of replicas")
    if final:
        return {"CacheCluster": cluster_view.cluster(_last_saved(context, cache, name, final), name)}
    if member:
        rest = (node for node in cache.spec.nodes if node.cluster != name)
        change_spec(context, cache, with_nodes(cache.spec, rest))
    else:
        context.transaction.caches.mark_deleted(cache.key)
    return {"CacheCluster": cluster_view.cluster(replace(cache, deleting=True), name)}


def _last_saved(context: Context, cache: Cache, name: str, snapshot: str) -> Cache:
    """The cluster that is deleted as soon as a last snapshot of it is safe."""
    if not endpoints_shown(cache):
        raise invalid_state(f"Cache cluster {name} could not be created. Delete it without a final snapshot.")
    return take_final(context, snapshot, cache, name)


def _check_replica(cache: Cache, name: str) -> None:
    """Fault when a member of a replication group is not deleted this way."""
    (own,) = nodes_of(cache, name)
    if cache.spec.clustered:
        raise invalid_state(
            f"Cache cluster {name} is a member of cluster mode enabled replication group {cache.key.id}"
            " and cannot be deleted by itself. Use DecreaseReplicaCount."
        )
    (shard,) = cache.spec.shards
    if len(cache.spec.nodes) == 1:
        raise invalid_state(
            "Cannot delete the cache cluster since it is the only member of a replication group."
            " Delete the replication group instead."
        )
    if not endpoints_shown(cache):
        raise invalid_state(f"Replication group {cache.key.id} could not be created. Delete it instead.")
    if leader_of(cache, shard) == own:
        raise invalid_state(f"Cache cluster {name} is serving as primary of replication group {cache.key.id}.")
    if len(cache.spec.nodes) == 2 and cache.spec.multi_az:
        raise invalid_state(f"Cache cluster {name} is the last replica of a Multi-AZ replication group.")
    if len(cache.spec.nodes) == 2 and (cache.spec.automatic_failover or cache.spec.pending.automatic_failover):
        raise invalid_state(
            f"Cache cluster {name} is the only read replica for replication group {cache.key.id} which has autofailover"
            " enabled or pending."
        )

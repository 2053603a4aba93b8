"""DeleteCacheCluster: a cache cluster, or a replica of a replication group."""

from dataclasses import replace

from cachewright.controlplane.api.cache_clusters import view as cluster_view
from cachewright.controlplane.api.cache_clusters.lookup import AVAILABLE, found_cluster, invalid_state, nodes_of
from cachewright.controlplane.api.common.cache_writes import change_spec
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.snapshots.taking import check_supported, take_final
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.changes import with_nodes
from cachewright.controlplane.model.described import cluster_status, endpoints_shown
from cachewright.controlplane.model.lifecycle import CLUSTER_STATUS, RESTORE_FAILED, Phase
from cachewright.controlplane.model.members import must_stay

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
    if member and (reason := must_stay(cache, name)):
        raise invalid_state(reason)
    if final:
        return {"CacheCluster": cluster_view.cluster(_last_saved(context, cache, name, final), name)}
    if member:
        rest = (node for node in cache.spec.nodes if node.cluster != name)
        change_spec(context, cache, with_nodes(cache.spec, rest))
    else:
        context.transaction.caches.mark_deleted(cache.key)
    return {"CacheCluster": cluster_view.cluster(replace(cache, deleting=True), name)}


def _last_saved(context: Context, cache: Cache, name: str, snapshot: str) -> Cache:
    """The cluster, or the replica, is deleted as soon as a last snapshot of it is safe."""
    if not endpoints_shown(cache):
        raise invalid_state(f"Cache cluster {name} could not be created. Delete it without a final snapshot.")
    return take_final(context, snapshot, cache, name, leaves=cache.key.kind is Kind.REPLICATION_GROUP)

"""Looking at, rebooting and deleting cache clusters."""

from collections.abc import Collection
from dataclasses import replace

from cachewright.controlplane.api.cache_clusters import view as cluster_view
from cachewright.controlplane.api.common import specs, waiting
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.replication_groups.members import leader_of
from cachewright.controlplane.model.cache import Cache, Kind, Node, Spec
from cachewright.controlplane.model.changes import with_nodes
from cachewright.controlplane.model.described import cluster_status, told
from cachewright.controlplane.model.faults import Fault, invalid_value, not_built
from cachewright.controlplane.model.lifecycle import CLUSTER_STATUS, Phase
from cachewright.controlplane.model.pages import page_of

AVAILABLE = CLUSTER_STATUS[Phase.AVAILABLE]
DELETABLE = (AVAILABLE, CLUSTER_STATUS[Phase.FAILED])


def describe_cache_clusters(context: Context, params: Params) -> Answer:
    """One cache cluster, or a page of them by name."""
    nodes = params.get("ShowCacheNodeInfo", False)
    if wanted := params.get("CacheClusterId"):
        cache, name = found_cluster(context, wanted)
        return {"CacheClusters": [cluster_view.cluster(cache, name, nodes=nodes)]}
    page = page_of(params)
    standalone = params.get("ShowCacheClustersNotInReplicationGroups", False)
    here = (context.caller.account, context.caller.region)
    read = context.transaction.caches.page_of_clusters(*here, page.after, page.limit, standalone=standalone)
    shown, marker = page.cut(read, lambda record: record[0])
    return {"CacheClusters": [cluster_view.cluster(cache, name, nodes=nodes) for name, cache in shown], **marker}


def reboot_cache_cluster(context: Context, params: Params) -> Answer:
    """Ask for a reboot of some nodes of a cache cluster; what they hold is lost. With all nodes, what waits is done."""
    cache, name = found_cluster(context, params["CacheClusterId"], lock=True)
    if cache.spec.clustered:
        raise _invalid_state(f"Cache cluster {name} is in cluster mode. Rebooting is not supported in cluster mode.")
    own = nodes_of(cache, name)
    wanted = set(params["CacheNodeIdsToReboot"])
    if not wanted:
        raise invalid_value("The parameter CacheNodeIdsToReboot must be provided and must not be null.")
    if unknown := wanted - {node.id for node in own}:
        raise invalid_value(f"Cache nodes not found in cache cluster {name}: {', '.join(sorted(unknown))}")
    if cluster_status(cache, own) != AVAILABLE:
        raise _invalid_state(f"Cache cluster {name} is not in available state.")
    whole = cache.key.kind is Kind.CACHE_CLUSTER and wanted == {node.id for node in own}
    spec = _rebooting(_hastened(context, cache) if whole else cache.spec, {f"{name}.{node}" for node in wanted})
    context.transaction.caches.write_spec(cache.key, spec)
    return {"CacheCluster": cluster_view.cluster(replace(cache, spec=spec, generation=cache.generation + 1), name)}


def delete_cache_cluster(context: Context, params: Params) -> Answer:
    """Ask for the end of a cache cluster, or of a replica of a replication group."""
    cache, name = found_cluster(context, params["CacheClusterId"], lock=True)
    if params.get("FinalSnapshotIdentifier"):
        _check_final_snapshot(cache)
    if cluster_status(cache, nodes_of(cache, name)) not in DELETABLE and not cache.stuck:
        raise _invalid_state(f"Cache cluster {name} is not in a valid state to be deleted.")
    member = cache.key.kind is Kind.REPLICATION_GROUP
    if member:
        _check_replica(cache, name)
    if params.get("FinalSnapshotIdentifier"):
        raise not_built("final snapshots")
    if member:
        rest = (node for node in cache.spec.nodes if node.cluster != name)
        specs.change(context, cache, with_nodes(cache.spec, rest))
    else:
        context.transaction.caches.mark_deleted(cache.key)
    return {"CacheCluster": cluster_view.cluster(replace(cache, deleting=True), name)}


def found_cluster(context: Context, wanted: str, *, lock: bool = False) -> tuple[Cache, str]:
    """The caller's cache cluster of that name, with the cache that has it; Fault when there is none."""
    name = wanted.lower()
    here = (context.caller.account, context.caller.region)
    cache = context.transaction.caches.holding(*here, name, lock=lock)
    if cache is None:
        raise Fault("CacheClusterNotFoundFault", f"CacheCluster not found: {wanted}")
    return cache, name


def nodes_of(cache: Cache, name: str) -> tuple[Node, ...]:
    """The nodes of a cache cluster."""
    return tuple(node for node in cache.nodes if node.cluster == name)


def _hastened(context: Context, cache: Cache) -> Spec:
    """The spec with what would wait for the maintenance window."""
    if not waiting.can_be_done(cache):
        return cache.spec
    done = waiting.done(cache, "with the reboot")
    for event in done.events:
        context.tell(event)
    return done.spec


def _rebooting(spec: Spec, chosen: Collection[str]) -> Spec:
    """The spec with one more reboot of the chosen nodes."""
    shards = (
        replace(shard, nodes=tuple(_again(node) if node.name in chosen else node for node in shard.nodes))
        for shard in spec.shards
    )
    return replace(spec, shards=tuple(shards))


def _again(node: Node) -> Node:
    return replace(node, reboots=node.reboots + 1)


def _invalid_state(message: str) -> Fault:
    return Fault("InvalidCacheClusterStateFault", message)


def _check_final_snapshot(cache: Cache) -> None:
    if not cache.spec.replicates:
        raise Fault("SnapshotFeatureNotSupportedFault", "Snapshots are not supported for engine memcached.")


def _check_replica(cache: Cache, name: str) -> None:
    """Fault when a member of a replication group is not deleted this way."""
    (own,) = nodes_of(cache, name)
    if cache.spec.clustered:
        raise _invalid_state(
            f"Cache cluster {name} is a member of cluster mode enabled replication group {cache.key.id}"
            " and cannot be deleted by itself. Use DecreaseReplicaCount."
        )
    (shard,) = cache.spec.shards
    if len(cache.spec.nodes) == 1:
        raise _invalid_state(
            "Cannot delete the cache cluster since it is the only member of a replication group."
            " Delete the replication group instead."
        )
    if not told(cache):
        raise _invalid_state(f"Replication group {cache.key.id} could not be created. Delete it instead.")
    if leader_of(cache, shard) == own:
        raise _invalid_state(f"Cache cluster {name} is serving as primary of replication group {cache.key.id}.")
    if len(cache.spec.nodes) == 2 and (cache.spec.multi_az or cache.spec.automatic_failover):
        raise _invalid_state(f"Cache cluster {name} is the last replica of a Multi-AZ replication group.")

"""RebootCacheCluster: some nodes of a cache cluster, or all."""

from collections.abc import Collection
from dataclasses import replace

from cachewright.controlplane.api.cache_clusters import view as cluster_view
from cachewright.controlplane.api.cache_clusters.lookup import AVAILABLE, found_cluster, invalid_state, nodes_of
from cachewright.controlplane.api.common import pending_changes
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.model.cache import Cache, Kind, Node, Spec
from cachewright.controlplane.model.described import cluster_status
from cachewright.controlplane.model.faults import invalid_value


def reboot_cache_cluster(context: Context, params: Params) -> Answer:
    """Ask for a reboot of some nodes of a cache cluster; what they hold is lost. With all nodes, what waits is done."""
    cache, name = found_cluster(context, params["CacheClusterId"], lock=True)
    if cache.spec.clustered:
        raise invalid_state(f"Cache cluster {name} is in cluster mode. Rebooting is not supported in cluster mode.")
    own = nodes_of(cache, name)
    wanted = set(params["CacheNodeIdsToReboot"])
    if not wanted:
        raise invalid_value("The parameter CacheNodeIdsToReboot must be provided and must not be null.")
    if unknown := wanted - {node.id for node in own}:
        raise invalid_value(f"Cache nodes not found in cache cluster {name}: {', '.join(sorted(unknown))}")
    if cluster_status(cache, own) != AVAILABLE:
        raise invalid_state(f"Cache cluster {name} is not in available state.")
    whole = cache.key.kind is Kind.CACHE_CLUSTER and wanted == {node.id for node in own}
    spec = _rebooting(_hastened(context, cache) if whole else cache.spec, {f"{name}.{node}" for node in wanted})
    return {"CacheCluster": cluster_view.cluster(context.transaction.caches.write_spec(cache, spec), name)}


def _hastened(context: Context, cache: Cache) -> Spec:
    """The spec with what would wait for the maintenance window."""
    if not pending_changes.can_be_done(cache):
        return cache.spec
    done = pending_changes.done(cache, "with the reboot")
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

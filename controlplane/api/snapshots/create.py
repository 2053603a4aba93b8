"""CreateSnapshot: what a cache cluster, or in cluster mode a whole replication group, holds now.

Source: the ElastiCache user guide, "Taking manual backups".
"""

from cachewright.controlplane.api.cache_clusters.lookup import AVAILABLE, found_cluster, nodes_of
from cachewright.controlplane.api.cache_clusters.lookup import invalid_state as invalid_cluster
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.kms import checked_kms_key
from cachewright.controlplane.api.common.tags import asked_tags
from cachewright.controlplane.api.replication_groups.lookup import found
from cachewright.controlplane.api.snapshots.taking import check_supported, take
from cachewright.controlplane.api.snapshots.view import snapshot_shown
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.described import cluster_status, group_status
from cachewright.controlplane.model.faults import Fault, invalid_combination
from cachewright.controlplane.model.lifecycle import GROUP_STATUS, Phase
from cachewright.controlplane.model.nouns import SNAPSHOT


def create_snapshot(context: Context, params: Params) -> Answer:
    """Ask for a snapshot of a cache that is available."""
    name = SNAPSHOT.checked_id(params["SnapshotName"])
    tags = asked_tags(context, params)
    cache, cluster = _source(context, params)
    key = checked_kms_key(context, params)
    return {"Snapshot": snapshot_shown(context, take(context, name, cache, cluster, tags, key))}


def _source(context: Context, params: Params) -> tuple[Cache, str]:
    """The cache, and which cluster of it; empty for the whole group. Faults: what cannot be snapshotted, or not now."""
    cluster, group = params.get("CacheClusterId"), params.get("ReplicationGroupId")
    if bool(cluster) == bool(group):
        raise invalid_combination("Exactly one of CacheClusterId and ReplicationGroupId must be specified.")
    return _cluster(context, cluster) if cluster else (_group(context, str(group)), "")


def _cluster(context: Context, wanted: str) -> tuple[Cache, str]:
    cache, name = found_cluster(context, wanted, lock=True)
    check_supported(cache)
    if cache.key.kind is Kind.REPLICATION_GROUP and cache.spec.clustered:
        raise invalid_combination(
            f"Cache cluster {name} is a member of cluster mode enabled replication group {cache.key.id}."
            " Use ReplicationGroupId."
        )
    if cluster_status(cache, nodes_of(cache, name)) != AVAILABLE:
        raise invalid_cluster(f"Cache cluster {name} is not in available state.")
    return cache, name


def _group(context: Context, wanted: str) -> Cache:
    cache = found(context, wanted, lock=True)
    check_supported(cache)
    if not cache.spec.clustered:
        raise invalid_combination(
            f"Replication group {cache.key.id} has cluster mode disabled. Use CacheClusterId of one of its members."
        )
    if group_status(cache) != GROUP_STATUS[Phase.AVAILABLE]:
        raise Fault("InvalidReplicationGroupStateFault", f"Replication group {cache.key.id} is not in available state.")
    return cache

"""What a snapshot says about the cache that it is of."""

from cachewright.controlplane.api.cache_clusters.view import created_at, retention
from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.api.subnet_groups.lookup import known_group
from cachewright.controlplane.model.cache import Cache, Kind, Node, Shard
from cachewright.controlplane.model.described import cluster_mode_shown, node_type_shown, release_shown
from cachewright.controlplane.model.members import leader_of, replicas_of
from cachewright.controlplane.model.snapshots import NodeSnapshot, SourceSettings


def settings_of(context: Context, cache: Cache, cluster: str) -> SourceSettings:
    """What a cache, or one `cluster` of it, is like now."""
    spec, shown, release = cache.spec, cache.presentation, release_shown(cache)
    own = next((node for node in cache.nodes if node.cluster == cluster), None)
    subnets = known_group(context, shown.cache_subnet_group_name)
    return SourceSettings(
        release.engine,
        release.described,
        node_type_shown(cache),
        spec.port,
        spec.parameter_group,
        shown.cache_subnet_group_name,
        subnets.vpc_id if subnets else "",
        zone=own.zone if own else "",
        created_at=created_at(cache, own) if own else None,
        description=shown.description,
        cluster_mode=cluster_mode_shown(cache),
        automatic_failover=spec.automatic_failover,
        maintenance_window=spec.schedule.maintenance_window,
        snapshot_window=spec.schedule.snapshot_window,
        snapshot_retention_limit=retention(cache, cluster) if cluster else spec.schedule.snapshot_retention_limit,
        topic_arn=shown.notification_topic_arn,
        auto_minor_version_upgrade=spec.schedule.auto_minor_version_upgrade,
        data_tiering=shown.data_tiering,
        durability=spec.durability.value if shown.durability else "",
        kms_key_id=shown.kms_key_id,
    )


def node_snapshots(cache: Cache, cluster: str, *, final: bool) -> tuple[NodeSnapshot, ...]:
    """A snapshot of each shard, to be taken of the node that would be asked now: the one of the `cluster` that was
    named; else of a group a replica, or the primary where there is none or the snapshot is the last.
    """
    return tuple(_of_shard(cache, shard, _asked(cache, shard, cluster, final=final)) for shard in cache.spec.shards)


def _asked(cache: Cache, shard: Shard, cluster: str, *, final: bool) -> Node:
    named = [node for node in shard.nodes if node.cluster == cluster]
    replicas = [] if final else replicas_of(cache, shard)
    return (*named, *replicas, leader_of(cache, shard))[0]


def _of_shard(cache: Cache, shard: Shard, asked: Node) -> NodeSnapshot:
    seen = cache.status.nodes.get(asked.name)
    alone = cache.key.kind is Kind.CACHE_CLUSTER
    return NodeSnapshot(
        asked.cluster,
        asked.id,
        shard.id,
        created_at=seen.created_at if seen else None,
        slots=shard.slots,
        primary_zone=leader_of(cache, shard).zone,
        replica_zones=() if alone else tuple(node.zone for node in replicas_of(cache, shard)),
    )

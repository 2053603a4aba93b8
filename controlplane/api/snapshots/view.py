"""A snapshot as AWS shows it."""

from cachewright.controlplane.api.common.context import Answer, Context
from cachewright.controlplane.model.nouns import SNAPSHOT
from cachewright.controlplane.model.snapshots import UNUSED, NodeSnapshot, Snapshot, SourceSettings, Uses

MB = 1024 * 1024


def snapshot_shown(context: Context, snapshot: Snapshot, uses: Uses = UNUSED, *, config: bool = False) -> Answer:
    """A snapshot of the caller's, while that is made of all of them; with what its shards were like, if wanted."""
    settings, whole = snapshot.settings, not snapshot.cluster
    nodes = [_node(each, whole=whole, config=config and whole) for each in snapshot.nodes]
    return {
        "SnapshotName": snapshot.name,
        "ARN": context.resource(SNAPSHOT, snapshot.name).arn,
        "SnapshotStatus": snapshot.status_shown(uses).value,
        "SnapshotSource": snapshot.source.value,
        **(_group(snapshot) if whole else _cluster(snapshot)),
        **_settings(settings),
        **_optional(settings),
        "NodeSnapshots": nodes,
    }


def _group(snapshot: Snapshot) -> Answer:
    return {
        "ReplicationGroupId": snapshot.cache,
        "ReplicationGroupDescription": snapshot.settings.description,
        "NumNodeGroups": len(snapshot.nodes),
        "AutomaticFailover": _enabled(snapshot.settings.automatic_failover),
    }


def _cluster(snapshot: Snapshot) -> Answer:
    settings = snapshot.settings
    answer: Answer = {
        "CacheClusterId": snapshot.cluster,
        "NumCacheNodes": len(snapshot.nodes),
        "PreferredAvailabilityZone": settings.zone,
    }
    return answer | ({"CacheClusterCreateTime": settings.created_at} if settings.created_at else {})


def _settings(settings: SourceSettings) -> Answer:
    return {
        "CacheNodeType": settings.node_type,
        "Engine": settings.engine.value,
        "EngineVersion": settings.version,
        "PreferredMaintenanceWindow": settings.maintenance_window,
        "Port": settings.port,
        "CacheParameterGroupName": settings.parameter_group,
        "CacheSubnetGroupName": settings.subnet_group,
        "VpcId": settings.vpc_id,
        "AutoMinorVersionUpgrade": settings.auto_minor_version_upgrade,
        "SnapshotRetentionLimit": settings.snapshot_retention_limit,
        "SnapshotWindow": settings.snapshot_window,
        "DataTiering": _enabled(settings.data_tiering),
    }


def _optional(settings: SourceSettings) -> Answer:
    """What AWS leaves out when the source was not asked for it."""
    answer = {"TopicArn": settings.topic_arn, "KmsKeyId": settings.kms_key_id, "Durability": settings.durability}
    return {name: value for name, value in answer.items() if value}


def _node(node: NodeSnapshot, *, whole: bool, config: bool) -> Answer:
    answer: Answer = {"CacheNodeId": node.node, "CacheSize": _size(node)}
    if node.created_at:
        answer["CacheNodeCreateTime"] = node.created_at
    if node.taken:
        answer["SnapshotCreateTime"] = node.taken
    if whole:
        answer |= {"CacheClusterId": node.cluster, "NodeGroupId": node.shard}
    if config:
        answer["NodeGroupConfiguration"] = _configuration(node)
    return answer


def _configuration(node: NodeSnapshot) -> Answer:
    return {
        "NodeGroupId": node.shard,
        "Slots": node.slots,
        "ReplicaCount": node.replicas,
        "PrimaryAvailabilityZone": node.primary_zone,
        "ReplicaAvailabilityZones": list(node.replica_zones),
    }


def _size(node: NodeSnapshot) -> str:
    """As AWS writes it, such as `3 MB`; empty until it is known."""
    return f"{-(-node.size // MB)} MB" if node.taken else ""


def _enabled(flag: bool) -> str:
    return "enabled" if flag else "disabled"

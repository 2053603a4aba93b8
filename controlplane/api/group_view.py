"""A replication group as AWS shows it."""

from controlplane.api import pending_view
from controlplane.api.cluster_view import endpoint
from controlplane.api.context import Answer
from controlplane.model.cache import Cache, Node, Shard
from controlplane.model.names import group_arn
from controlplane.model.options import Options
from controlplane.model.standing import group_status, node_type_shown, release_shown, told

_SHOWN_ENDPOINTS = (("PrimaryEndpoint", "primary"), ("ReaderEndpoint", "reader"))


def group(cache: Cache) -> Answer:
    """A replication group; node groups are left out until it was first available."""
    options = cache.spec.options
    answer: Answer = {
        "ReplicationGroupId": cache.key.id,
        "ARN": group_arn(cache.key.account, cache.key.region, cache.key.id),
        "Description": options.description,
        "GlobalReplicationGroupInfo": {},
        "Status": group_status(cache),
        "PendingModifiedValues": pending_view.of_group(cache),
        "MemberClusters": [node.cluster for node in cache.spec.nodes],
        "ReplicationGroupCreateTime": cache.created_at,
        "AutomaticFailover": pending_view.failover(cache),
        "MultiAZ": _enabled(cache.spec.multi_az),
        "CacheNodeType": node_type_shown(cache),
        "Engine": release_shown(cache).engine.value,
        "ClusterEnabled": False,
        "ClusterMode": "disabled",
        **pending_view.encryption(cache),
        **_settings(options),
        **_optional(options),
    }
    if told(cache):
        answer["NodeGroups"] = [_node_group(cache, shard) for shard in cache.spec.shards]
    return answer


def _enabled(flag: bool) -> str:
    return "enabled" if flag else "disabled"


def _settings(options: Options) -> Answer:
    return {
        "SnapshotRetentionLimit": options.snapshot_retention_limit,
        "SnapshotWindow": options.snapshot_window,
        "AtRestEncryptionEnabled": options.at_rest_encryption,
        "StorageEncryptionType": _encryption(options),
        "MemberClustersOutpostArns": [],
        "UserGroupIds": [],
        "LogDeliveryConfigurations": [],
        "DataTiering": _enabled(options.data_tiering),
        "AutoMinorVersionUpgrade": options.auto_minor_version_upgrade,
        "NetworkType": options.network_type,
        "IpDiscovery": options.ip_discovery,
    }


def _optional(options: Options) -> Answer:
    """What AWS leaves out when it was not asked for."""
    answer: Answer = {}
    if options.snapshotting_cluster_id:
        answer["SnapshottingClusterId"] = options.snapshotting_cluster_id
    if options.kms_key_id:
        answer["KmsKeyId"] = options.kms_key_id
    if options.durability:
        answer |= {"Durability": options.durability, "EffectiveDurability": "disabled"}
    return answer


def _encryption(options: Options) -> str:
    if not options.at_rest_encryption:
        return "none"
    return "sse-kms" if options.kms_key_id else "sse-elasticache"


def _node_group(cache: Cache, shard: Shard) -> Answer:
    answer: Answer = {
        "NodeGroupId": shard.id,
        "Status": group_status(cache),
        "NodeGroupMembers": [_member(cache, shard, node) for node in shard.nodes if _created(cache, node)],
    }
    for shown, name in _SHOWN_ENDPOINTS:
        if address := cache.status.endpoints.get(name):
            answer[shown] = endpoint(address)
    return answer


def _created(cache: Cache, node: Node) -> bool:
    seen = cache.status.nodes.get(node.name)
    return seen is not None and seen.created_at is not None


def _member(cache: Cache, shard: Shard, node: Node) -> Answer:
    answer: Answer = {
        "CacheClusterId": node.cluster,
        "CacheNodeId": node.id,
        "PreferredAvailabilityZone": node.zone,
    }
    seen = cache.status.nodes.get(node.name)
    if seen and seen.created_at:
        answer["ReadEndpoint"] = endpoint(cache.status.told(node.name))
    decided = cache.status.shards.get(shard.id)
    if decided and decided.primary:
        answer["CurrentRole"] = "primary" if decided.primary == node.name else "replica"
    return answer

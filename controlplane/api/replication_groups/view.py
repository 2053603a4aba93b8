"""A replication group as AWS shows it."""

from collections.abc import Sequence

from cachewright.controlplane.api.cache_clusters.view import endpoint
from cachewright.controlplane.api.common import log_delivery, pending_view
from cachewright.controlplane.api.common.context import Answer
from cachewright.controlplane.api.replication_groups.durability import effective
from cachewright.controlplane.model import slots
from cachewright.controlplane.model.cache import Cache, ClusterMode, Node, Shard
from cachewright.controlplane.model.changes import owners
from cachewright.controlplane.model.described import (
    cluster_mode_shown,
    endpoints_shown,
    group_status,
    node_group_status,
    node_type_shown,
    release_shown,
    role,
)
from cachewright.controlplane.model.nouns import resource_of

_OF_A_CLUSTER = (("ConfigurationEndpoint", "configuration"),)
_OF_THE_ONLY_SHARD = (("PrimaryEndpoint", "primary"), ("ReaderEndpoint", "reader"))


def group(cache: Cache) -> Answer:
    """A replication group; node groups are left out until it was first available."""
    mode = cluster_mode_shown(cache)
    answer: Answer = {
        "ReplicationGroupId": cache.key.id,
        "ARN": resource_of(cache.key).arn,
        "Description": cache.presentation.description,
        "GlobalReplicationGroupInfo": _global_info(cache),
        "Status": group_status(cache),
        "PendingModifiedValues": pending_view.of_group(cache),
        "MemberClusters": [node.cluster for node in cache.nodes],
        "ReplicationGroupCreateTime": cache.created_at,
        "AutomaticFailover": pending_view.failover(cache),
        "MultiAZ": _enabled(cache.spec.multi_az),
        "CacheNodeType": node_type_shown(cache),
        "Engine": release_shown(cache).engine.value,
        "ClusterEnabled": mode is not ClusterMode.DISABLED,
        "ClusterMode": mode.value,
        **pending_view.encryption(cache),
        **_settings(cache),
        **_optional(cache),
    }
    if endpoints_shown(cache):
        answer["NodeGroups"] = [_node_group(cache, shard, mode) for shard in cache.shards]
        if mode is not ClusterMode.DISABLED:
            answer |= _endpoints(cache, _OF_A_CLUSTER)
    return answer


def _global_info(cache: Cache) -> Answer:
    """Empty for a group that is no member of a global datastore."""
    member = cache.spec.datastore
    if member is None:
        return {}
    return {
        "GlobalReplicationGroupId": member.datastore,
        "GlobalReplicationGroupMemberRole": member.role.value,
    }


def _enabled(flag: bool) -> str:
    return "enabled" if flag else "disabled"


def _settings(cache: Cache) -> Answer:
    schedule, shown = cache.spec.schedule, cache.presentation
    return {
        "SnapshotRetentionLimit": schedule.snapshot_retention_limit,
        "SnapshotWindow": schedule.snapshot_window,
        "AtRestEncryptionEnabled": cache.spec.at_rest,
        "StorageEncryptionType": _encryption(cache),
        "MemberClustersOutpostArns": [],
        "UserGroupIds": pending_view.user_groups(cache),
        "LogDeliveryConfigurations": log_delivery.shown(cache),
        "DataTiering": _enabled(shown.data_tiering),
        "AutoMinorVersionUpgrade": schedule.auto_minor_version_upgrade,
        "NetworkType": cache.spec.network_type,
        "IpDiscovery": cache.spec.ip_discovery,
    }


def _optional(cache: Cache) -> Answer:
    """What AWS leaves out when it was not asked for."""
    schedule, shown = cache.spec.schedule, cache.presentation
    answer: Answer = {}
    if schedule.snapshotting_cluster_id:
        answer["SnapshottingClusterId"] = schedule.snapshotting_cluster_id
    if shown.kms_key_id:
        answer["KmsKeyId"] = shown.kms_key_id
    if shown.durability:
        answer |= {"Durability": shown.durability, "EffectiveDurability": effective(cache).value}
    return answer


def _encryption(cache: Cache) -> str:
    if not cache.spec.at_rest:
        return "none"
    return "sse-kms" if cache.presentation.kms_key_id else "sse-elasticache"


def _node_group(cache: Cache, shard: Shard, mode: ClusterMode) -> Answer:
    """With cluster mode enabled AWS shows neither roles nor endpoints: clients find them out by themselves."""
    enabled = mode is ClusterMode.ENABLED
    members = [node for node in shard.nodes if _created(cache, node)]
    answer: Answer = {
        "NodeGroupId": shard.id,
        "Status": node_group_status(cache),
        "NodeGroupMembers": [_place(node) if enabled else _member(cache, shard, node) for node in members],
    }
    if mode is not ClusterMode.DISABLED and (served := owners(cache).get(shard.id)):
        answer["Slots"] = slots.written(served)
    return answer if enabled else answer | _endpoints(cache, _OF_THE_ONLY_SHARD)


def _endpoints(cache: Cache, names: Sequence[tuple[str, str]]) -> Answer:
    status = cache.status
    return {shown: endpoint(status.shown(name)) for shown, name in names if name in status.endpoints}


def _created(cache: Cache, node: Node) -> bool:
    seen = cache.status.nodes.get(node.name)
    return seen is not None and seen.created_at is not None


def _place(node: Node) -> Answer:
    return {
        "CacheClusterId": node.cluster,
        "CacheNodeId": node.id,
        "PreferredAvailabilityZone": node.zone,
    }


def _member(cache: Cache, shard: Shard, node: Node) -> Answer:
    answer = {**_place(node), "ReadEndpoint": endpoint(cache.status.shown(node.name))}
    current = role(cache, shard, node)
    return answer | ({"CurrentRole": current} if current else {})

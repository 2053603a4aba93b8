"""A cache cluster as AWS shows it: a Memcached cluster, a single node, or a member of a replication group."""

from datetime import datetime

from cachewright.controlplane.api.common import log_delivery, pending_view
from cachewright.controlplane.api.common.context import Answer
from cachewright.controlplane.model.cache import Address, Cache, Kind, Node
from cachewright.controlplane.model.changes import current_change
from cachewright.controlplane.model.described import (
    cluster_status,
    endpoints_shown,
    inherited,
    node_phase,
    node_type_shown,
    release_shown,
)
from cachewright.controlplane.model.lifecycle import NodePhase
from cachewright.controlplane.model.nouns import cluster_of
from cachewright.controlplane.model.parameter_status import apply_status, apply_statuses, awaiting_reboot
from cachewright.controlplane.model.zones import MULTIPLE

LANDING_PAGE = "https://console.aws.amazon.com/elasticache/home#client-download:"


def cluster(cache: Cache, name: str, *, nodes: bool = False) -> Answer:
    """The cache cluster `name` of a cache, with its nodes if wanted. The nodes and whatever AWS only knows once the
    cluster runs are left out until it was first available.
    """
    own = tuple(node for node in cache.nodes if node.cluster == name)
    answer = _settings(cache, name, own)
    answer["CacheClusterStatus"] = cluster_status(cache, own)
    answer |= _snapshots(cache, name) if cache.spec.replicates else {}
    if cache.key.kind is Kind.REPLICATION_GROUP:
        answer["ReplicationGroupId"] = cache.key.id
    if endpoints_shown(cache) or all(inherited(cache, node) for node in own):
        answer |= _whereabouts(cache, own)
        if nodes:
            answer["CacheNodes"] = [_node(cache, node) for node in (*own, *_leaving(cache))]
    return answer


def endpoint(address: Address) -> Answer:
    """An address as AWS shows it."""
    return {"Address": address.host, "Port": address.port}


def security_groups(cache: Cache) -> list[Answer]:
    """The security groups of a cache as AWS shows them; they are being added until it was first available."""
    status = "active" if endpoints_shown(cache) else "adding"
    return [{"SecurityGroupId": group, "Status": status} for group in cache.presentation.security_group_ids]


def _settings(cache: Cache, name: str, own: tuple[Node, ...]) -> Answer:
    spec, shown, release = cache.spec, cache.presentation, release_shown(cache)
    member = cache.key.kind is Kind.REPLICATION_GROUP
    answer: Answer = {
        "CacheClusterId": name,
        "ARN": cluster_of(cache.key, name).arn,
        "ClientDownloadLandingPage": LANDING_PAGE,
        "CacheNodeType": node_type_shown(cache),
        "Engine": release.engine.value,
        "EngineVersion": release.described,
        "NumCacheNodes": current_change(cache).nodes or len(own),
        "PreferredMaintenanceWindow": spec.schedule.maintenance_window,
        "PendingModifiedValues": pending_view.of_cluster(cache),
        "CacheSecurityGroups": [],
        "CacheParameterGroup": {
            "CacheParameterGroupName": spec.parameter_group,
            "ParameterApplyStatus": apply_statuses(cache, own).value,
            "CacheNodeIdsToReboot": awaiting_reboot(cache, own),
        },
        "CacheSubnetGroupName": shown.cache_subnet_group_name,
        "AutoMinorVersionUpgrade": spec.schedule.auto_minor_version_upgrade,
        "SecurityGroups": security_groups(cache),
        **pending_view.encryption(cache),
        "AtRestEncryptionEnabled": spec.at_rest,
        "ReplicationGroupLogDeliveryEnabled": member and bool(spec.logs),
        "LogDeliveryConfigurations": [] if member else log_delivery.shown(cache),
        "NetworkType": spec.network_type,
        "IpDiscovery": spec.ip_discovery,
    }
    if shown.preferred_availability_zone:
        answer["PreferredAvailabilityZone"] = shown.preferred_availability_zone
    if shown.notification_topic_arn:
        answer["NotificationConfiguration"] = {
            "TopicArn": shown.notification_topic_arn,
            "TopicStatus": shown.notification_topic_status,
        }
    return answer


def retention(cache: Cache, name: str) -> int:
    """For how many days automatic snapshots of the cache cluster `name` of a cache are kept; 0: there are none."""
    schedule = cache.spec.schedule
    return schedule.snapshot_retention_limit if schedule.snapshotting_cluster_id in ("", name) else 0


def _snapshots(cache: Cache, name: str) -> Answer:
    return {
        "SnapshotRetentionLimit": retention(cache, name),
        "SnapshotWindow": cache.spec.schedule.snapshot_window,
    }


def _whereabouts(cache: Cache, own: tuple[Node, ...]) -> Answer:
    answer: Answer = {
        "CacheClusterCreateTime": created_at(cache, own[0]),
        "PreferredAvailabilityZone": _zone(cache, own),
    }
    if not cache.spec.replicates and "configuration" in cache.status.endpoints:
        answer["ConfigurationEndpoint"] = endpoint(cache.status.shown("configuration"))
    return answer


def _zone(cache: Cache, own: tuple[Node, ...]) -> str:
    if len({node.zone for node in own}) > 1:
        return MULTIPLE
    return cache.presentation.preferred_availability_zone or own[0].zone


def _leaving(cache: Cache) -> list[Node]:
    """Memcached nodes that are being removed, as long as there is something of them."""
    nodes = (Node(cache.key.id, identifier, zone) for identifier, zone in current_change(cache).leaving)
    return [node for node in nodes if node.name in cache.status.nodes]


def created_at(cache: Cache, node: Node) -> datetime:
    """When the cluster of a node was: a member of a group may be older or younger than the group."""
    seen = cache.status.nodes.get(node.name)
    if cache.key.kind is Kind.REPLICATION_GROUP and seen and seen.created_at:
        return seen.created_at
    return cache.created_at


def _node(cache: Cache, node: Node) -> Answer:
    phase = node_phase(cache, node) if node in cache.nodes else NodePhase.DELETING
    answer: Answer = {
        "CacheNodeId": node.id,
        "CacheNodeStatus": phase.value,
        "ParameterGroupStatus": apply_status(cache, node).value,
        "CustomerAvailabilityZone": node.zone,
    }
    seen = cache.status.nodes.get(node.name)
    if seen and seen.created_at:
        answer["CacheNodeCreateTime"] = seen.created_at
        answer["Endpoint"] = endpoint(cache.status.shown(node.name))
    return answer

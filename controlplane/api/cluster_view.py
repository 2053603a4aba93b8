"""A cache cluster as AWS shows it: a Memcached cluster, a single node, or a member of a replication group."""

from datetime import datetime

from controlplane.api import pending_view
from controlplane.api.context import Answer
from controlplane.model.cache import Address, Cache, Kind, Node
from controlplane.model.names import cluster_arn
from controlplane.model.standing import cluster_status, inherited, node_phase, node_type_shown, release_shown, told

LANDING_PAGE = "https://console.aws.amazon.com/elasticache/home#client-download:"
IN_SYNC = "in-sync"


def cluster(cache: Cache, name: str, *, nodes: bool = False) -> Answer:
    """The cache cluster `name` of a cache, with its nodes if wanted. The nodes and whatever AWS only knows once the
    cluster runs are left out until it was first available.
    """
    own = tuple(node for node in cache.spec.nodes if node.cluster == name)
    answer = _settings(cache, name, own)
    answer["CacheClusterStatus"] = cluster_status(cache, own)
    answer |= _snapshots(cache, name) if cache.spec.replicates else {}
    if cache.key.kind is Kind.REPLICATION_GROUP:
        answer["ReplicationGroupId"] = cache.key.id
    if told(cache) or all(inherited(cache, node) for node in own):
        answer |= _whereabouts(cache, own)
        if nodes:
            answer["CacheNodes"] = [_node(cache, node) for node in own]
    return answer


def endpoint(address: Address) -> Answer:
    """An address as AWS shows it."""
    return {"Address": address.host, "Port": address.port}


def security_groups(cache: Cache) -> list[Answer]:
    """The security groups of a cache as AWS shows them."""
    return [{"SecurityGroupId": group, "Status": "active"} for group in cache.spec.options.security_group_ids]


def _settings(cache: Cache, name: str, own: tuple[Node, ...]) -> Answer:
    spec, options, release = cache.spec, cache.spec.options, release_shown(cache)
    answer: Answer = {
        "CacheClusterId": name,
        "ARN": cluster_arn(cache.key.account, cache.key.region, name),
        "ClientDownloadLandingPage": LANDING_PAGE,
        "CacheNodeType": node_type_shown(cache),
        "Engine": release.engine.value,
        "EngineVersion": release.described,
        "NumCacheNodes": len(own),
        "PreferredMaintenanceWindow": options.preferred_maintenance_window,
        "PendingModifiedValues": pending_view.of_cluster(cache),
        "CacheSecurityGroups": [],
        "CacheParameterGroup": {
            "CacheParameterGroupName": spec.parameter_group,
            "ParameterApplyStatus": IN_SYNC,
            "CacheNodeIdsToReboot": [],
        },
        "CacheSubnetGroupName": options.cache_subnet_group_name,
        "AutoMinorVersionUpgrade": options.auto_minor_version_upgrade,
        "SecurityGroups": security_groups(cache),
        **pending_view.encryption(cache),
        "AtRestEncryptionEnabled": options.at_rest_encryption,
        "ReplicationGroupLogDeliveryEnabled": False,
        "LogDeliveryConfigurations": [],
        "NetworkType": options.network_type,
        "IpDiscovery": options.ip_discovery,
    }
    if options.preferred_availability_zone:
        answer["PreferredAvailabilityZone"] = options.preferred_availability_zone
    if options.notification_topic_arn:
        answer["NotificationConfiguration"] = {
            "TopicArn": options.notification_topic_arn,
            "TopicStatus": options.notification_topic_status,
        }
    return answer


def _snapshots(cache: Cache, name: str) -> Answer:
    options = cache.spec.options
    source = options.snapshotting_cluster_id or name
    return {
        "SnapshotRetentionLimit": options.snapshot_retention_limit if source == name else 0,
        "SnapshotWindow": options.snapshot_window,
    }


def _whereabouts(cache: Cache, own: tuple[Node, ...]) -> Answer:
    answer: Answer = {
        "CacheClusterCreateTime": _created_at(cache, own[0]),
        "PreferredAvailabilityZone": cache.spec.options.preferred_availability_zone or own[0].zone,
    }
    if configuration := cache.status.endpoints.get("configuration"):
        answer["ConfigurationEndpoint"] = endpoint(configuration)
    return answer


def _created_at(cache: Cache, node: Node) -> datetime:
    """A member of a group may be older or younger than the group."""
    seen = cache.status.nodes.get(node.name)
    if cache.key.kind is Kind.REPLICATION_GROUP and seen and seen.created_at:
        return seen.created_at
    return cache.created_at


def _node(cache: Cache, node: Node) -> Answer:
    answer: Answer = {
        "CacheNodeId": node.id,
        "CacheNodeStatus": node_phase(cache, node).value,
        "ParameterGroupStatus": IN_SYNC,
        "CustomerAvailabilityZone": node.zone,
    }
    seen = cache.status.nodes.get(node.name)
    if seen and seen.created_at:
        answer["CacheNodeCreateTime"] = seen.created_at
        answer["Endpoint"] = endpoint(cache.status.told(node.name))
    return answer

"""What a replication group takes from the cache cluster that it is made out of.

Source: the API reference of CreateReplicationGroup, PrimaryClusterId.
"""

from collections.abc import Sequence
from typing import Any

from cachewright.controlplane.api.common.context import Params
from cachewright.controlplane.model.cache import Cache, Node, Transit
from cachewright.controlplane.model.faults import invalid_combination


def with_primary(params: Params, cluster: Cache) -> dict[str, Any]:
    """The parameters as if the request had repeated what the cluster is; whatever a running node can do without
    being made anew may differ. Fault when it contradicts.
    """
    spec, schedule, shown = cluster.spec, cluster.spec.schedule, cluster.presentation
    fixed: dict[str, Any] = {
        "Engine": spec.engine.value,
        "EngineVersion": spec.release.version,
        "CacheNodeType": spec.node_type,
        "CacheParameterGroupName": spec.parameter_group,
        "CacheSubnetGroupName": shown.cache_subnet_group_name,
        "Port": spec.port,
        "NetworkType": spec.network_type,
        "IpDiscovery": spec.ip_discovery,
        "AtRestEncryptionEnabled": spec.at_rest,
        "TransitEncryptionEnabled": spec.transit is not Transit.OFF,
    }
    for name, value in fixed.items():
        wanted = params.get(name, value)
        if wanted is not None and str(wanted).lower() != str(value).lower():
            raise invalid_combination(f"{name} is that of the primary cluster {cluster.key.id}: {value}.")
    if params.get("AuthToken") or params.get("TransitEncryptionMode"):
        raise invalid_combination("AuthToken and TransitEncryptionMode cannot be given with PrimaryClusterId.")
    usual: dict[str, Any] = {
        "PreferredMaintenanceWindow": schedule.maintenance_window,
        "SnapshotWindow": schedule.snapshot_window,
        "SnapshotRetentionLimit": schedule.snapshot_retention_limit,
        "NotificationTopicArn": shown.notification_topic_arn,
        "AutoMinorVersionUpgrade": schedule.auto_minor_version_upgrade,
        "SecurityGroupIds": shown.security_group_ids,
    }
    asked = {name: value for name, value in params.items() if value not in (None, "", [])}
    return {**usual, **asked, **fixed}


def zones_from(node: Node, params: Params, zones: Sequence[str]) -> tuple[str, ...]:
    """The zones to place nodes in, beginning with the one in which the primary is already."""
    preferred = params.get("PreferredCacheClusterAZs")
    if preferred and preferred[0] != node.zone:
        raise invalid_combination(f"The primary cluster {node.cluster} is in availability zone {node.zone}.")
    if node.zone not in zones:
        return tuple(zones)
    start = zones.index(node.zone)
    return (*zones[start:], *zones[:start])

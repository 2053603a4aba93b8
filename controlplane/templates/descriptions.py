"""What the API shows of a resource, as the properties that CloudFormation calls it by. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cachewright.controlplane.templates.attributes import Shown
from cachewright.controlplane.templates.kinds import (
    CACHE_CLUSTER,
    PARAMETER_GROUP,
    REPLICATION_GROUP,
    SECURITY_GROUP,
    SERVERLESS_CACHE,
    SUBNET_GROUP,
    USER,
    USER_GROUP,
    Kind,
)
from cachewright.controlplane.templates.properties import typed
from cachewright.controlplane.templates.values import HIDDEN, Properties

_WHOLE_VERSIONS = 6  # of Redis: from this one on a request names two of three numbers


@dataclass(frozen=True, slots=True)
class Described:
    """One resource as the API shows it."""

    shown: Shown
    member: Shown = field(default_factory=dict)  # a cluster of a replication group
    tags: tuple[Mapping[str, str], ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)  # of a parameter group that differ from its family


def properties(kind: Kind, described: Described) -> Properties:
    """The properties of a resource, in one form. Secrets are hidden; what the API does not show is not among them."""
    found = _PROPERTIES[kind.type](described)
    found["Tags"] = [dict(tag) for tag in described.tags]
    return typed(kind, kind.short, {name: value for name, value in found.items() if value not in (None, "", [], {})})


def _of_nodes(shown: Shown) -> Properties:
    """What clusters are shown with, be they members of a group or not."""
    return {
        "EngineVersion": _version(shown),
        "AutoMinorVersionUpgrade": shown.get("AutoMinorVersionUpgrade"),
        "CacheParameterGroupName": shown.get("CacheParameterGroup", {}).get("CacheParameterGroupName"),
        "CacheSubnetGroupName": shown.get("CacheSubnetGroupName"),
        "PreferredMaintenanceWindow": shown.get("PreferredMaintenanceWindow"),
        "NotificationTopicArn": shown.get("NotificationConfiguration", {}).get("TopicArn"),
        "IpDiscovery": shown.get("IpDiscovery"),
        "NetworkType": shown.get("NetworkType"),
    }


def _cluster(described: Described) -> Properties:
    shown = described.shown
    zone, replicates = shown.get("PreferredAvailabilityZone"), shown["Engine"] != "memcached"
    endpoint = shown.get("ConfigurationEndpoint") or (shown.get("CacheNodes") or [{}])[0].get("Endpoint", {})
    return {
        **_of_nodes(shown),
        "ClusterName": shown["CacheClusterId"],
        "Engine": shown["Engine"],
        "CacheNodeType": shown["CacheNodeType"],
        "NumCacheNodes": shown["NumCacheNodes"],
        "Port": endpoint.get("Port"),
        "PreferredAvailabilityZone": zone if zone != "Multiple" else None,
        "SnapshotRetentionLimit": shown.get("SnapshotRetentionLimit") if replicates else None,
        "SnapshotWindow": shown.get("SnapshotWindow") if replicates else None,
        "TransitEncryptionEnabled": shown.get("TransitEncryptionEnabled") or None,
        "VpcSecurityGroupIds": _security_groups(shown),
        "LogDeliveryConfigurations": _logs(shown),
    }


def _group(described: Described) -> Properties:
    shown, clustered = described.shown, described.shown.get("ClusterEnabled", False)
    node_groups = shown.get("NodeGroups") or []
    members = node_groups[0].get("NodeGroupMembers", []) if node_groups else []
    failover, zones = shown.get("AutomaticFailover"), shown.get("MultiAZ")
    endpoint = shown.get("ConfigurationEndpoint") or (node_groups[0].get("PrimaryEndpoint", {}) if node_groups else {})
    return {
        **_of_nodes(described.member),
        "ReplicationGroupId": shown["ReplicationGroupId"],
        "ReplicationGroupDescription": shown["Description"],
        "Engine": shown.get("Engine"),
        "CacheNodeType": shown.get("CacheNodeType"),
        "NumCacheClusters": None if clustered else len(shown.get("MemberClusters", ())),
        "NumNodeGroups": len(node_groups) if clustered else None,
        "ReplicasPerNodeGroup": len(members) - 1 if clustered else None,
        "AutomaticFailoverEnabled": failover in {"enabled", "enabling"},
        "MultiAZEnabled": zones == "enabled",
        "Port": endpoint.get("Port"),
        "ClusterMode": shown.get("ClusterMode"),
        "AtRestEncryptionEnabled": shown.get("AtRestEncryptionEnabled"),
        "TransitEncryptionEnabled": shown.get("TransitEncryptionEnabled"),
        "TransitEncryptionMode": shown.get("TransitEncryptionMode"),
        "AuthToken": HIDDEN if shown.get("AuthTokenEnabled") else None,
        "KmsKeyId": shown.get("KmsKeyId"),
        "UserGroupIds": list(shown.get("UserGroupIds", ())),
        "SnapshotRetentionLimit": shown.get("SnapshotRetentionLimit"),
        "SnapshotWindow": shown.get("SnapshotWindow"),
        "SecurityGroupIds": _security_groups(described.member),
        "LogDeliveryConfigurations": _logs(shown),
    }


def _user(described: Described) -> Properties:
    shown = described.shown
    way = shown.get("Authentication", {}).get("Type", "")
    number = int(shown.get("Authentication", {}).get("PasswordCount", 0))
    mode: Properties = {"Type": "no-password-required" if way == "no-password" else way}
    if number:
        mode["Passwords"] = [HIDDEN] * number
    return {
        **{name: shown[name] for name in ("UserId", "UserName", "Engine", "AccessString")},
        "AuthenticationMode": mode,
    }


def _version(shown: Shown) -> str | None:
    version: str | None = shown.get("EngineVersion")
    if not version or shown.get("Engine") == "memcached":
        return version
    major, minor, *_ = version.split(".")
    return f"{major}.{minor}" if shown.get("Engine") == "valkey" or int(major) >= _WHOLE_VERSIONS else version


def _security_groups(shown: Shown) -> Any:  # noqa: ANN401 - a list of texts, which is a Value
    return [group["SecurityGroupId"] for group in shown.get("SecurityGroups", ())]


def _logs(shown: Shown) -> Any:  # noqa: ANN401 - a list of mappings, which is a Value
    names = ("LogType", "DestinationType", "DestinationDetails", "LogFormat")
    return [{name: log[name] for name in names} for log in shown.get("LogDeliveryConfigurations", ())]


_PROPERTIES: Mapping[str, Callable[[Described], Properties]] = {
    CACHE_CLUSTER.type: _cluster,
    REPLICATION_GROUP.type: _group,
    SERVERLESS_CACHE.type: lambda described: {
        name: described.shown[name] for name in SERVERLESS_CACHE.properties if name in described.shown
    },
    PARAMETER_GROUP.type: lambda described: {
        **{name: described.shown[name] for name in ("CacheParameterGroupName", "CacheParameterGroupFamily")},
        "Description": described.shown["Description"],
        "Properties": dict(described.parameters),
    },
    SUBNET_GROUP.type: lambda described: {
        "CacheSubnetGroupName": described.shown["CacheSubnetGroupName"],
        "Description": described.shown["CacheSubnetGroupDescription"],
        "SubnetIds": [subnet["SubnetIdentifier"] for subnet in described.shown.get("Subnets", ())],
    },
    SECURITY_GROUP.type: lambda described: {"Description": described.shown["Description"]},
    USER.type: _user,
    USER_GROUP.type: lambda described: {
        **{name: described.shown[name] for name in ("UserGroupId", "Engine")},
        "UserIds": list(described.shown.get("UserIds", ())),
    },
}

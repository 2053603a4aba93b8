"""The resource types of ElastiCache: a row for each, with its properties and what a change of one requires.

Source: the schemas of the resource types (createOnlyProperties, conditionalCreateOnlyProperties). What no operation of
the API can change is replaced as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from cachewright.controlplane.templates.template import OURS


class Update(StrEnum):
    """What a change of a property requires."""

    AT_ONCE = "at once"
    REPLACEMENT = "replacement"
    RESHARDING = "resharding"  # replacement, unless the resource's UpdatePolicy says UseOnlineResharding


@dataclass(frozen=True, slots=True)
class Kind:
    """One row."""

    type: str
    properties: Mapping[str, Update]
    attributes: frozenset[str] = frozenset()  # that Fn::GetAtt may ask for
    name: str = ""  # the property that is the id; empty: nobody chooses it
    longest: int = 255  # of an id, in characters
    lives: bool = False  # whether it takes time to come, to change and to go
    final: str = ""  # the parameter of its deletion that names a last snapshot; empty: none is taken of it
    required: frozenset[str] = field(default=frozenset())

    @property
    def short(self) -> str:
        """The type without its service."""
        return self.type.removeprefix(OURS)

    @property
    def saved_by_policy(self) -> bool:
        """Whether it may have the policy Snapshot; a type with a property that names the last one has that instead."""
        return bool(self.final) and self.final not in self.properties


def _properties(at_once: str, replaced: str = "", resharded: str = "") -> dict[str, Update]:
    ways = ((at_once, Update.AT_ONCE), (replaced, Update.REPLACEMENT), (resharded, Update.RESHARDING))
    return {name: way for names, way in ways for name in names.split()}


def _endpoints(*names: str) -> frozenset[str]:
    return frozenset(f"{name}.{part}" for name in names for part in ("Address", "Port"))


CACHE_CLUSTER: Final = Kind(
    f"{OURS}CacheCluster",
    _properties(
        "AZMode AutoMinorVersionUpgrade CacheNodeType CacheParameterGroupName CacheSecurityGroupNames EngineVersion"
        " IpDiscovery LogDeliveryConfigurations NotificationTopicArn NumCacheNodes PreferredMaintenanceWindow"
        " SnapshotRetentionLimit SnapshotWindow Tags VpcSecurityGroupIds",
        "CacheSubnetGroupName ClusterName Engine NetworkType Port PreferredAvailabilityZone PreferredAvailabilityZones"
        " SnapshotArns SnapshotName TransitEncryptionEnabled",
    ),
    _endpoints("ConfigurationEndpoint", "RedisEndpoint"),
    "ClusterName",
    50,
    lives=True,
    final="FinalSnapshotIdentifier",
    required=frozenset({"CacheNodeType", "Engine", "NumCacheNodes"}),
)
REPLICATION_GROUP: Final = Kind(
    f"{OURS}ReplicationGroup",
    _properties(
        "AuthToken AutoMinorVersionUpgrade AutomaticFailoverEnabled CacheNodeType CacheParameterGroupName"
        " CacheSecurityGroupNames ClusterMode Durability Engine EngineVersion IpDiscovery LogDeliveryConfigurations"
        " MultiAZEnabled NotificationTopicArn NumCacheClusters PreferredMaintenanceWindow PrimaryClusterId"
        " ReplicasPerNodeGroup ReplicationGroupDescription SecurityGroupIds SnapshotRetentionLimit SnapshotWindow"
        " SnapshottingClusterId Tags TransitEncryptionEnabled TransitEncryptionMode UserGroupIds",
        "AtRestEncryptionEnabled CacheSubnetGroupName DataTieringEnabled GlobalReplicationGroupId KmsKeyId NetworkType"
        " Port PreferredCacheClusterAZs ReplicationGroupId SnapshotArns SnapshotName",
        "NodeGroupConfiguration NumNodeGroups",
    ),
    _endpoints("ConfigurationEndPoint", "PrimaryEndPoint", "ReaderEndPoint")
    | {"ReadEndPoint.Addresses", "ReadEndPoint.Addresses.List", "ReadEndPoint.Ports", "ReadEndPoint.Ports.List"}
    | {"EffectiveDurability"},
    "ReplicationGroupId",
    40,
    lives=True,
    final="FinalSnapshotIdentifier",
    required=frozenset({"ReplicationGroupDescription"}),
)
SERVERLESS_CACHE: Final = Kind(
    f"{OURS}ServerlessCache",
    _properties(
        "CacheUsageLimits DailySnapshotTime Description Engine FinalSnapshotName MajorEngineVersion SecurityGroupIds"
        " SnapshotRetentionLimit Tags UserGroupId",
        "ConnectionType KmsKeyId NetworkType ServerlessCacheName SnapshotArnsToRestore SubnetIds",
    ),
    _endpoints("Endpoint", "ReaderEndpoint") | {"ARN", "CreateTime", "FullEngineVersion", "Status"},
    "ServerlessCacheName",
    lives=True,
    final="FinalSnapshotName",
    required=frozenset({"Engine", "ServerlessCacheName"}),
)
PARAMETER_GROUP: Final = Kind(
    f"{OURS}ParameterGroup",
    # The name is Cachewright's own: in AWS's schema it can only be read.
    _properties("Properties Tags", "CacheParameterGroupFamily CacheParameterGroupName Description"),
    frozenset({"CacheParameterGroupName"}),
    "CacheParameterGroupName",
    required=frozenset({"CacheParameterGroupFamily", "Description"}),
)
SUBNET_GROUP: Final = Kind(
    f"{OURS}SubnetGroup",
    _properties("Description SubnetIds Tags", "CacheSubnetGroupName"),
    name="CacheSubnetGroupName",
    required=frozenset({"Description", "SubnetIds"}),
)
SECURITY_GROUP: Final = Kind(
    f"{OURS}SecurityGroup", _properties("Tags", "Description"), required=frozenset({"Description"})
)
SECURITY_GROUP_INGRESS: Final = Kind(
    f"{OURS}SecurityGroupIngress",
    _properties("", "CacheSecurityGroupName EC2SecurityGroupName EC2SecurityGroupOwnerId"),
    lives=True,
    required=frozenset({"CacheSecurityGroupName", "EC2SecurityGroupName"}),
)
USER: Final = Kind(
    f"{OURS}User",
    _properties("AccessString AuthenticationMode Engine NoPasswordRequired Passwords Tags", "UserId UserName"),
    frozenset({"Arn", "Status"}),
    "UserId",
    40,
    lives=True,
    required=frozenset({"Engine", "UserId", "UserName"}),
)
USER_GROUP: Final = Kind(
    f"{OURS}UserGroup",
    _properties("Engine Tags UserIds", "UserGroupId"),
    frozenset({"Arn", "Status"}),
    "UserGroupId",
    40,
    lives=True,
    required=frozenset({"Engine", "UserGroupId", "UserIds"}),
)

# Each before the types that it may name.
KINDS: Mapping[str, Kind] = {
    kind.type: kind
    for kind in (
        *(REPLICATION_GROUP, CACHE_CLUSTER, SERVERLESS_CACHE, USER_GROUP, USER),
        *(PARAMETER_GROUP, SUBNET_GROUP, SECURITY_GROUP_INGRESS, SECURITY_GROUP),
    )
}
# Properties that are a pseudo parameter where a template does not give them.
DEFAULTS: Mapping[str, Mapping[str, str]] = {SECURITY_GROUP_INGRESS.type: {"EC2SecurityGroupOwnerId": "AWS::AccountId"}}
# What is taken of a cache and not part of a stack here: `cachewright export` and plans know nothing of it.
SNAPSHOTS: Final = frozenset({f"{OURS}Snapshot", f"{OURS}ServerlessCacheSnapshot"})
# Its members are in several regions, and a stack is in one.
GLOBAL_REPLICATION_GROUP: Final = f"{OURS}GlobalReplicationGroup"

"""What becomes of every parameter of the operations that create and modify caches: no parameter is ignored."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cachewright.controlplane.api.common.context import Params
from cachewright.controlplane.model.faults import not_built


class Use(StrEnum):
    """What becomes of a parameter."""

    ACTED_ON = "acted on"
    KEPT = "kept and shown; nothing acts on it yet"
    REFUSED = "refused, as AWS would"
    NOT_BUILT = "refused: not built yet"
    UNUSED = "accepted, and not used by AWS either"


@dataclass(frozen=True, slots=True)
class Input:
    """What becomes of one parameter. `neutral` are the values that ask for nothing, besides empty ones and `false`."""

    use: Use
    feature: str = ""  # that is not built
    neutral: tuple[Any, ...] = ()

    def asked(self, value: object) -> bool:
        """Whether the value asks for something."""
        return bool(value) and value not in self.neutral


def _unbuilt(feature: str, *neutral: Any) -> Input:  # noqa: ANN401
    return Input(Use.NOT_BUILT, feature, neutral)


_ACTED = Input(Use.ACTED_ON)
_KEPT = Input(Use.KEPT)
_REFUSED = Input(Use.REFUSED)
_UNUSED = Input(Use.UNUSED)
_LOGS = _unbuilt("log delivery")
_IPV6 = _unbuilt("IPv6", "ipv4")
_OUTPOST = _unbuilt("Outposts")
_RESTORE = _unbuilt("creating a cache from a snapshot")

_COMMON: Mapping[str, Input] = {
    "CacheNodeType": _ACTED,
    "Engine": _ACTED,
    "EngineVersion": _ACTED,
    "CacheParameterGroupName": _ACTED,
    "CacheSubnetGroupName": _ACTED,  # so is the subnet group `default`
    "CacheSecurityGroupNames": _REFUSED,
    "SecurityGroupIds": _KEPT,
    "Tags": _ACTED,  # only ListTagsForResource shows them
    "SnapshotArns": _RESTORE,
    "SnapshotName": _RESTORE,
    "PreferredMaintenanceWindow": _ACTED,
    "Port": _ACTED,
    "NotificationTopicArn": _KEPT,
    "AutoMinorVersionUpgrade": _KEPT,
    "SnapshotRetentionLimit": _KEPT,
    "SnapshotWindow": _KEPT,
    "AuthToken": _ACTED,
    "LogDeliveryConfigurations": _LOGS,
    "TransitEncryptionEnabled": _ACTED,
    "NetworkType": _IPV6,
    "IpDiscovery": _IPV6,
}

CREATE_CACHE_CLUSTER: Mapping[str, Input] = {
    **_COMMON,
    "CacheClusterId": _ACTED,
    "ReplicationGroupId": _ACTED,
    "AuthToken": _REFUSED,  # Redis groups alone have them
    "AZMode": _ACTED,
    "PreferredAvailabilityZone": _ACTED,
    "PreferredAvailabilityZones": _ACTED,
    "NumCacheNodes": _ACTED,
    "OutpostMode": _OUTPOST,
    "PreferredOutpostArn": _OUTPOST,
    "PreferredOutpostArns": _OUTPOST,
}

CREATE_REPLICATION_GROUP: Mapping[str, Input] = {
    **_COMMON,
    "ReplicationGroupId": _ACTED,
    "ReplicationGroupDescription": _ACTED,
    "GlobalReplicationGroupId": _REFUSED,  # no global datastore can exist
    "PrimaryClusterId": _ACTED,
    "AutomaticFailoverEnabled": _ACTED,
    "MultiAZEnabled": _ACTED,
    "NumCacheClusters": _ACTED,
    "PreferredCacheClusterAZs": _ACTED,
    "NumNodeGroups": _ACTED,
    "ReplicasPerNodeGroup": _ACTED,
    "NodeGroupConfiguration": _ACTED,
    "AtRestEncryptionEnabled": _KEPT,
    "KmsKeyId": _KEPT,
    "UserGroupIds": _REFUSED,  # no user group can exist
    "DataTieringEnabled": _KEPT,
    "TransitEncryptionMode": _ACTED,
    "ClusterMode": _ACTED,
    "ServerlessCacheSnapshotName": _RESTORE,
    "Durability": _unbuilt("durability", "default", "disabled"),
}

NODE_GROUP_CONFIGURATION: Mapping[str, Input] = {
    "NodeGroupId": _ACTED,
    "Slots": _ACTED,
    "ReplicaCount": _ACTED,
    "PrimaryAvailabilityZone": _ACTED,
    "ReplicaAvailabilityZones": _ACTED,
    "PrimaryOutpostArn": _OUTPOST,
    "ReplicaOutpostArns": _OUTPOST,
}

_MODIFY: Mapping[str, Input] = {
    "ApplyImmediately": _ACTED,
    "CacheSecurityGroupNames": _REFUSED,
    "SecurityGroupIds": _KEPT,
    "PreferredMaintenanceWindow": _ACTED,
    "NotificationTopicArn": _KEPT,
    "NotificationTopicStatus": _KEPT,
    "CacheParameterGroupName": _ACTED,
    "Engine": _ACTED,
    "EngineVersion": _ACTED,
    "AutoMinorVersionUpgrade": _KEPT,
    "SnapshotRetentionLimit": _KEPT,
    "SnapshotWindow": _KEPT,
    "CacheNodeType": _ACTED,
    "LogDeliveryConfigurations": _LOGS,
    "IpDiscovery": _IPV6,
}

MODIFY_CACHE_CLUSTER: Mapping[str, Input] = {
    **_MODIFY,
    "CacheClusterId": _ACTED,
    "NumCacheNodes": _ACTED,
    "CacheNodeIdsToRemove": _ACTED,
    "AZMode": _ACTED,
    "NewAvailabilityZones": _ACTED,
    "AuthToken": _REFUSED,  # groups alone have them
    "AuthTokenUpdateStrategy": _REFUSED,
    "ScaleConfig": _KEPT,  # nodes change one after the other, which is gradual
}

MODIFY_REPLICATION_GROUP: Mapping[str, Input] = {
    **_MODIFY,
    "ReplicationGroupId": _ACTED,
    "ReplicationGroupDescription": _ACTED,
    "PrimaryClusterId": _ACTED,
    "SnapshottingClusterId": _KEPT,
    "AutomaticFailoverEnabled": _ACTED,
    "MultiAZEnabled": _ACTED,
    "NodeGroupId": _UNUSED,
    "AuthToken": _ACTED,
    "AuthTokenUpdateStrategy": _ACTED,
    "UserGroupIdsToAdd": _REFUSED,  # no user group can exist
    "UserGroupIdsToRemove": _REFUSED,
    "RemoveUserGroups": _ACTED,  # there are none to remove
    "TransitEncryptionEnabled": _ACTED,
    "TransitEncryptionMode": _ACTED,
    "ClusterMode": _ACTED,
    "Durability": _unbuilt("durability", "default", "disabled"),
}

CONFIGURE_SHARD: Mapping[str, Input] = {
    "NodeGroupId": _ACTED,
    "NewReplicaCount": _ACTED,
    "PreferredAvailabilityZones": _ACTED,
    "PreferredOutpostArns": _OUTPOST,
}


def refuse_unbuilt(params: Params, inputs: Mapping[str, Input]) -> None:
    """Fault for the first parameter that asks for something that is not built."""
    for name, row in inputs.items():
        if row.use is Use.NOT_BUILT and row.asked(params.get(name)):
            raise not_built(row.feature)


def kept(params: Params, inputs: Mapping[str, Input]) -> tuple[str, ...]:
    """The parameters that are kept and shown, but that nothing acts on."""
    return tuple(name for name, row in inputs.items() if row.use is Use.KEPT and row.asked(params.get(name)))

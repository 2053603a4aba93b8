"""What becomes of every parameter of the operations that create and modify replication groups."""

from cachewright.controlplane.api.common.cache_inputs import CREATE_CACHE, MODIFY_CACHE
from cachewright.controlplane.api.common.inputs import ACTED_ON, KEPT, REFUSED, UNUSED, Inputs

CREATE_REPLICATION_GROUP: Inputs = {
    **CREATE_CACHE,
    "ReplicationGroupId": ACTED_ON,
    "ReplicationGroupDescription": ACTED_ON,
    "GlobalReplicationGroupId": ACTED_ON,
    "PrimaryClusterId": ACTED_ON,
    "AutomaticFailoverEnabled": ACTED_ON,
    "MultiAZEnabled": ACTED_ON,
    "NumCacheClusters": ACTED_ON,
    "PreferredCacheClusterAZs": ACTED_ON,
    "NumNodeGroups": ACTED_ON,
    "ReplicasPerNodeGroup": ACTED_ON,
    "NodeGroupConfiguration": ACTED_ON,
    "AtRestEncryptionEnabled": ACTED_ON,
    "KmsKeyId": ACTED_ON,
    "UserGroupIds": ACTED_ON,
    "DataTieringEnabled": KEPT,
    "TransitEncryptionMode": ACTED_ON,
    "ClusterMode": ACTED_ON,
    "ServerlessCacheSnapshotName": ACTED_ON,
    "Durability": ACTED_ON,
}

NODE_GROUP_CONFIGURATION: Inputs = {
    "NodeGroupId": ACTED_ON,
    "Slots": ACTED_ON,
    "ReplicaCount": ACTED_ON,
    "PrimaryAvailabilityZone": ACTED_ON,
    "ReplicaAvailabilityZones": ACTED_ON,
    "PrimaryOutpostArn": REFUSED,  # there is no Outpost
    "ReplicaOutpostArns": REFUSED,  # there is no Outpost
}

MODIFY_REPLICATION_GROUP: Inputs = {
    **MODIFY_CACHE,
    "ReplicationGroupId": ACTED_ON,
    "ReplicationGroupDescription": ACTED_ON,
    "PrimaryClusterId": ACTED_ON,
    "SnapshottingClusterId": ACTED_ON,
    "AutomaticFailoverEnabled": ACTED_ON,
    "MultiAZEnabled": ACTED_ON,
    "NodeGroupId": UNUSED,
    "AuthToken": ACTED_ON,
    "AuthTokenUpdateStrategy": ACTED_ON,
    "UserGroupIdsToAdd": ACTED_ON,
    "UserGroupIdsToRemove": ACTED_ON,
    "RemoveUserGroups": ACTED_ON,
    "TransitEncryptionEnabled": ACTED_ON,
    "TransitEncryptionMode": ACTED_ON,
    "ClusterMode": ACTED_ON,
    "Durability": ACTED_ON,
}

CONFIGURE_SHARD: Inputs = {
    "NodeGroupId": ACTED_ON,
    "NewReplicaCount": ACTED_ON,
    "PreferredAvailabilityZones": ACTED_ON,
    "PreferredOutpostArns": REFUSED,  # there is no Outpost
}

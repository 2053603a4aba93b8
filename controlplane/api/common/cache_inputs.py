"""What becomes of the parameters that cache clusters and replication groups have in common."""

from cachewright.controlplane.api.common.inputs import ACTED_ON, KEPT, REFUSED, Inputs

CREATE_CACHE: Inputs = {
    "CacheNodeType": ACTED_ON,
    "Engine": ACTED_ON,
    "EngineVersion": ACTED_ON,
    "CacheParameterGroupName": ACTED_ON,
    "CacheSubnetGroupName": ACTED_ON,
    "CacheSecurityGroupNames": REFUSED,
    "SecurityGroupIds": KEPT,
    "Tags": ACTED_ON,  # only ListTagsForResource shows them
    "SnapshotArns": ACTED_ON,
    "SnapshotName": ACTED_ON,
    "PreferredMaintenanceWindow": ACTED_ON,
    "Port": ACTED_ON,
    "NotificationTopicArn": ACTED_ON,
    "AutoMinorVersionUpgrade": KEPT,
    "SnapshotRetentionLimit": ACTED_ON,
    "SnapshotWindow": ACTED_ON,
    "AuthToken": ACTED_ON,
    "LogDeliveryConfigurations": ACTED_ON,
    "TransitEncryptionEnabled": ACTED_ON,
    "NetworkType": ACTED_ON,
    "IpDiscovery": ACTED_ON,
}

MODIFY_CACHE: Inputs = {
    "ApplyImmediately": ACTED_ON,
    "CacheSecurityGroupNames": REFUSED,
    "SecurityGroupIds": KEPT,
    "PreferredMaintenanceWindow": ACTED_ON,
    "NotificationTopicArn": ACTED_ON,
    "NotificationTopicStatus": ACTED_ON,
    "CacheParameterGroupName": ACTED_ON,
    "Engine": ACTED_ON,
    "EngineVersion": ACTED_ON,
    "AutoMinorVersionUpgrade": KEPT,
    "SnapshotRetentionLimit": ACTED_ON,
    "SnapshotWindow": ACTED_ON,
    "CacheNodeType": ACTED_ON,
    "LogDeliveryConfigurations": ACTED_ON,
    "IpDiscovery": ACTED_ON,
}

"""What becomes of every parameter of the operations that create, modify and delete serverless caches."""

from collections.abc import Mapping

from cachewright.controlplane.api.common.inputs import ACTED_ON, KEPT, Input, unbuilt

CREATE_SERVERLESS_CACHE: Mapping[str, Input] = {
    "ServerlessCacheName": ACTED_ON,
    "Description": ACTED_ON,
    "Engine": ACTED_ON,
    "MajorEngineVersion": ACTED_ON,
    "CacheUsageLimits": KEPT,
    "KmsKeyId": ACTED_ON,
    "SecurityGroupIds": KEPT,
    "SnapshotArnsToRestore": ACTED_ON,
    "Tags": ACTED_ON,  # only ListTagsForResource shows them
    "UserGroupId": ACTED_ON,
    "SubnetIds": ACTED_ON,
    "SnapshotRetentionLimit": ACTED_ON,
    "DailySnapshotTime": ACTED_ON,
    "NetworkType": ACTED_ON,
    "ConnectionType": KEPT,  # every endpoint is reached by whoever reaches this machine
    "Integrations": unbuilt("integrations of serverless caches"),
}

MODIFY_SERVERLESS_CACHE: Mapping[str, Input] = {
    "ServerlessCacheName": ACTED_ON,
    "Description": ACTED_ON,
    "CacheUsageLimits": KEPT,
    "RemoveUserGroup": ACTED_ON,
    "UserGroupId": ACTED_ON,
    "SecurityGroupIds": KEPT,
    "SnapshotRetentionLimit": ACTED_ON,
    "DailySnapshotTime": ACTED_ON,
    "Engine": ACTED_ON,
    "MajorEngineVersion": ACTED_ON,
}

DELETE_SERVERLESS_CACHE: Mapping[str, Input] = {
    "ServerlessCacheName": ACTED_ON,
    "FinalSnapshotName": ACTED_ON,
}

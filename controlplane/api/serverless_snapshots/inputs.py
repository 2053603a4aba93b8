"""What becomes of every parameter of the operations that make snapshots of serverless caches."""

from cachewright.controlplane.api.common.inputs import ACTED_ON, Inputs

CREATE_SERVERLESS_CACHE_SNAPSHOT: Inputs = {
    "ServerlessCacheSnapshotName": ACTED_ON,
    "ServerlessCacheName": ACTED_ON,
    "KmsKeyId": ACTED_ON,
    "Tags": ACTED_ON,
}

COPY_SERVERLESS_CACHE_SNAPSHOT: Inputs = {
    "SourceServerlessCacheSnapshotName": ACTED_ON,
    "TargetServerlessCacheSnapshotName": ACTED_ON,
    "KmsKeyId": ACTED_ON,
    "Tags": ACTED_ON,
}

"""What becomes of every parameter of the operations that make snapshots of serverless caches."""

from collections.abc import Mapping

from cachewright.controlplane.api.common.inputs import ACTED_ON, Input

CREATE_SERVERLESS_CACHE_SNAPSHOT: Mapping[str, Input] = {
    "ServerlessCacheSnapshotName": ACTED_ON,
    "ServerlessCacheName": ACTED_ON,
    "KmsKeyId": ACTED_ON,
    "Tags": ACTED_ON,
}

COPY_SERVERLESS_CACHE_SNAPSHOT: Mapping[str, Input] = {
    "SourceServerlessCacheSnapshotName": ACTED_ON,
    "TargetServerlessCacheSnapshotName": ACTED_ON,
    "KmsKeyId": ACTED_ON,
    "Tags": ACTED_ON,
}

"""What becomes of every parameter of CreateSnapshot and CopySnapshot."""

from collections.abc import Mapping

from cachewright.controlplane.api.common.inputs import ACTED_ON, Input

CREATE_SNAPSHOT: Mapping[str, Input] = {
    "ReplicationGroupId": ACTED_ON,
    "CacheClusterId": ACTED_ON,
    "SnapshotName": ACTED_ON,
    "KmsKeyId": ACTED_ON,
    "Tags": ACTED_ON,
}

COPY_SNAPSHOT: Mapping[str, Input] = {
    "SourceSnapshotName": ACTED_ON,
    "TargetSnapshotName": ACTED_ON,
    "TargetBucket": ACTED_ON,
    "KmsKeyId": ACTED_ON,
    "Tags": ACTED_ON,
}

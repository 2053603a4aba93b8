"""What becomes of every parameter of CreateSnapshot and CopySnapshot."""

from cachewright.controlplane.api.common.inputs import ACTED_ON, Inputs

CREATE_SNAPSHOT: Inputs = {
    "ReplicationGroupId": ACTED_ON,
    "CacheClusterId": ACTED_ON,
    "SnapshotName": ACTED_ON,
    "KmsKeyId": ACTED_ON,
    "Tags": ACTED_ON,
}

COPY_SNAPSHOT: Inputs = {
    "SourceSnapshotName": ACTED_ON,
    "TargetSnapshotName": ACTED_ON,
    "TargetBucket": ACTED_ON,
    "KmsKeyId": ACTED_ON,
    "Tags": ACTED_ON,
}

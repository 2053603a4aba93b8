"""The operations on snapshots."""

from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.api.snapshots.copy import copy_snapshot
from cachewright.controlplane.api.snapshots.create import create_snapshot
from cachewright.controlplane.api.snapshots.delete import delete_snapshot
from cachewright.controlplane.api.snapshots.describe import describe_snapshots

OPERATIONS: Operations = {
    "CopySnapshot": Operation(copy_snapshot, "Under another name, or into a bucket."),
    "CreateSnapshot": Operation(
        create_snapshot,
        "Of a Redis or Valkey cluster, a member of a group, or in cluster mode a whole group.",
    ),
    "DeleteSnapshot": Operation(delete_snapshot, "Complete."),
    "DescribeSnapshots": Operation(describe_snapshots, "Complete.", writes=False),
}

"""The operations on snapshots of serverless caches."""

from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.api.serverless_snapshots.copy import copy_serverless_cache_snapshot
from cachewright.controlplane.api.serverless_snapshots.create import create_serverless_cache_snapshot
from cachewright.controlplane.api.serverless_snapshots.delete import delete_serverless_cache_snapshot
from cachewright.controlplane.api.serverless_snapshots.describe import describe_serverless_cache_snapshots
from cachewright.controlplane.api.serverless_snapshots.export import export_serverless_cache_snapshot

OPERATIONS: Operations = {
    "CopyServerlessCacheSnapshot": Operation(copy_serverless_cache_snapshot, "Complete."),
    "CreateServerlessCacheSnapshot": Operation(
        create_serverless_cache_snapshot,
        "Complete. Of Memcached each item is as it was at some moment meanwhile.",
    ),
    "DeleteServerlessCacheSnapshot": Operation(delete_serverless_cache_snapshot, "Complete."),
    "DescribeServerlessCacheSnapshots": Operation(
        describe_serverless_cache_snapshots,
        "Complete. `BytesUsedForCache` is the size of the file.",
        writes=False,
    ),
    "ExportServerlessCacheSnapshot": Operation(
        export_serverless_cache_snapshot,
        "Into a bucket, or a folder in its place, as `CopySnapshot` does. Not of Memcached, as on AWS.",
    ),
}

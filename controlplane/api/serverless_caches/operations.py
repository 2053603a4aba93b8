"""The operations on serverless caches."""

from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.api.serverless_caches.create import create_serverless_cache
from cachewright.controlplane.api.serverless_caches.delete import delete_serverless_cache
from cachewright.controlplane.api.serverless_caches.describe import describe_serverless_caches
from cachewright.controlplane.api.serverless_caches.migration import prepare_migration, stop_migration
from cachewright.controlplane.api.serverless_caches.modify import modify_serverless_cache

OPERATIONS: Operations = {
    "CreateServerlessCache": Operation(
        create_serverless_cache,
        "Valkey, Redis and Memcached, always encrypted: a primary and a replica in two zones, which fail over by"
        " themselves, or one Memcached node. Usage limits hold, but for ECPUs of Memcached."
        " It may begin with a snapshot, or with a file in a bucket. An integration with DynamoDB is kept, and shown as"
        " `failed`.",
    ),
    "DeleteServerlessCache": Operation(delete_serverless_cache, "With a final snapshot if wanted."),
    "DescribeServerlessCaches": Operation(describe_serverless_caches, "All of them by name.", writes=False),
    "ModifyServerlessCache": Operation(
        modify_serverless_cache,
        "One kind of change at a time, as on AWS. Redis to Valkey and major versions node by node, without downtime."
        " Another limit is nothing to a Memcached node that runs.",
    ),
    "PrepareMigration": Operation(
        prepare_migration,
        "From any Redis or Valkey that containers reach, with a login and TLS or without. The migration endpoint leads"
        " to the cache itself, not to the source.",
    ),
    "StopMigration": Operation(stop_migration, "Complete; what has come stays until the next StartMigration."),
}

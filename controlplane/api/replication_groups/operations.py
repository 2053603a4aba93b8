"""The operations on replication groups."""

from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.api.replication_groups.create import create_replication_group
from cachewright.controlplane.api.replication_groups.delete import delete_replication_group
from cachewright.controlplane.api.replication_groups.describe import describe_replication_groups
from cachewright.controlplane.api.replication_groups.failover import test_failover
from cachewright.controlplane.api.replication_groups.migration import (
    complete_migration,
    start_migration,
    test_migration,
)
from cachewright.controlplane.api.replication_groups.modify import modify_replication_group
from cachewright.controlplane.api.replication_groups.replica_count import decrease_replica_count, increase_replica_count
from cachewright.controlplane.api.replication_groups.resharding import modify_replication_group_shard_configuration

OPERATIONS: Operations = {
    "CompleteMigration": Operation(
        complete_migration,
        "Of replication groups and serverless caches: every write that the source had acknowledged is there, unless by"
        " force.",
    ),
    "CreateReplicationGroup": Operation(
        create_replication_group,
        "Redis and Valkey in every cluster mode, 1 to 90 shards with up to 5 replicas, encryption in transit, AUTH,"
        " durability; new, made of a snapshot, of files in buckets or, with cluster mode disabled, out of a cache"
        " cluster, or as a secondary of a global datastore.",
    ),
    "DecreaseReplicaCount": Operation(
        decrease_replica_count,
        "Of one, some or all shards. A replica that was removed is not found any more at once.",
    ),
    "DeleteReplicationGroup": Operation(
        delete_replication_group,
        "With all its members, with a final snapshot if wanted, or, with cluster mode disabled, all but the primary.",
    ),
    "DescribeReplicationGroups": Operation(describe_replication_groups, "Complete.", writes=False),
    "IncreaseReplicaCount": Operation(increase_replica_count, "Of one, some or all shards."),
    "ModifyReplicationGroup": Operation(
        modify_replication_group,
        "Settings, cluster mode, failover, promotion, node type, version, encryption in transit, AUTH, durability; at"
        " once or in the maintenance window. Log delivery and `IpDiscovery` at once.",
    ),
    "ModifyReplicationGroupShardConfiguration": Operation(
        modify_replication_group_shard_configuration,
        "More shards, fewer shards, slots dealt out evenly; keys move online.",
    ),
    "StartMigration": Operation(
        start_migration,
        "From any Redis or Valkey that containers reach, into a replication group without a password, as on AWS, or"
        " into a serverless cache that was prepared; `localhost` is this machine.",
    ),
    "TestMigration": Operation(test_migration, "Complete: an event tells what is in the way."),
    "TestFailover": Operation(
        test_failover,
        "A real failover to a replica, with AWS's events and its quota of 15 node groups in 24 hours.",
    ),
}

"""Which operation does what: the table that everything said about supported operations comes from."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from cachewright.controlplane.api.cache_clusters.create import create_cache_cluster
from cachewright.controlplane.api.cache_clusters.existing import (
    delete_cache_cluster,
    describe_cache_clusters,
    reboot_cache_cluster,
)
from cachewright.controlplane.api.cache_clusters.modify import modify_cache_cluster
from cachewright.controlplane.api.common.allowed_node_types import list_allowed_node_type_modifications
from cachewright.controlplane.api.common.context import Answer, Caller, Context, DryRun, Params, no_dry_run
from cachewright.controlplane.api.engine_versions import describe_cache_engine_versions
from cachewright.controlplane.api.events import describe_events
from cachewright.controlplane.api.parameter_groups.groups import (
    create_cache_parameter_group,
    delete_cache_parameter_group,
    describe_cache_parameter_groups,
)
from cachewright.controlplane.api.parameter_groups.modify import (
    modify_cache_parameter_group,
    reset_cache_parameter_group,
)
from cachewright.controlplane.api.parameter_groups.parameters import (
    describe_cache_parameters,
    describe_engine_default_parameters,
)
from cachewright.controlplane.api.replication_groups.create import create_replication_group
from cachewright.controlplane.api.replication_groups.existing import (
    delete_replication_group,
    describe_replication_groups,
)
from cachewright.controlplane.api.replication_groups.failover import test_failover
from cachewright.controlplane.api.replication_groups.modify import modify_replication_group
from cachewright.controlplane.api.replication_groups.replica_count import decrease_replica_count, increase_replica_count
from cachewright.controlplane.api.replication_groups.resharding import modify_replication_group_shard_configuration
from cachewright.controlplane.api.tags import add_tags_to_resource, list_tags_for_resource, remove_tags_from_resource
from cachewright.controlplane.model.faults import not_built
from cachewright.controlplane.model.usage import UsageReader, no_usage
from cachewright.controlplane.model.windows import Randomness
from cachewright.controlplane.store.database import Store, Transaction

Handler = Callable[[Context, Params], Answer]


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table. `notes` says in a sentence what works and what does not."""

    handler: Handler
    notes: str
    writes: bool = True


OPERATIONS: Mapping[str, Operation] = {
    "AddTagsToResource": Operation(
        add_tags_to_resource,
        "Cache clusters, replication groups with their members, parameter groups.",
    ),
    "CreateCacheCluster": Operation(
        create_cache_cluster,
        "Memcached with 1 to 40 nodes, encrypted in transit or not, Redis with one, a replica of a replication group."
        " No snapshots to start from.",
    ),
    "CreateCacheParameterGroup": Operation(create_cache_parameter_group, "Complete; no global datastores."),
    "CreateReplicationGroup": Operation(
        create_replication_group,
        "Redis and Valkey in every cluster mode, 1 to 90 shards with up to 5 replicas, encryption in transit, AUTH; new"
        " or, with cluster mode disabled, made out of a cache cluster. No users, snapshots or global datastores.",
    ),
    "DeleteCacheCluster": Operation(
        delete_cache_cluster,
        "Clusters, and replicas of a replication group, which are not found any more at once; no final snapshot.",
    ),
    "DeleteCacheParameterGroup": Operation(delete_cache_parameter_group, "Complete."),
    "DecreaseReplicaCount": Operation(
        decrease_replica_count,
        "Of one, some or all shards. A replica that was removed is not found any more at once.",
    ),
    "DeleteReplicationGroup": Operation(
        delete_replication_group,
        "With all its members, or, with cluster mode disabled, all but the primary; no final snapshot.",
    ),
    "DescribeCacheClusters": Operation(describe_cache_clusters, "Complete.", writes=False),
    "DescribeCacheEngineVersions": Operation(describe_cache_engine_versions, "Complete.", writes=False),
    "DescribeCacheParameterGroups": Operation(describe_cache_parameter_groups, "Complete.", writes=False),
    "DescribeCacheParameters": Operation(
        describe_cache_parameters,
        "Every family in full, with descriptions of our own; nothing has the source `engine-default`.",
        writes=False,
    ),
    "DescribeEngineDefaultParameters": Operation(
        describe_engine_default_parameters, "Every family in full, with descriptions of our own.", writes=False
    ),
    "DescribeEvents": Operation(describe_events, "Complete.", writes=False),
    "DescribeReplicationGroups": Operation(describe_replication_groups, "Complete.", writes=False),
    "IncreaseReplicaCount": Operation(increase_replica_count, "Of one, some or all shards."),
    "ListAllowedNodeTypeModifications": Operation(
        list_allowed_node_type_modifications,
        "By the rules that AWS documents and one recorded answer; AWS's own lists may differ in single types.",
        writes=False,
    ),
    "ListTagsForResource": Operation(
        list_tags_for_resource,
        "Cache clusters, replication groups with their members, parameter groups.",
        writes=False,
    ),
    "ModifyCacheCluster": Operation(
        modify_cache_cluster,
        "Settings, node type, version and the number of nodes, at once, in the maintenance window or with a reboot of"
        " all nodes; settings alone of members, and then of their whole group. A failed node does not hasten what"
        " waits.",
    ),
    "ModifyCacheParameterGroup": Operation(
        modify_cache_parameter_group,
        "What takes effect at once reaches every node that uses the group; what an engine refuses is an error.",
    ),
    "ModifyReplicationGroup": Operation(
        modify_replication_group,
        "Settings, cluster mode, failover, promotion, node type, version, encryption in transit, AUTH; at once or in"
        " the maintenance window. No users, no log delivery.",
    ),
    "ModifyReplicationGroupShardConfiguration": Operation(
        modify_replication_group_shard_configuration,
        "More shards, fewer shards, slots dealt out evenly; keys move online.",
    ),
    "RebootCacheCluster": Operation(
        reboot_cache_cluster,
        "Some or all nodes; what they hold is lost, as on AWS. With all nodes, what waits is done. Refused in cluster"
        " mode, as on AWS.",
    ),
    "RemoveTagsFromResource": Operation(
        remove_tags_from_resource,
        "Cache clusters, replication groups with their members, parameter groups.",
    ),
    "ResetCacheParameterGroup": Operation(reset_cache_parameter_group, "Single parameters, or all."),
    "TestFailover": Operation(
        test_failover,
        "A real failover to a replica, with AWS's events and its quota of 15 node groups in 24 hours.",
    ),
}


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Answers operations out of the store; it never waits for the world."""

    store: Store
    zone_letters: tuple[str, ...]
    clock: Callable[[], datetime]  # the moment, with its zone
    random: Randomness
    dry_run: DryRun = no_dry_run
    usage_of: UsageReader = no_usage
    restricted: bool = True

    def __call__(self, operation: str, params: Params, caller: Caller) -> Answer:
        """The answer to an operation. Fault when it is refused; then nothing was written."""
        row = OPERATIONS.get(operation)
        if row is None:
            raise not_built(operation)
        with self._transaction(row) as transaction:
            return row.handler(self._context(transaction, caller), params)

    def _context(self, transaction: Transaction, caller: Caller) -> Context:
        moment, tools = self.clock(), (self.dry_run, self.usage_of)
        return Context(transaction, caller, moment, self.random, self.zone_letters, *tools, self.restricted)

    def _transaction(self, row: Operation) -> AbstractContextManager[Transaction]:
        return self.store.write() if row.writes else self.store.read()

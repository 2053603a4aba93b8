"""AWS's quotas: how much of everything there may be, unless AWS, or here a setting, is asked for more or less.

Source: the ElastiCache user guide, "Quotas" and "Error messages"; the API reference, for the faults.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cachewright.controlplane.model.faults import Fault

HIGHEST = 100_000  # far above what one machine runs


@dataclass(frozen=True, slots=True)
class Quota:
    """One row. The fault is named by its shape in the service model; its words have a place for the number."""

    name: str
    usual: int  # of an account that has asked for nothing else
    fault: str
    words: str


@dataclass(frozen=True, slots=True)
class Quotas:
    """The quotas that hold: those that were `chosen`, by name, and the usual ones."""

    chosen: Mapping[str, int] = field(default_factory=dict)

    def most(self, quota: Quota) -> int:
        """How many there may be."""
        return self.chosen.get(quota.name, quota.usual)

    def check(self, quota: Quota, count: int) -> None:
        """Fault when `count` are too many."""
        if count > self.most(quota):
            raise self.exceeded(quota)

    def exceeded(self, quota: Quota) -> Fault:
        """The refusal of too many."""
        return Fault(quota.fault, quota.words.format(most=self.most(quota)))


NODES = Quota(
    "nodes-per-region",
    300,
    "NodeQuotaForCustomerExceededFault",
    "Customer node quota exceeded. You can have at most {most} nodes in this region.",
)
MEMCACHED_NODES = Quota(
    "nodes-per-memcached-cluster",
    60,
    "NodeQuotaForClusterExceededFault",
    "Cluster node quota exceeded. Each cluster can have at most {most} nodes in this region.",
)
GROUP_NODES = Quota(
    "nodes-per-replication-group",
    90,
    "NodeQuotaForClusterExceededFault",
    "Cluster node quota exceeded. Each cluster can have at most {most} nodes in this region.",
)
SHARDS = Quota(
    "shards-per-replication-group",
    90,
    "NodeGroupsPerReplicationGroupQuotaExceededFault",
    "A replication group can have at most {most} node groups.",
)
REPLICAS = Quota(
    "replicas-per-shard",
    5,
    "InvalidParameterValueException",
    "The number of replicas per node group must be within 0 and {most}.",
)
PARAMETER_GROUPS = Quota(
    "parameter-groups",
    300,
    "CacheParameterGroupQuotaExceededFault",
    "You can have at most {most} cache parameter groups.",
)
PARAMETERS = Quota(
    "parameters-per-request",
    20,
    "InvalidParameterCombinationException",
    "Cannot modify more than {most} parameters in a single request",
)
SUBNET_GROUPS = Quota(
    "subnet-groups", 300, "CacheSubnetGroupQuotaExceededFault", "You can have at most {most} cache subnet groups."
)
SUBNETS = Quota(
    "subnets-per-subnet-group",
    20,
    "CacheSubnetQuotaExceededFault",
    "A cache subnet group can have at most {most} subnets.",
)
TAGS = Quota("tags-per-resource", 50, "TagQuotaPerResourceExceeded", "A resource cannot have more than {most} tags.")
TEST_FAILOVERS = Quota(
    "test-failovers",  # node groups in 24 hours
    15,
    "APICallRateForCustomerExceededFault",
    "TestFailover can be called for at most {most} node groups in 24 hours.",
)
SNAPSHOTS = Quota(
    "snapshots-per-node",  # manual ones in 24 hours
    20,
    "SnapshotQuotaExceededFault",
    "The maximum number of manual snapshots for this node taken within 24 hours has been reached its quota of {most}",
)
SERVERLESS_SNAPSHOTS = Quota(
    "snapshots-per-serverless-cache",  # manual ones in 24 hours
    24,
    "ServerlessCacheSnapshotQuotaExceededFault",
    "You can take at most {most} manual snapshots of a serverless cache within 24 hours.",
)
USERS = Quota("users", 2000, "UserQuotaExceededFault", "You can have at most {most} users.")
USER_GROUPS = Quota("user-groups", 200, "UserGroupQuotaExceededFault", "You can have at most {most} user groups.")
GROUP_USERS = Quota(
    "users-per-user-group", 100, "UserGroupQuotaExceededFault", "A user group can have at most {most} users."
)
CACHE_SECURITY_GROUPS = Quota(
    "cache-security-groups",
    50,
    "CacheSecurityGroupQuotaExceededFault",
    "You can have at most {most} cache security groups.",
)
RESERVED_NODES = Quota(
    "reserved-nodes", 300, "ReservedCacheNodeQuotaExceededFault", "You can have at most {most} reserved cache nodes."
)
SERVERLESS_CACHES = Quota(
    "serverless-caches",
    40,
    "ServerlessCacheQuotaForCustomerExceededFault",
    "You can have at most {most} serverless caches.",
)

QUOTAS: Mapping[str, Quota] = {
    quota.name: quota
    for quota in (
        NODES,
        MEMCACHED_NODES,
        GROUP_NODES,
        SHARDS,
        REPLICAS,
        PARAMETER_GROUPS,
        PARAMETERS,
        SUBNET_GROUPS,
        SUBNETS,
        TAGS,
        TEST_FAILOVERS,
        SNAPSHOTS,
        SERVERLESS_SNAPSHOTS,
        USERS,
        USER_GROUPS,
        GROUP_USERS,
        CACHE_SECURITY_GROUPS,
        RESERVED_NODES,
        SERVERLESS_CACHES,
    )
}

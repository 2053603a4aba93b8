"""The operations on cache clusters."""

from cachewright.controlplane.api.cache_clusters.create import create_cache_cluster
from cachewright.controlplane.api.cache_clusters.delete import delete_cache_cluster
from cachewright.controlplane.api.cache_clusters.describe import describe_cache_clusters
from cachewright.controlplane.api.cache_clusters.modify import modify_cache_cluster
from cachewright.controlplane.api.cache_clusters.reboot import reboot_cache_cluster
from cachewright.controlplane.api.common.operation import Operation, Operations

OPERATIONS: Operations = {
    "CreateCacheCluster": Operation(
        create_cache_cluster,
        "Memcached with 1 to 60 nodes, encrypted in transit or not, Redis with one, a replica of a replication group."
        " A single Redis node may begin with a snapshot, or with a file in a bucket.",
    ),
    "DeleteCacheCluster": Operation(
        delete_cache_cluster,
        "Clusters and replicas of a replication group, with a final snapshot if wanted; without one a replica is not"
        " found any more at once.",
    ),
    "DescribeCacheClusters": Operation(describe_cache_clusters, "Complete.", writes=False),
    "ModifyCacheCluster": Operation(
        modify_cache_cluster,
        "Settings, node type, version and the number of nodes, at once, in the maintenance window or with a reboot of"
        " all nodes; settings alone of members, and then of their whole group. A failed node does not hasten what"
        " waits. Log delivery of clusters that are no members. `IpDiscovery` at once.",
    ),
    "RebootCacheCluster": Operation(
        reboot_cache_cluster,
        "Some or all nodes; what they hold is lost, as on AWS. With all nodes, what waits is done. Refused in cluster"
        " mode, as on AWS.",
    ),
}

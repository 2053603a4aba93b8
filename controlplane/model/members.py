"""Members of replication groups: who leads, who follows, and who may go."""

from cachewright.controlplane.model.cache import Cache, Node, Shard
from cachewright.controlplane.model.described import endpoints_shown


def leader_of(cache: Cache, shard: Shard) -> Node:
    """The node that leads a shard; the first one while nobody was chosen."""
    decided = cache.status.shards.get(shard.id)
    return next((node for node in shard.nodes if decided and node.name == decided.primary), shard.nodes[0])


def replicas_of(cache: Cache, shard: Shard) -> list[Node]:
    """The other nodes of a shard, in order."""
    leader = leader_of(cache, shard)
    return [node for node in shard.nodes if node is not leader]


def must_stay(cache: Cache, name: str) -> str:
    """Why a member of a replication group cannot be deleted by itself, in AWS's words; empty when it can. Those that go
    with a last snapshot of their own are as good as gone.

    Source: the API reference of DeleteCacheCluster.
    """
    if cache.spec.clustered:
        return (
            f"Cache cluster {name} is a member of cluster mode enabled replication group {cache.key.id}"
            " and cannot be deleted by itself. Use DecreaseReplicaCount."
        )
    (shard,) = cache.spec.shards
    count = sum(node.cluster not in cache.saving.leaving - {name} for node in shard.nodes)
    if count == 1:
        return (
            "Cannot delete the cache cluster since it is the only member of a replication group."
            " Delete the replication group instead."
        )
    if not endpoints_shown(cache):
        return f"Replication group {cache.key.id} could not be created. Delete it instead."
    if leader_of(cache, shard).cluster == name:
        return f"Cache cluster {name} is serving as primary of replication group {cache.key.id}."
    if count > 2:
        return ""
    if cache.spec.multi_az:
        return f"Cache cluster {name} is the last replica of a Multi-AZ replication group."
    if cache.spec.automatic_failover or cache.spec.pending.automatic_failover:
        return (
            f"Cache cluster {name} is the only read replica for replication group {cache.key.id} which has autofailover"
            " enabled or pending."
        )
    return ""

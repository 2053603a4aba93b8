"""What each node of a cache in cluster mode is told of the others before its first moment.

Where the shards follow those of another cluster, each node has a view of its own, which only its file gives. A shard's
primary is a replica of the other cluster's and serves the slots itself; those of other shards are told that it is an
ordinary primary. No gossip may reach it: whoever heard what it says of itself would take the slots away from it. So it
is kept **apart**: the files name a wrong port for its bus, and nobody is ever taken for failed. Replicas talk to each
other.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from cachewright.agents.planning.cluster.cluster import Cluster
from cachewright.agents.planning.cluster.nodes import ClusterNode
from cachewright.agents.planning.world import Membership, World
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.changes import desired_owners

EPOCHS = 1 << 12  # from those of one spec to the next: more than twice as many as there are shards


def are_apart(cache: Cache, world: World) -> bool:
    """Whether the nodes of a cache have views of their own; also of one that is about to follow its successor."""
    return cache.spec.clustered and bool(world.upstreams or world.yielding)


def told(cluster: Cluster, nodes: tuple[ClusterNode, ...], name: str) -> tuple[ClusterNode, ...]:
    """What a node is told of others before its first moment, where ordinary ones are told of `nodes`."""
    return tuple(_told_apart(cluster, nodes, name)) if are_apart(cluster.cache, cluster.world) else nodes


def _told_apart(cluster: Cluster, nodes: Collection[ClusterNode], name: str) -> Iterator[ClusterNode]:
    """Primaries hear nobody, and nobody hears them."""
    own, leads, upstream = cluster.cluster_node_id(name), name in cluster.primaries, upstream_of(cluster, name)
    for one in _dealt(cluster, nodes):
        if one.id != own:
            yield replace(one, arriving=(), apart=leads or not one.follows)
        elif upstream:
            yield replace(one, arriving=(), follows=upstream.id)
            outside = cluster.world.outside.get(cluster.shard_of(name), ())
            yield from (replace(other, shard=one.shard) for other in dict.fromkeys((upstream, *outside)))
        else:
            yield one


def upstream_of(cluster: Cluster, name: str) -> ClusterNode | None:
    """Whom a node follows outside of the cache; None: nobody."""
    world, shard = cluster.world, cluster.shard_of(name)
    if name not in cluster.primaries or not (shard in world.upstreams or world.yielding):
        return None
    link = world.upstreams.get(shard)
    found = (one for one in world.outside.get(shard, ()) if link and one.address.host == link.address.host)
    return next(found, replace(cluster.absent(shard), apart=True))


def is_found(view: Membership, one: ClusterNode) -> bool:
    """Whether a node knows another one, and where that is by now."""
    peer = view.peers.get(one.id)
    return peer is not None and peer.address.host == one.address.host


def _dealt(cluster: Cluster, nodes: Collection[ClusterNode]) -> Iterator[ClusterNode]:
    """The nodes with the slots that they are told to have: those of the other cluster's shards, once it has come to
    rest. Claims of a later spec win: replicas whose files are of different times hear of each other.
    """
    shards, wanted = cluster.interim.spec.shards, desired_owners(cluster.cache.spec)
    primaries = ((shard.id, cluster.status.shards[shard.id].primary) for shard in shards)
    dealt = {cluster.cluster_node_id(primary): wanted.get(shard, ()) for shard, primary in primaries}
    for one in nodes:
        slots = dealt.get(one.id, ()) if cluster.world.slots_settled else one.slots
        yield replace(one, slots=slots, epoch=one.epoch + cluster.cache.generation * EPOCHS if one.epoch else 0)

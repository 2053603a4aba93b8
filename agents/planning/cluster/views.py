"""What each node of a cache in cluster mode knows of the others, and what follows from it.

Where the shards follow those of another cluster, each node has a view of its own, which only its file gives. A shard's
primary is a replica of the other cluster's and serves the slots itself; those of other shards are told that it is an
ordinary primary. No gossip may reach it: whoever heard what it says of itself would take the slots away from it. So it
is kept **apart**: the files name a wrong port for its bus, and nobody is ever taken for failed. Replicas talk to each
other.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from cachewright.agents.planning.actions import Action, ClusterFollow, ClusterJoin
from cachewright.agents.planning.cluster.cluster import Cluster
from cachewright.agents.planning.cluster.nodes import ClusterNode
from cachewright.agents.planning.world import Membership, World
from cachewright.controlplane.model.cache import Cache


def are_apart(cache: Cache, world: World) -> bool:
    """Whether the nodes of a cache have views of their own; also of one that is about to follow its successor."""
    return cache.spec.clustered and bool(world.upstreams or world.yielding)


def told(cluster: Cluster, nodes: tuple[ClusterNode, ...], name: str) -> tuple[ClusterNode, ...]:
    """What a node is told of others before its first moment, where ordinary ones are told of `nodes`."""
    return tuple(_told_apart(cluster, nodes, name)) if are_apart(cluster.cache, cluster.world) else nodes


def _told_apart(cluster: Cluster, nodes: Collection[ClusterNode], name: str) -> Iterator[ClusterNode]:
    """Primaries hear nobody, and nobody hears them."""
    own, leads, upstream = cluster.cluster_node_id(name), name in cluster.primaries, _upstream(cluster, name)
    for one in nodes:
        if one.id != own:
            yield replace(one, arriving=(), apart=leads or not one.follows)
        elif upstream:
            yield replace(one, arriving=(), follows=upstream.id)
            outside = cluster.world.outside.get(cluster.shard_of(name), ())
            yield from (replace(other, shard=one.shard) for other in dict.fromkeys((upstream, *outside)))
        else:
            yield one


def _upstream(cluster: Cluster, name: str) -> ClusterNode | None:
    """Whom a node follows outside of the cache; None: nobody."""
    world, shard = cluster.world, cluster.shard_of(name)
    if name not in cluster.primaries or not (shard in world.upstreams or world.yielding):
        return None
    link = world.upstreams.get(shard)
    found = (one for one in world.outside.get(shard, ()) if link and one.address.host == link.address.host)
    return next(found, replace(cluster.absent(shard), apart=True))


def is_outdated(cluster: Cluster, name: str) -> bool:
    """Whether a live node has another view than it shall have, and can only get that by a file: it was no secondary's
    when it was started, slots have moved, or the other cluster has a primary that it does not know.
    """
    view = cluster.view(name)
    if view is None or cluster.world.yielding or not are_apart(cluster.cache, cluster.world):
        return False
    primaries = tuple(one for one in cluster.cluster_nodes() if not one.follows)
    own, upstream = view.peers[view.id], _upstream(cluster, name)
    if upstream and (not own.follows or upstream.id not in view.peers):
        return upstream != replace(cluster.absent(cluster.shard_of(name)), apart=True)
    return not all(_is_seen(view, one) for one in told(cluster, primaries, name) if one.slots)


def _is_seen(view: Membership, one: ClusterNode) -> bool:
    """Whether a node sees a primary of its cache as it is told of it."""
    peer = view.peers.get(one.id)
    return peer is not None and (peer.slots, peer.apart, peer.leads) == (one.slots, one.apart, not one.follows)


def next_actions(cluster: Cluster) -> list[Action]:
    """What has to be done next to have everybody know whom they shall."""
    if are_apart(cluster.cache, cluster.world):
        outside = {one.id for every in cluster.world.outside.values() for one in every}
        work = [*cluster.encrypt_bus(), *_follow(cluster), *cluster.meet_and_forget(cluster.primaries, outside)]
        return [*work, *cluster.show_hidden(work, cluster.primaries)]
    if any(_has_been_apart(cluster, name) for name in cluster.names):
        alone = [*cluster.encrypt_bus(), *cluster.meet_and_forget(cluster.names)]
        return alone or [*_join(cluster)]  # nobody hears of the other cluster's nodes
    return cluster.next_actions()


def _follow(cluster: Cluster) -> Iterator[Action]:
    for name in sorted(cluster.primaries):
        view, upstream = cluster.view(name), _upstream(cluster, name)
        follows = view.peers[view.id].follows if view else ""
        if view and upstream and follows not in ("", upstream.id) and upstream.id in view.peers:
            yield ClusterFollow(name, upstream.id, view.peers[view.id].slots)


def _has_been_apart(cluster: Cluster, name: str) -> bool:
    view = cluster.view(name)
    return view is not None and (view.apart or any(peer.apart for peer in view.peers.values()))


def _unreached(cluster: Cluster, view: Membership) -> tuple[str, ...]:
    """The nodes of the cache whose right places a node does not know."""
    ids = ((other, cluster.cluster_node_id(other)) for other in cluster.names)
    return tuple(other for other, known in ids if known in view.peers and view.peers[known].apart)


def _join(cluster: Cluster) -> Iterator[Action]:
    """Once every shard leads, all nodes get to know each other: until then they would take slots away from who follows
    somebody still.
    """
    if not all(cluster.shard(shard).leading() for shard in cluster.status.shards):
        return
    for name in cluster.names:
        if (view := cluster.view(name)) and _has_been_apart(cluster, name):
            others = (cluster.status.nodes[other].address for other in _unreached(cluster, view) if cluster.view(other))
            yield ClusterJoin(name, tuple(address for address in others if address not in view.meeting))


def is_as_desired(cluster: Cluster) -> bool:
    """Whether every node serves and sees all slots where they shall be, and tells clients so; replicas tell them of
    everybody, primaries that are kept apart of primaries.
    """
    if not are_apart(cluster.cache, cluster.world):
        return not any(_has_been_apart(cluster, name) for name in cluster.names) and cluster.is_as_desired()
    everybody = {cluster.cluster_node_id(name) for name in cluster.names}
    leaders = {cluster.cluster_node_id(name) for name in cluster.primaries}
    return all(
        _tells(cluster, name, leaders if name in cluster.primaries else everybody) and not is_outdated(cluster, name)
        for name in cluster.names
    )


def _tells(cluster: Cluster, name: str, wanted: Collection[str]) -> bool:
    view = cluster.view(name)
    return view is not None and cluster.is_at_rest(view) and view.named and view.listed.issuperset(wanted)

"""What each node of a cache in cluster mode knows of the others, and what follows from it.

Where the shards follow those of another cluster, each node has a view of its own, which only its file gives. A shard's
primary is a replica of the other cluster's and serves the slots itself; those of other shards are told that it is an
ordinary primary. No gossip may reach it: whoever heard what it says of itself would take the slots away from it. So it
is kept **apart**: the files name a wrong port for its bus, and nobody is ever taken for failed. Replicas talk to each
other.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import islice

from cachewright.agents.planning.actions import Action, ClusterFollow, ClusterJoin
from cachewright.agents.planning.cluster.cluster import Cluster
from cachewright.agents.planning.cluster.nodes import ClusterNode
from cachewright.agents.planning.links import NOBODY
from cachewright.agents.planning.world import Membership, World
from cachewright.controlplane.model.cache import Cache, Shard, ShardStatus
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
    own, leads, upstream = cluster.cluster_node_id(name), name in cluster.primaries, _upstream(cluster, name)
    for one in _dealt(cluster, nodes):
        if one.id != own:
            yield replace(one, arriving=(), apart=leads or not one.follows)
        elif upstream:
            yield replace(one, arriving=(), follows=upstream.id)
            outside = cluster.world.outside.get(cluster.shard_of(name), ())
            yield from (replace(other, shard=one.shard) for other in {upstream, *outside})
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


def _dealt(cluster: Cluster, nodes: Collection[ClusterNode]) -> Iterator[ClusterNode]:
    """The nodes with the slots that they are told to have: those of the other cluster's shards, once it has come to
    rest. Claims of a later spec win: replicas whose files are of different times hear of each other.
    """
    shards, wanted = cluster.interim.spec.shards, desired_owners(cluster.cache.spec)
    primaries = ((shard.id, cluster.status.shards[shard.id].primary) for shard in shards)
    dealt = {cluster.cluster_node_id(primary): wanted.get(shard, ()) for shard, primary in primaries}
    for one in nodes:
        slots = dealt.get(one.id, ()) if cluster.world.settled else one.slots
        yield replace(one, slots=slots, epoch=one.epoch + cluster.cache.generation * EPOCHS if one.epoch else 0)


def waiting(cluster: Cluster) -> frozenset[str]:
    """The nodes of new shards of which nobody knows yet whom they follow: their first file shall say so."""
    world, nodes = cluster.world, cluster.status.nodes
    if world.yielding or not are_apart(cluster.cache, world):
        return frozenset()
    unled = {shard for shard, link in world.upstreams.items() if link.address == NOBODY}
    return frozenset(name for name in cluster.names if cluster.shard_of(name) in unled and not nodes[name].created_at)


def outdated(cluster: Cluster) -> frozenset[str]:
    """The nodes that get another file, in another life, because they see something else than they shall. Who only sees
    slots where they were gets it one after the other, while all others are in sync: the primary of a shard comes last.
    """
    if cluster.world.yielding or not are_apart(cluster.cache, cluster.world):
        return frozenset()
    found = [name for name in cluster.names if _is_outdated(cluster, name)]
    if found or not all(cluster.shard(shard.id).all_in_sync() for shard in _staying(cluster)):
        return frozenset(found)
    misled = (name for name in _nodes_staying(cluster) if _is_misled(cluster, name))
    return frozenset(islice(misled, 1))


def _staying(cluster: Cluster) -> tuple[Shard, ...]:
    """The shards that shall serve slots, with all nodes."""
    return tuple(shard for shard in cluster.interim.spec.shards if shard.slots)


def _is_outdated(cluster: Cluster, name: str) -> bool:
    """Whether a live node has another view than it shall have, and can only get that by a file: it was no secondary's
    when it was started, or the other cluster has a primary that it does not know.
    """
    view = cluster.view(name)
    if view is None:
        return False
    own, upstream = view.peers[view.id], _upstream(cluster, name)
    if upstream and (not own.follows or upstream.id not in view.peers):
        return upstream != replace(cluster.absent(cluster.shard_of(name)), apart=True)
    serving = {cluster.cluster_node_id(known.primary) for known in cluster.status.shards.values() if known.slots}
    return not all(_is_seen(view, one) for one in _primaries_told(cluster, name) if one.id in serving)


def _is_misled(cluster: Cluster, name: str) -> bool:
    """Whether a live node sees slots where they are no more, now that none is on its way."""
    view = cluster.view(name)
    if view is None or not cluster.world.settled:
        return False
    primaries = [one for one in _primaries_told(cluster, name) if one.slots]
    return not all(_is_seen(view, one) and view.peers[one.id].slots == one.slots for one in primaries)


def _primaries_told(cluster: Cluster, name: str) -> tuple[ClusterNode, ...]:
    return told(cluster, tuple(one for one in cluster.cluster_nodes() if not one.follows), name)


def _is_seen(view: Membership, one: ClusterNode) -> bool:
    """Whether a node sees a primary of its cache as it is told of it."""
    peer = view.peers.get(one.id)
    return peer is not None and (peer.apart, peer.leads) == (one.apart, not one.follows)


def with_served_slots(cluster: Cluster) -> Mapping[str, ShardStatus]:
    """The reports of the shards with the slots that they serve. Where nodes have views of their own that is what all of
    them see: a shard that left serves none once nobody is told of it.
    """
    shards, wanted = cluster.status.shards, {shard.id: shard.slots for shard in cluster.cache.spec.shards}
    begun = any(known.slots for known in shards.values())
    if not begun or cluster.world.yielding or not are_apart(cluster.cache, cluster.world):
        return cluster.with_served_slots()
    if not (cluster.world.settled and all(_is_told(cluster, name) for name in _nodes_staying(cluster))):
        return shards
    return {name: replace(known, slots=wanted.get(name, "")) for name, known in shards.items()}


def _nodes_staying(cluster: Cluster) -> Iterator[str]:
    """Their nodes, shard by shard, the primary last."""
    for shard in _staying(cluster):
        yield from sorted((node.name for node in shard.nodes), key=lambda name: name in cluster.primaries)


def _is_told(cluster: Cluster, name: str) -> bool:
    """Whether a node lives, and sees everything as it shall."""
    return cluster.view(name) is not None and not (_is_outdated(cluster, name) or _is_misled(cluster, name))


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
    return view is not None and (view.apart or bool(_unreached(cluster, view)))


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
    if not cluster.world.settled or len(cluster.interim.spec.shards) > len(cluster.cache.spec.shards):
        return False
    everybody = {cluster.cluster_node_id(name) for name in cluster.names}
    leaders = {cluster.cluster_node_id(name) for name in cluster.primaries}
    return all(
        _tells(cluster, name, leaders if name in cluster.primaries else everybody) and _is_told(cluster, name)
        for name in cluster.names
    )


def _tells(cluster: Cluster, name: str, wanted: Collection[str]) -> bool:
    view = cluster.view(name)
    return view is not None and cluster.is_at_rest(view) and view.named and view.listed.issuperset(wanted)

"""Nodes of a cache in cluster mode that know something else than they shall: where each has a view of its own, only
another file tells it otherwise.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice

from cachewright.agents.planning.cluster.cluster import Cluster
from cachewright.agents.planning.cluster.nodes import ClusterNode
from cachewright.agents.planning.cluster.views import are_apart, is_found, told, upstream_of
from cachewright.agents.planning.links import NOBODY
from cachewright.agents.planning.world import Membership
from cachewright.controlplane.model.cache import Shard, ShardStatus


def unled(cluster: Cluster) -> frozenset[str]:
    """The nodes of new shards of which nobody knows yet whom they follow: their first file shall say so."""
    world, nodes = cluster.world, cluster.status.nodes
    if world.yielding or not are_apart(cluster.cache, world):
        return frozenset()
    missing = {shard for shard, link in world.upstreams.items() if link.address == NOBODY}
    return frozenset(name for name in cluster.names if cluster.shard_of(name) in missing and not nodes[name].created_at)


def awaits_upstream(cluster: Cluster) -> bool:
    """Whether a node will get another file, but keeps what it holds until whom it is to follow can give it a copy."""
    return any(_awaits(cluster, name) for name in cluster.primaries)


def _awaits(cluster: Cluster, name: str) -> bool:
    view, upstream = cluster.view(name), upstream_of(cluster, name)
    return bool(view and upstream and upstream.awaited and not is_found(view, upstream))


def outdated(cluster: Cluster) -> frozenset[str]:
    """The nodes that get another file, in another life, because they see something else than they shall. Who only sees
    slots or nodes where they were gets it one after the other, while all others are in sync: the primary of a shard
    comes last.
    """
    if cluster.world.yielding or not are_apart(cluster.cache, cluster.world):
        return frozenset()
    found = [*(name for name in cluster.names if _is_outdated(cluster, name)), *_left_behind(cluster)]
    if found or not all(cluster.shard(shard.id).all_in_sync() for shard in _staying(cluster)):
        return frozenset(found)
    misled = (name for name in _nodes_staying(cluster) if is_misled(cluster, name))
    return frozenset(islice(misled, 1))


def _staying(cluster: Cluster) -> tuple[Shard, ...]:
    """The shards that shall serve slots, with all nodes."""
    return tuple(shard for shard in cluster.interim.spec.shards if shard.slots)


def _left_behind(cluster: Cluster) -> Iterator[str]:
    """One replica of each shard whose primary has moved, and is followed where it was: once it can have a copy of what
    it holds.
    """
    for shard in cluster.interim.spec.shards:
        replicas = cluster.shard(shard.id)
        others = [name for name in replicas.names if name != replicas.status.primary]
        behind = [name for name in others if _is_left_behind(cluster, name)]
        if replicas.leading() and replicas.is_fed() and all(map(replicas.in_sync, {*others}.difference(behind))):
            yield from behind[:1]


def _is_left_behind(cluster: Cluster, name: str) -> bool:
    view, leader = cluster.view(name), cluster.status.shards[cluster.shard_of(name)].primary
    peer = view.peers.get(cluster.cluster_node_id(leader)) if view else None
    return peer is not None and peer.address.host != cluster.status.nodes[leader].address.host


def _is_outdated(cluster: Cluster, name: str) -> bool:
    """Whether a live node has another view than it shall have, and can only get that by a file: it was no secondary's
    when it was started, or the other cluster has a primary that it does not know, or knows where that was. It keeps
    what it holds until that one can give it a copy.
    """
    view = cluster.view(name)
    if view is None:
        return False
    own, upstream = view.peers[view.id], upstream_of(cluster, name)
    if upstream and not (own.follows and is_found(view, upstream)):
        known = upstream.id != cluster.absent(cluster.shard_of(name)).id
        return known and not (own.follows and _awaits(cluster, name))
    serving = {
        cluster.cluster_node_id(known.primary)
        for shard, known in cluster.status.shards.items()
        if known.slots and not cluster.world.is_released(shard)
    }
    return not all(_is_seen(view, one) for one in _primaries_told(cluster, name) if one.id in serving)


def is_misled(cluster: Cluster, name: str) -> bool:
    """Whether a live node sees slots where they are no more, or who serves them, now that none is on its way."""
    view = cluster.view(name)
    if view is None or not cluster.world.slots_settled:
        return False
    primaries = [one for one in _primaries_told(cluster, name) if one.slots]
    return not all(
        _is_seen(view, one) and is_found(view, one) and view.peers[one.id].slots == one.slots for one in primaries
    )


def _primaries_told(cluster: Cluster, name: str) -> tuple[ClusterNode, ...]:
    """The primaries of its cache as a node is told of them, and those that it may follow."""
    return told(cluster, tuple(one for one in cluster.cluster_nodes if not one.follows), name)


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
    if not (cluster.world.slots_settled and all(is_told(cluster, name) for name in _nodes_staying(cluster))):
        return shards
    return {name: replace(known, slots=wanted.get(name, "")) for name, known in shards.items()}


def _nodes_staying(cluster: Cluster) -> Iterator[str]:
    """Their nodes, shard by shard, the primary last."""
    for shard in _staying(cluster):
        yield from sorted((node.name for node in shard.nodes), key=lambda name: name in cluster.primaries)


def is_told(cluster: Cluster, name: str) -> bool:
    """Whether a node lives, and sees everything as it shall."""
    return cluster.view(name) is not None and not (_is_outdated(cluster, name) or is_misled(cluster, name))

"""What has to be done to have the nodes of a cache in cluster mode know whom they shall, and whether they do."""

from collections.abc import Collection, Iterator

from cachewright.agents.planning.actions import Action, ClusterFollow, ClusterJoin
from cachewright.agents.planning.cluster.cluster import Cluster
from cachewright.agents.planning.cluster.outdated import is_misled, is_told
from cachewright.agents.planning.cluster.views import are_apart, is_found, upstream_of
from cachewright.agents.planning.world import Membership
from cachewright.controlplane.model.slots import EVERY


def next_actions(cluster: Cluster) -> list[Action]:
    """What has to be done next to have everybody know whom they shall."""
    if are_apart(cluster.cache, cluster.world):
        outside = {one.id for every in cluster.world.outside.values() for one in every}
        work = [*cluster.encrypt_bus(), *_follow(cluster), *cluster.meet_and_forget(cluster.primaries, outside)]
        misled = any(is_misled(cluster, name) for name in cluster.names)  # who tells clients of no new shard
        return work if misled else [*work, *cluster.show_hidden(work, cluster.primaries)]
    if any(_has_been_apart(cluster, name) for name in cluster.names):
        alone = [*cluster.encrypt_bus(), *cluster.meet_and_forget(cluster.names)]
        return alone or [*_join(cluster)]  # nobody hears of the other cluster's nodes
    return cluster.next_actions()


def _follow(cluster: Cluster) -> Iterator[Action]:
    for name in sorted(cluster.primaries):
        view, upstream = cluster.view(name), upstream_of(cluster, name)
        follows = view.peers[view.id].follows if view else ""
        if view and upstream and follows not in ("", upstream.id) and is_found(view, upstream):
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
    somebody still. One that was alone serves half a second later; if it were told of failures before, ten times that.
    """
    if not all(cluster.shard(shard).leading() for shard in cluster.status.shards) or _is_about_to_serve(cluster):
        return
    for name in cluster.names:
        if (view := cluster.view(name)) and _has_been_apart(cluster, name):
            others = (cluster.status.nodes[other].address for other in _unreached(cluster, view) if cluster.view(other))
            yield ClusterJoin(name, tuple(address for address in others if address not in view.meeting))


def _is_about_to_serve(cluster: Cluster) -> bool:
    views = [cluster.view(name) for name in cluster.primaries]
    return any(view and not view.serves and view.peers[view.id].slots == EVERY for view in views)


def is_as_desired(cluster: Cluster) -> bool:
    """Whether every node serves and sees all slots where they shall be, and tells clients so; replicas tell them of
    everybody, primaries that are kept apart of primaries.
    """
    if not are_apart(cluster.cache, cluster.world):
        return not any(_has_been_apart(cluster, name) for name in cluster.names) and cluster.is_as_desired()
    if not cluster.world.slots_settled or len(cluster.interim.spec.shards) > len(cluster.cache.spec.shards):
        return False
    everybody = {cluster.cluster_node_id(name) for name in cluster.names}
    leaders = {cluster.cluster_node_id(name) for name in cluster.primaries}
    return all(
        _tells(cluster, name, leaders - {cluster.cluster_node_id(name)} if name in cluster.primaries else everybody)
        and is_told(cluster, name)
        for name in cluster.names
    )


def _tells(cluster: Cluster, name: str, wanted: Collection[str]) -> bool:
    view = cluster.view(name)
    return view is not None and cluster.is_at_rest(view) and view.named and view.listed.issuperset(wanted)

"""Nodes that live, but are not what they were told to be: somebody else has told them otherwise."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from cachewright.agents.planning.cluster.cluster import Cluster
from cachewright.agents.planning.cluster.nodes import id_of
from cachewright.agents.planning.cluster.outdated import outdated
from cachewright.agents.planning.nodes.lifecycle import UNTEACHABLE, rebuilt
from cachewright.agents.planning.shards.replicas import Replicas
from cachewright.agents.planning.world import Condition, World, condition
from cachewright.controlplane.model.cache import Cache, NodeStatus, ShardStatus, Status
from cachewright.controlplane.model.fingerprints import Fingerprints
from cachewright.controlplane.model.lifecycle import NodePhase, Phase

UNLINKED = timedelta(seconds=30)  # for which a replica cannot reach its primary, which may have others to serve first


def without_strangers(
    cache: Cache, nodes: Mapping[str, NodeStatus], world: World, fingerprints: Fingerprints
) -> dict[str, NodeStatus]:
    """Nodes with those rebuilt that are somebody else in their cluster (CLUSTER RESET HARD, or a container of the time
    before the node left and came again), or know another cluster than they shall: nobody can tell a node so. An engine
    lets go of its id only when it holds no key, or is a replica.
    """
    if not cache.spec.clustered:
        return dict(nodes)
    status = replace(cache.status, nodes={**nodes})
    anew = _outdated(cache, status, world)
    return {
        name: rebuilt(known, fingerprints) if name in anew or _is_stranger(cache, status, world, name) else known
        for name, known in nodes.items()
    }


def _is_stranger(cache: Cache, status: Status, world: World, name: str) -> bool:
    own = _own_id(world, name, status.nodes[name])
    return bool(own) and own != id_of(cache, status, name)


def _outdated(cache: Cache, status: Status, world: World) -> Collection[str]:
    known = all(shard.id in status.shards for shard in cache.spec.shards)
    return outdated(Cluster(cache, cache, status, world)) if known else ()


def _own_id(world: World, name: str, known: NodeStatus) -> str:
    """What a live node says who it is; empty for one that says nothing."""
    sight = world.at(name)
    live = condition(sight, known) is Condition.LIVE
    return sight.answer.membership.id if live and sight.answer and sight.answer.membership else ""


def noted(cache: Cache, replicas: Replicas, fingerprints: Fingerprints, now: datetime) -> dict[str, NodeStatus]:
    """What becomes of a shard's nodes that follow another one than the chosen primary, or cannot reach it: they are
    told or given time, and rebuilt when that does not help; but a primary that has lost its upstream gives no copies,
    and is not rebuilt itself: nobody else has what it holds. In a cache that was as desired until now it is somebody
    else's word that is being undone.
    """
    found = _unfed(replicas, now)
    settled = cache.status.phase is Phase.AVAILABLE and _decided_before(cache, replicas)
    for name in (name for name in replicas.names if name != replicas.status.primary):
        known = replicas.nodes[name]
        limit = UNTEACHABLE if replicas.is_astray(name) else UNLINKED if replicas.is_cut_off(name) else None
        if limit is None or not replicas.leading() or not replicas.is_fed():
            found[name] = replace(known, astray_since=None)
        elif known.astray_since and now - known.astray_since >= limit:
            found[name] = rebuilt(known, fingerprints)
        else:
            phase = NodePhase.RECOVERING if settled and known.phase is NodePhase.AVAILABLE else known.phase
            found[name] = replace(known, astray_since=known.astray_since or now, phase=phase)
    return found


def _unfed(replicas: Replicas, now: datetime) -> dict[str, NodeStatus]:
    """The chosen primary, with the moment since which it cannot reach the upstream."""
    name = replicas.status.primary
    known, cut_off = replicas.nodes[name], replicas.upstream is not None and replicas.is_cut_off(name)
    return {name: replace(known, astray_since=(known.astray_since or now) if cut_off else None)}


def _decided_before(cache: Cache, replicas: Replicas) -> bool:
    """Whether nothing but the world has changed since the last report."""
    before = cache.status.shards.get(replicas.shard.id, ShardStatus())
    return before.primary == replicas.status.primary and not (before.old_primary or replicas.status.old_primary)

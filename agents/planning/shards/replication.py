"""What has to be done until the chosen primary leads and everybody follows it."""

from cachewright.agents.planning.actions import (
    Action,
    ClusterReplicate,
    ForcedFailover,
    Promote,
    Reinstate,
    ReplicateFrom,
    RequestAck,
    ResumeWrites,
    Switchover,
)
from cachewright.agents.planning.containers import State
from cachewright.agents.planning.shards.replicas import Replicas
from cachewright.agents.planning.world import Replication
from cachewright.controlplane.model.cache import Address


def replication(replicas: Replicas, endpoint: Address | None) -> list[Action]:
    """What has to be done next; while the chosen primary does not live, no more than to have the old one go on."""
    view = replicas.view(replicas.status.primary)
    if view is None:
        return _reinstating(replicas) if replicas.only_fenced_left() else []
    resumed = [ResumeWrites(replicas.status.primary)] if view.fenced else []
    return [*resumed, *_follows(replicas)] if view.leads else _promotion(replicas, view, endpoint)


def _reinstating(replicas: Replicas) -> list[Action]:
    """What keeps the old primary from answering ends; it is elected again when it answers."""
    name = replicas.status.old_primary
    container = replicas.world.at(name).container
    return [Reinstate(container.name, replicas.nodes[name].address.host)] if container else []


def _promotion(replicas: Replicas, view: Replication, endpoint: Address | None) -> list[Action]:
    """Fence first, promote then: two primaries must never take writes at the same time."""
    leader, old_primary = replicas.status.primary, replicas.status.old_primary
    if not old_primary:
        return [Promote(leader, endpoint)]
    rival = replicas.world.at(old_primary)
    place = rival.answer.replication if rival.answer else None
    if (
        place
        and place.leads
        and view.linked
        and view.follows
        and view.follows.host == replicas.nodes[old_primary].address.host
    ):
        return [Switchover(old_primary, leader, endpoint, rival.entry)]
    if rival.container and rival.container.state in (State.RUNNING, State.PAUSED) and not rival.refused:
        return [ForcedFailover(rival.container.name, leader, endpoint)]
    return [Promote(leader, endpoint)]


def _follows(replicas: Replicas) -> list[Action]:
    others = [(name, replicas.view(name)) for name in replicas.names if name != replicas.status.primary]
    return [follow for name, view in others if view for follow in _following(replicas, name, view)]


def _following(replicas: Replicas, name: str, view: Replication) -> list[Action]:
    astray = replicas.is_astray(name)
    if view.linked and not astray:
        return [] if replicas.is_heard(name) else [RequestAck(name, replicas.status.primary)]
    if replicas.clustered(name):
        return [ClusterReplicate(name, replicas.status.primary)] if astray and replicas.knows_primary(name) else []
    return [ReplicateFrom(name, replicas.link(name))] if astray or view.idle else []

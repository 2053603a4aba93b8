"""What has to be done until the chosen primary leads and everybody follows it."""

from datetime import datetime, timedelta

from cachewright.agents.planning.actions import (
    Action,
    ClusterReplicate,
    Disconnect,
    ForcedFailover,
    Promote,
    Reinstate,
    ReplicateFrom,
    RequestAck,
    ResumeWrites,
    Switchover,
    TakeOver,
)
from cachewright.agents.planning.containers import State
from cachewright.agents.planning.links import Link, link
from cachewright.agents.planning.shards.replicas import Replicas
from cachewright.agents.planning.world import Replication
from cachewright.controlplane.model.cache import Address

HASTENED = timedelta(seconds=1)  # for which a replica that cannot reach its primary is told to connect at every look


def replication(replicas: Replicas, endpoint: Address | None, now: datetime) -> list[Action]:
    """What has to be done next; while the chosen primary does not live, no more than to have the old one go on. One
    whose upstream is away tries by itself again and again: it is not told so anew, and goes on where it was.
    """
    view = replicas.view(replicas.status.primary)
    if view is None:
        return _reinstating(replicas) if replicas.only_fenced_left() and not replicas.yields else []
    if replicas.is_bereft and replicas.awaits_replica():
        return []
    if replicas.takes_over:
        return [*_takeover(replicas, view, endpoint), *_follows(replicas, now)]
    if not replicas.leading():
        return _appointment(replicas, view, endpoint)
    resumed = [ResumeWrites(replicas.status.primary)] if view.fenced and not replicas.yields else []
    return [*resumed, *_follows(replicas, now)]


def _appointment(replicas: Replicas, view: Replication, endpoint: Address | None) -> list[Action]:
    """Nobody is promoted where there is an upstream: whoever leads becomes a replica of that. One that gives way to
    another cache puts its old primary out of reach first: that takes no writes when it comes to itself.
    """
    if replicas.upstream:
        return _following_upstream(replicas, replicas.upstream)
    if not replicas.yields:
        return [] if _is_given_away(replicas, view) else _promotion(replicas, view, endpoint)
    rival = replicas.world.at(replicas.status.old_primary).container
    fenced = replicas.world.is_unheard(replicas.status.old_primary)  # its host sees to it
    due = rival and not fenced and replicas.world.may_write(replicas.status.old_primary)
    return [Disconnect(rival.name)] if rival and due else []


def _following_upstream(replicas: Replicas, upstream: Link) -> list[Action]:
    """The chosen primary is told whom to follow, once the relay takes connections by which it is to do so. A cluster
    node is told by its file, see cachewright.agents.planning.cluster.views.
    """
    primary = replicas.status.primary
    if replicas.clustered(primary) or not replicas.has_way():
        return []
    return [ReplicateFrom(primary, upstream)]


def _is_given_away(replicas: Replicas, view: Replication) -> bool:
    """Whether a client's FAILOVER is under way, or was over between the looks at two nodes: the chosen primary gives
    its place to a node of the shard, or receives from one, that did not lead yet when it was looked at. The next look
    tells.
    """
    if replicas.status.old_primary or not (view.failing_over or view.linked) or view.follows is None:
        return False
    others = [name for name in replicas.names if replicas.nodes[name].address.host == view.follows.host]
    return any(replicas.view(name) for name in others)


def _takeover(replicas: Replicas, view: Replication, endpoint: Address | None) -> list[Action]:
    """The primary of another cache leads until this one has everything that it has; one that is lost is not waited
    for, unless a whole copy of it is still on its way.
    """
    primary, predecessor = replicas.status.primary, replicas.world.predecessors[replicas.shard.id]
    if predecessor is None:
        return [] if view.syncing else _promotion(replicas, view, endpoint)
    if replicas.upstream and not replicas.follows_upstream(replicas.upstream, view):
        return _following_upstream(replicas, replicas.upstream)
    if not (view.linked and predecessor.settled):
        return []
    back, host = link(predecessor.known, replicas.nodes[primary]), predecessor.known.host
    there = predecessor.key, predecessor.node, predecessor.reach
    return [TakeOver(*there, primary, back, host, ends=_is_superseded(replicas))]


def _is_superseded(replicas: Replicas) -> bool:
    """Whether nobody shall copy the primary of another cache once its place is taken: in cluster mode it follows only
    by another file. While it is there, a successor that dies begins anew with what that one holds, and without what it
    took itself, which its replicas have.
    """
    primary = replicas.status.primary
    others = (name for name in replicas.names if name != primary)
    return replicas.clustered(primary) and any(map(replicas.in_sync, others))


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
        and rival.container
        and place.leads
        and view.linked
        and view.follows
        and view.follows.host == replicas.nodes[old_primary].address.host
    ):
        return [Switchover(old_primary, leader, endpoint, rival.container.name, rival.entry)]
    if replicas.world.is_unheard(old_primary):
        return [Promote(leader, endpoint)] if replicas.is_let_be(old_primary) else []
    if replicas.expects_old_primary():
        return []
    if rival.container and rival.container.state in (State.RUNNING, State.PAUSED) and not rival.refused:
        return [ForcedFailover(rival.container.name, leader, endpoint)]
    return [Promote(leader, endpoint)]


def _follows(replicas: Replicas, now: datetime) -> list[Action]:
    others = [(name, replicas.view(name)) for name in replicas.names if name != replicas.status.primary]
    return [follow for name, view in others if view for follow in _following(replicas, name, view, now)]


def _following(replicas: Replicas, name: str, view: Replication, now: datetime) -> list[Action]:
    astray = replicas.is_astray(name)
    if view.linked and not astray:
        return [] if replicas.is_heard(name) else [RequestAck(name, replicas.status.primary)]
    if replicas.clustered(name):
        return [ClusterReplicate(name, replicas.status.primary)] if astray and replicas.knows_primary(name) else []
    hastened = view.idle and _is_hastened(replicas.nodes[name].astray_since, now)
    return [ReplicateFrom(name, replicas.link(name))] if astray or hastened else []


def _is_hastened(since: datetime | None, now: datetime) -> bool:
    """Whether it may help to have a replica connect at once. One that has been told so for a second in vain tries by
    itself, once in a second, and is looked at ever less often.
    """
    return since is None or now - since < HASTENED

"""Who leads a shard, and what has to be done until everybody follows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from agents.planning.actions import Action, Follow, HandOver, Promote, Remove
from agents.planning.containers import State
from agents.planning.nodes import rebuilt
from agents.planning.world import Condition, Replication, World, condition
from controlplane.model.cache import Address, NodeStatus, Shard, ShardStatus

UNABLE = frozenset({Condition.DEAD, Condition.ABSENT, Condition.STALE, Condition.PAUSED})


@dataclass(frozen=True, slots=True)
class Replicas:
    """A shard with everything that its rules look at."""

    shard: Shard
    status: ShardStatus
    nodes: Mapping[str, NodeStatus]
    world: World

    @property
    def names(self) -> tuple[str, ...]:
        """The shard's nodes, in the order of the wish."""
        return tuple(node.name for node in self.shard.nodes)

    def condition(self, name: str) -> Condition:
        """How a node is."""
        return condition(self.world.at(name), self.nodes[name])

    def view(self, name: str) -> Replication | None:
        """A live node's own view of its place, None for any other node."""
        answer = self.world.at(name).answer
        return answer.replication if answer and self.condition(name) is Condition.LIVE else None

    def leading(self) -> bool:
        """Whether the chosen primary acts as one."""
        view = self.view(self.status.primary) if self.status.primary else None
        return view is not None and view.leads

    def in_sync(self, name: str) -> bool:
        """Whether a node follows the chosen primary and has everything that it had."""
        view = self.view(name)
        return view is not None and view.linked and view.follows == self.nodes[self.status.primary].address


def elect(replicas: Replicas, *, automatic_failover: bool) -> tuple[ShardStatus, dict[str, NodeStatus]]:
    """Who shall lead, and the nodes whose life changes because of it."""
    status, shard = replicas.status, replicas.shard
    if not status.primary:
        return replace(status, primary=shard.nodes[0].name), {}
    if status.former:
        return (replace(status, former="") if replicas.leading() else status), {}
    if status.failovers < shard.failovers and (heir := _heir(replicas, in_sync=True)) and replicas.leading():
        return _succession(replicas, heir, failovers=shard.failovers)
    if automatic_failover and _lost(replicas) and (heir := _heir(replicas, in_sync=False)):
        return _succession(replicas, heir, failovers=status.failovers)
    return status, {}


def _succession(replicas: Replicas, heir: str, failovers: int) -> tuple[ShardStatus, dict[str, NodeStatus]]:
    former = replicas.status.primary
    status = replace(replicas.status, primary=heir, former=former, failovers=failovers)
    node = replicas.nodes[former]
    reborn = node if replicas.condition(former) is Condition.STALE else rebuilt(node)
    return status, {former: reborn}


def _lost(replicas: Replicas) -> bool:
    """Whether the primary is gone with what it held; a reboot that was asked for is no loss."""
    node = replicas.nodes[replicas.status.primary]
    return (
        node.created_at is not None
        and not node.rebooting_from
        and replicas.condition(replicas.status.primary) in UNABLE
    )


def _heir(replicas: Replicas, *, in_sync: bool) -> str | None:
    """The replica that has most of what the primary had; of equals, the first."""
    best: tuple[int, str] | None = None
    for name in replicas.names:
        view = replicas.view(name)
        if name == replicas.status.primary or view is None or view.leads:
            continue
        if in_sync and not replicas.in_sync(name):
            continue
        if best is None or view.offset > best[0]:
            best = (view.offset, name)
    return best[1] if best else None


def replication(replicas: Replicas, endpoint: Address | None) -> list[Action]:
    """What has to be done next so that the chosen primary leads and the others follow it."""
    leader = replicas.status.primary
    view = replicas.view(leader)
    if view is None:
        return []
    return _follows(replicas) if view.leads else _promotion(replicas, view, endpoint)


def _promotion(replicas: Replicas, view: Replication, endpoint: Address | None) -> list[Action]:
    """Fence first, promote then: two primaries must never take writes at the same time."""
    leader, former = replicas.status.primary, replicas.status.former
    if not former:
        return [Promote(leader, endpoint)]
    rival = replicas.world.at(former)
    place = rival.answer.replication if rival.answer else None
    if place and place.leads and view.linked and view.follows == replicas.nodes[former].address:
        return [HandOver(former, leader, endpoint)]
    if rival.container and rival.container.state in (State.RUNNING, State.PAUSED):
        return [Remove(rival.container.name)]
    return [Promote(leader, endpoint)]


def _follows(replicas: Replicas) -> list[Action]:
    leader = replicas.status.primary
    address = replicas.nodes[leader].address
    views = {name: replicas.view(name) for name in replicas.names if name != leader}
    return [Follow(name, address) for name, view in views.items() if view and (view.leads or view.follows != address)]

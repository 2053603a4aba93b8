"""Update actions: how far a service update is with a cache. They follow from the spec and the report of the cache.

Source: the ElastiCache API reference of DescribeUpdateActions, and the user guide, "Applying" and "Stopping the service
updates".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cachewright.controlplane.model.applied_updates import Applied
from cachewright.controlplane.model.builds import Builds
from cachewright.controlplane.model.cache import Cache, Kind, Node, NodeStatus
from cachewright.controlplane.model.lifecycle import UNBORN
from cachewright.controlplane.model.service_updates import ServiceUpdate, UpdateStatus

SHOWN = timedelta(days=7)  # after it was complete


class ActionStatus(StrEnum):
    """AWS's words, for actions; those for nodes are some of them. Nothing is ever `scheduling`: that takes no time."""

    NOT_APPLIED = "not-applied"
    WAITING = "waiting-to-start"
    IN_PROGRESS = "in-progress"
    STOPPING = "stopping"
    STOPPED = "stopped"
    COMPLETE = "complete"
    SCHEDULING = "scheduling"
    SCHEDULED = "scheduled"
    NOT_APPLICABLE = "not-applicable"


class SlaMet(StrEnum):
    """Whether every node was updated by the recommended date."""

    YES = "yes"
    NO = "no"
    NEITHER = "n/a"  # the cache came after that date


APPLICABLE = frozenset({ActionStatus.NOT_APPLIED, ActionStatus.SCHEDULED, ActionStatus.STOPPED})
STOPPABLE = frozenset({ActionStatus.WAITING, ActionStatus.IN_PROGRESS})


@dataclass(frozen=True, slots=True)
class NodeUpdate:
    """How far an update is with one node."""

    node: Node
    status: ActionStatus
    started_at: datetime | None = None
    ended_at: datetime | None = None
    applied: Applied | None = None  # None: nobody asked for it

    @property
    def modified_at(self) -> datetime | None:
        """Since when it is so."""
        stopped = self.applied.stopped_at if self.applied and self.status is ActionStatus.STOPPED else None
        return stopped or self.ended_at or self.started_at or (self.applied.at if self.applied else None)


@dataclass(frozen=True, slots=True)
class UpdateAction:
    """How far an update is with a cache."""

    cache: Cache
    update: ServiceUpdate
    status: ActionStatus
    nodes: tuple[NodeUpdate, ...]

    @property
    def available_at(self) -> datetime:
        """Since when it is offered to the cache."""
        return max(self.update.released_at, self.cache.created_at)

    @property
    def modified_at(self) -> datetime:
        """When the last thing became of it."""
        moments = [node.modified_at for node in self.nodes if node.modified_at]
        return max([self.available_at, *moments])

    @property
    def done(self) -> int:
        """How many nodes have it."""
        return sum(node.status is ActionStatus.COMPLETE for node in self.nodes)

    @property
    def sla(self) -> SlaMet:
        """Whether every node had it by the recommended date."""
        if self.cache.created_at > self.update.recommended_by:
            return SlaMet.NEITHER
        kept = self.status is ActionStatus.COMPLETE and self.modified_at <= self.update.recommended_by
        return SlaMet.YES if kept else SlaMet.NO


def action_of(cache: Cache, update: ServiceUpdate, builds: Builds, now: datetime) -> UpdateAction | None:
    """How far an update is with a cache; None for one that it is not for, or has had for long."""
    if cache.ending:
        return None
    position = next((n for n, one in enumerate(cache.spec.updates) if one.name == update.name), None)
    if position is None:
        status = _offer(update, now)
        nodes = tuple(_not_asked(cache, node, update, builds) for node in cache.spec.nodes)
        return UpdateAction(cache, update, status, nodes) if needs(cache, update, builds) else None
    nodes = tuple(_asked(cache, node, position) for node in cache.spec.nodes)
    action = UpdateAction(cache, update, _progress(cache.spec.updates[position], nodes), nodes)
    over = action.status is ActionStatus.COMPLETE and now - action.modified_at >= SHOWN
    return None if over else action


def needs(cache: Cache, update: ServiceUpdate, builds: Builds) -> bool:
    """Whether an update is for a cache: some node runs an older build of its version. Serverless caches have none."""
    if cache.key.kind is Kind.SERVERLESS_CACHE:
        return False
    fits = cache.spec.engine in update.engines and cache.status.phase not in UNBORN and not cache.ending
    if update.is_example or not fits:
        return fits
    older = any(is_outdated(cache, node, update, builds) for node in cache.spec.nodes)
    return older and (not update.versions or cache.spec.version in update.versions)


def is_outdated(cache: Cache, node: Node, update: ServiceUpdate, builds: Builds) -> bool:
    """Whether a node lacks an update that nobody asked for."""
    known = cache.status.nodes.get(node.name)
    return known is not None and (update.is_example or builds.is_older(known.image, update.key))


def outdated_images(caches: Sequence[Cache], builds: Builds) -> frozenset[str]:
    """The best builds for which some node runs an older one."""
    best = {(build.engine, version): build.image for build in builds.every for version in build.serves}
    pairs = ((best.get((cache.spec.engine.value, cache.spec.version), ""), cache) for cache in caches)
    return frozenset(
        image
        for image, cache in pairs
        if any(known is not None and builds.is_older(known.image, image) for known in cache.status.nodes.values())
    )


def _offer(update: ServiceUpdate, now: datetime) -> ActionStatus:
    if update.status is not UpdateStatus.AVAILABLE:
        return ActionStatus.NOT_APPLICABLE
    late = update.automatic and now >= update.recommended_by
    return ActionStatus.SCHEDULED if late else ActionStatus.NOT_APPLIED


def _not_asked(cache: Cache, node: Node, update: ServiceUpdate, builds: Builds) -> NodeUpdate:
    lacks = is_outdated(cache, node, update, builds)
    return NodeUpdate(node, ActionStatus.NOT_APPLIED if lacks else ActionStatus.COMPLETE)


def _asked(cache: Cache, node: Node, position: int) -> NodeUpdate:
    """A node has an update when it has it or a later one. Of those before its last one nobody knows when they came."""
    applied, known = cache.spec.updates[position], cache.status.nodes.get(node.name)
    has = _position(cache, known)
    if known is None or has < position:
        status = ActionStatus.STOPPED if applied.stopped_at else ActionStatus.WAITING
        return NodeUpdate(node, status, applied=applied)
    status = ActionStatus.COMPLETE if known.updated_at or has > position else ActionStatus.IN_PROGRESS
    return NodeUpdate(node, status, known.updating_since, known.updated_at, applied)


def _position(cache: Cache, known: NodeStatus | None) -> int:
    """Of the last update that was begun with a node; -1: none was."""
    names = [one.name for one in cache.spec.updates]
    return names.index(known.update) if known and known.update in names else -1


def _progress(applied: Applied, nodes: Sequence[NodeUpdate]) -> ActionStatus:
    seen = {node.status for node in nodes}
    if seen == {ActionStatus.COMPLETE}:
        return ActionStatus.COMPLETE
    if applied.stopped_at:
        return ActionStatus.STOPPING if ActionStatus.IN_PROGRESS in seen else ActionStatus.STOPPED
    return ActionStatus.WAITING if seen == {ActionStatus.WAITING} else ActionStatus.IN_PROGRESS

"""How each kind of step is done, and what is waited for before everything is waited for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.members import AGENTS
from benchmarks.soak.site import FIRST, GLANCE, LIMIT, SHAPES, Shape, Site
from benchmarks.soak.steps import Kind, Step
from benchmarks.waiting import CannotMeasure, until
from benchmarks.writer import Writer

NOW: Mapping[str, str | int] = {"ApplyImmediately": "true"}


@dataclass(frozen=True, slots=True)
class Scene:
    """What steps are done to, and those who write meanwhile."""

    site: Site
    writers: Sequence[Writer]
    lost: Sequence[set[int]]  # what is known to be lost of each one's writes

    def do(self, step: Step) -> None:
        """One of them; CannotMeasure when it never comes to what it should."""
        DEEDS[step.kind](self, step)

    def kill(self, step: Step) -> None:
        """End the agent that the step ends, if it ends one, and begin it again."""
        if step.kills is not None:
            name = AGENTS[step.kills]
            self.site.members.kill(name)
            self.site.members.begin(name)

    def await_writes(self) -> None:
        """Wait until everybody's writes are acknowledged."""
        for writer in self.writers:
            writer.await_calm()


def _failover(scene: Scene, step: Step) -> None:
    name, plane = SHAPES[step.cache].name, scene.site.members.plane
    before = scene.site.leader(name)
    plane.client.call("TestFailover", {"ReplicationGroupId": name, "NodeGroupId": FIRST})
    scene.kill(step)
    until(lambda: scene.site.leader(name) not in {before, ""}, f"another primary of {name}", GLANCE, LIMIT)


def _drain(scene: Scene, step: Step) -> None:
    scene.site.drain(step.host, draining=True)
    scene.kill(step)
    try:
        until(lambda: not scene.site.nodes_on(step.host), f"host {step.host} to be drained", GLANCE, LIMIT)
    finally:
        scene.site.drain(step.host, draining=False)


def _replicas(scene: Scene, step: Step) -> None:
    shape = SHAPES[step.cache]
    have = len(scene.site.seen(shape.name).shards[0].nodes) - 1
    verb = "Increase" if (wanted := _other(shape.replicas, have, step)) > have else "Decrease"
    asked: Mapping[str, str | int] = {"ReplicationGroupId": shape.name, "NewReplicaCount": wanted, **NOW}
    scene.site.members.plane.client.call(f"{verb}ReplicaCount", asked)
    scene.kill(step)


def _shards(scene: Scene, step: Step) -> None:
    shape = _sharded()
    there = [shard.id for shard in scene.site.seen(shape.name).shards]
    wanted = _other(shape.shards, len(there), step)
    gone = sorted(there)[wanted:]
    removed: Mapping[str, str | int] = {
        f"NodeGroupsToRemove.NodeGroupToRemove.{number}": shard for number, shard in enumerate(gone, 1)
    }
    asked: Mapping[str, str | int] = {"ReplicationGroupId": shape.name, "NodeGroupCount": wanted, **NOW, **removed}
    scene.site.members.plane.client.call("ModifyReplicationGroupShardConfiguration", asked)
    scene.kill(step)


def _agent(scene: Scene, step: Step) -> None:
    scene.kill(step)


def _power(scene: Scene, step: Step) -> None:
    _without(scene, step, "off", "on")


def _cut(scene: Scene, step: Step) -> None:
    _without(scene, step, "cut", "mend")


def _without(scene: Scene, step: Step, away: str, back: str) -> None:
    """A host is away until writes are acknowledged, or until it has no node any more but those that stay its own."""
    scene.site.made.do(away, step.host)
    try:
        scene.kill(step)
        scene.await_writes()
        if not step.early:
            until(lambda: scene.site.is_silent(step.host), f"silence of host {step.host}", GLANCE, LIMIT)
            until(lambda: scene.site.has_left(step.host), f"nodes on host {step.host} to be elsewhere", GLANCE, LIMIT)
            scene.await_writes()
    finally:
        scene.site.made.do(back, step.host)


def _other(ways: Sequence[int], have: int, step: Step) -> int:
    """Another one than there is."""
    others = [way for way in ways if way != have]
    return others[0 if step.early else -1]


def _sharded() -> Shape:
    found = next((shape for shape in SHAPES if shape.shards), None)
    if found is None:
        raise CannotMeasure("cannot change shards: no cache has several")
    return found


DEEDS: Mapping[Kind, Callable[[Scene, Step], None]] = {
    Kind.FAILOVER: _failover,
    Kind.DRAIN: _drain,
    Kind.REPLICAS: _replicas,
    Kind.SHARDS: _shards,
    Kind.AGENT: _agent,
    Kind.POWER: _power,
    Kind.CUT: _cut,
}

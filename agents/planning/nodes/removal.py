"""Memcached nodes that left the spec: first clients stop hearing of them, then their containers go."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cachewright.agents.planning.actions import Action, Remove
from cachewright.agents.planning.world import World
from cachewright.controlplane.model.cache import Cache, NodeStatus
from cachewright.controlplane.model.lifecycle import NodePhase


def leaving(cache: Cache, world: World) -> dict[str, NodeStatus]:
    """Nodes that left the spec, as long as there is something of them."""
    if cache.spec.replicates:
        return {}
    desired = {node.name for node in cache.spec.nodes}
    return {
        name: replace(known, phase=NodePhase.DELETING)
        for name, known in cache.status.nodes.items()
        if name not in desired and world.at(name).containers
    }


def removals(nodes: Mapping[str, NodeStatus], world: World, publishing: Sequence[Action]) -> list[Action]:
    """The end of the nodes that leave; not while something is still to be told to clients."""
    return [] if publishing else [Remove(container) for name in nodes for container in world.at(name).containers]

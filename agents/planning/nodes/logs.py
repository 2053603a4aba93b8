"""Which nodes with volumes would begin with what they held, and which have a copy of what their primary held.

An engine says how far it has replicated also when it has only loaded a log of its own, so offsets do not tell a copy
from what is old or empty. What tells is that it was seen in sync, in these very starts of itself and of its primary.
"""

from dataclasses import replace

from cachewright.agents.planning.nodes.lifecycle import HOPELESS, stillbirths
from cachewright.agents.planning.shards.replicas import Replicas
from cachewright.agents.planning.world import Condition
from cachewright.controlplane.model.cache import Cache, NodeStatus, Status


def logs(replicas: Replicas) -> dict[str, NodeStatus]:
    """What is known by now of the logs of a shard's nodes, and of their copies; while Durability changes, some have no
    log.
    """
    every = {name: replicas.nodes[name] for name in replicas.names}
    return {
        name: replace(
            known,
            logged=bool(known.volume) and _is_logged(replicas, name),
            copied=_copied(replicas, name) or known.copied,
        )
        for name, known in every.items()
    }


def _is_logged(replicas: Replicas, name: str) -> bool:
    """Whether the volume has everything that the node held last. A log that is written anew lacks what a replica was
    just sent, but nothing of what a primary holds.
    """
    known, answer = replicas.nodes[name], replicas.world.at(name).answer
    if replicas.condition(name) is not Condition.LIVE or answer is None:
        there = known.volume in replicas.world.volumes
        return known.logged and there and not is_unusable(known)
    if name == replicas.status.primary:
        return known.logged or (replicas.leading() and not answer.relogging)
    return (known.logged or replicas.in_sync(name)) and not answer.relogging


def _copied(replicas: Replicas, name: str) -> str:
    """The starts in which a node has everything, as the primary that leads has it; empty when it is not seen so now."""
    leads = name == replicas.status.primary
    has = replicas.leading() and replicas.is_fed() if leads else replicas.in_sync(name)
    return replicas.starts(name, replicas.status.primary) if has else ""


def is_unusable(known: NodeStatus) -> bool:
    """Whether a node has refused to start again and again: its log may be the reason."""
    return stillbirths(known) > HOPELESS


def are_logged(status: Status, interim: Cache) -> bool:
    """Whether every node that has a volume would begin with what it holds."""
    nodes = (status.nodes[node.name] for node in interim.spec.nodes)
    return all(known.logged or not known.volume for known in nodes)

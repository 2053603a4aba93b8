"""What is told of where nodes run, or cannot."""

from collections.abc import Iterator, Mapping

from cachewright.agents.planning.placement import Sites
from cachewright.controlplane.model.cache import Cache, NodeStatus, Status
from cachewright.controlplane.model.events import CLUSTER, Event


def no_room(cache: Cache, status: Status, sites: Sites) -> str:
    """That a node has no host, cannot leave the one that it is to leave, or is on one of which nobody knows whether it
    is dead; empty when none is so.
    """
    if not sites.judges and any(known.host in sites.silent for known in status.nodes.values()):
        away = ", ".join(sorted(sites.silent))
        return f"Nothing moves: more than half of the hosts do not answer ({away}), which may be serving still."
    for node in cache.spec.nodes if sites.hosts else ():
        known = status.nodes[node.name]
        if not known.host:
            return f"Node {node.name} waits for a host: {_why_none(sites)}."
        if not sites.keeps(known.host) and not known.moving_to:
            return f"Node {node.name} cannot leave host {known.host}: {_why_none(sites)}."
    return ""


def _why_none(sites: Sites) -> str:
    closed = [f"{name} does not answer" for name in sites.hosts if name in sites.silent]
    closed += [f"{name} is being drained" for name in sites.hosts if name not in sites.silent and not sites.keeps(name)]
    full = [name for name in sites.hosts if sites.is_open(name)]
    return ", ".join([*closed, *(f"{name} has no room" for name in full)])


def moves(cache: Cache, nodes: Mapping[str, NodeStatus], sites: Sites) -> Iterator[Event]:
    """What is told of nodes that get another host than one of their zone."""
    for node in cache.spec.nodes:
        before, after = cache.status.nodes.get(node.name), nodes.get(node.name)
        name = (after.moving_to or after.host) if after else ""
        if not name or (before and name in (before.host, before.moving_to)):
            continue
        zone = f"{cache.key.region}{sites.hosts[name].zone}"
        if zone != node.zone:
            message = f"Cache node {node.id} runs on host {name} in {zone}: no host of {node.zone} has room."
            yield Event(CLUSTER, node.cluster, message)

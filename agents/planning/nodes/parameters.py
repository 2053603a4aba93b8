"""Which parameter values a node runs with, and which nodes are to be told others.

A node is started with all values that are desired at that moment, and says so on its labels. What can be changed while
it runs is told to it, and believed once it was read back; the rest waits for its next start.
"""

from dataclasses import replace

from cachewright.agents.planning.labels import PARAMETERS, STATIC
from cachewright.agents.planning.pulse import exposed
from cachewright.agents.planning.world import Sight
from cachewright.controlplane.model.cache import Cache, NodeStatus
from cachewright.controlplane.model.fingerprints import Fingerprints, fingerprints_of
from cachewright.controlplane.model.lifecycle import Phase


def tuned(status: NodeStatus, sight: Sight, fingerprints: Fingerprints) -> NodeStatus:
    """The status of a live node with what is known of its values. It is forgotten before they are changed: nobody
    knows how far an interrupted change came.
    """
    container = sight.container
    if container and container.started_at != status.tuned:
        labels = container.labels
        status = replace(
            status,
            tuned=container.started_at,
            parameters=labels.get(PARAMETERS, ""),
            static=labels.get(STATIC, ""),
        )
    elif sight.parameters is not None:
        status = replace(status, parameters=sight.parameters)
    return status if status.parameters == fingerprints.immediate else replace(status, parameters="")


def is_tuned(status: NodeStatus, fingerprints: Fingerprints) -> bool:
    """Whether a node runs with every value that a running node can be told; one that cannot be told any does."""
    return status.parameters == fingerprints.immediate or not fingerprints.immediate


def begins_anew(status: NodeStatus, fingerprints: Fingerprints) -> bool:
    """Whether a reboot takes a new container: a restarted one begins with its old command line."""
    return status.static != fingerprints.static


def doubtful(cache: Cache, name: str, sight: Sight) -> bool:
    """Whether the values of a node are to be read: they are not known to be those that are desired. More than one spec
    may have passed since the last one that was seen fulfilled, and each may have begun to change them.
    """
    fingerprints, known = fingerprints_of(cache.spec), cache.status.nodes[name]
    if not fingerprints.immediate or sight.container is None or sight.container.started_at != known.tuned:
        return False
    passed = cache.generation - cache.status.generation > 1
    return known.parameters != fingerprints.immediate or passed or to_be_compared(cache)


def to_be_compared(cache: Cache) -> bool:
    """Whether logins and values are read although nothing has changed in the spec: clients may have changed them in a
    cache that was as desired until now.
    """
    return exposed(cache) and cache.status.phase is Phase.AVAILABLE


def hintable(cache: Cache) -> list[str]:
    """Nodes that can be told other values without a look at the world: all was well until a moment ago, when the spec
    changed. A look is taken afterwards.
    """
    fingerprints, status = fingerprints_of(cache.spec), cache.status
    if cache.deleting or not fingerprints.immediate or cache.generation != status.generation + 1:
        return []
    return [
        node.name
        for node in cache.spec.nodes
        if (known := status.nodes.get(node.name)) and known.parameters not in ("", fingerprints.immediate)
    ]

"""Which nodes can be told at once that their users may do something else."""

from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.lifecycle import NodePhase


def tellable(cache: Cache) -> list[str]:
    """Nodes that can be told without a look at the world: all was well until a moment ago, when users changed. A look
    is taken afterwards, which sees to all the rest.
    """
    change, status = cache.spec.change, cache.status
    if cache.deleting or not change.users or not change.makes_quiet(cache.generation):
        return []
    if cache.generation != status.generation + 1:
        return []
    known = ((node.name, status.nodes.get(node.name)) for node in cache.spec.nodes)
    return [name for name, node in known if node and node.login and node.phase is NodePhase.AVAILABLE]

"""How a cache and its parts stand now: the wish and the report together, in AWS's words."""

from controlplane.model.cache import Cache, Kind, Node
from controlplane.model.lifecycle import CLUSTER_STATUS, GROUP_STATUS, NodePhase, Phase

_UNTOLD = frozenset({Phase.CREATING, Phase.FAILED})
_WHOLE = frozenset({Phase.CREATING, Phase.DELETING, Phase.FAILED})  # every part stands as the whole does


def told(cache: Cache) -> bool:
    """Whether nodes and endpoints are shown: from when the cache was first available until it is gone."""
    return cache.status.phase not in _UNTOLD


def node_phase(cache: Cache, node: Node) -> NodePhase:
    """Where a node is; a reboot counts from when it is asked for."""
    if cache.deleting:
        return NodePhase.DELETING
    if cache.reboots(node):
        return NodePhase.REBOOTING
    seen = cache.status.nodes.get(node.name)
    return seen.phase if seen else NodePhase.CREATING


def cluster_status(cache: Cache, nodes: tuple[Node, ...]) -> str:
    """AWS's CacheClusterStatus of the cache cluster that consists of `nodes`."""
    phase = cache.phase
    if phase in _WHOLE:
        return CLUSTER_STATUS[phase]
    phases = [node_phase(cache, node) for node in nodes]
    if NodePhase.REBOOTING in phases:
        return CLUSTER_STATUS[Phase.REBOOTING]
    if cache.key.kind is Kind.REPLICATION_GROUP:
        return phases[0].value
    return CLUSTER_STATUS[phase]


def group_status(cache: Cache) -> str:
    """AWS's Status of a replication group."""
    return GROUP_STATUS[cache.phase]

"""How a cache and its parts stand now: the spec and the report together, in AWS's words."""

from cachewright.controlplane.model.cache import Cache, ClusterMode, Kind, Node, Shard, ShardStatus
from cachewright.controlplane.model.changes import current_change
from cachewright.controlplane.model.lifecycle import (
    CLUSTER_STATUS,
    GROUP_STATUS,
    NODE_GROUP_STATUS,
    RESTORE_FAILED,
    SNAPSHOTTING,
    UNBORN,
    NodePhase,
    Phase,
)
from cachewright.controlplane.model.versions import EngineVersion, release_described

_WHOLE = frozenset({Phase.CREATING, Phase.DELETING, Phase.FAILED})  # every part stands as the whole does


def endpoints_shown(cache: Cache) -> bool:
    """Whether nodes and endpoints are shown: from when the cache was first available until it is gone."""
    return cache.status.phase not in UNBORN


def inherited(cache: Cache, node: Node) -> bool:
    """Whether a node ran already when the cache was made out of another one: it is shown all the time."""
    seen = cache.status.nodes.get(node.name)
    born = seen.created_at if seen else None
    return bool(cache.spec.origins) and born is not None and born <= cache.created_at


def node_type_shown(cache: Cache) -> str:
    """The node type: until a change is done, the one that the nodes had."""
    return cache.status.node_type or cache.spec.node_type


def release_shown(cache: Cache) -> EngineVersion:
    """The engine and its version: until a change is done, those that the nodes had."""
    return release_described(cache.status.version or cache.spec.version, cache.spec.engine)


def cluster_mode_shown(cache: Cache) -> ClusterMode:
    """The cluster mode: until a change is done, the one that it was."""
    before = current_change(cache).cluster_mode
    return ClusterMode(before) if before else cache.spec.cluster_mode


def node_phase(cache: Cache, node: Node) -> NodePhase:
    """Where a node is; a reboot counts from when it is asked for. Of a cache whose report cannot be written it is not
    known which node has changed: none is `available`.
    """
    if cache.ending or node.cluster in cache.saving.leaving:
        return NodePhase.DELETING
    if cache.reboots(node):
        return NodePhase.REBOOTING
    seen = cache.status.nodes.get(node.name)
    phase = seen.phase if seen else NodePhase.CREATING
    return NodePhase.RECOVERING if cache.unwritten and phase is NodePhase.AVAILABLE else phase


def role(cache: Cache, shard: Shard, node: Node) -> str:
    """AWS's CurrentRole; empty before anybody leads. Until the new primary is seen to lead, the former one may still
    take writes, and is shown as what it is.
    """
    decided = cache.status.shards.get(shard.id, ShardStatus())
    shown = {each.name for each in shard.nodes}
    leader = decided.old_primary if decided.old_primary in shown else decided.primary
    if not leader:
        return ""
    return "primary" if leader == node.name else "replica"


def cluster_status(cache: Cache, nodes: tuple[Node, ...]) -> str:
    """AWS's CacheClusterStatus of the cache cluster that consists of `nodes`."""
    status = _cluster_status(cache, nodes)
    saved = any(node.cluster in cache.saving.clusters for node in nodes)
    return SNAPSHOTTING if saved and status == CLUSTER_STATUS[Phase.AVAILABLE] else status


def _cluster_status(cache: Cache, nodes: tuple[Node, ...]) -> str:
    phase = cache.phase
    if phase is Phase.FAILED and cache.spec.seed:
        return RESTORE_FAILED
    if phase in _WHOLE and not all(inherited(cache, node) for node in nodes):
        return CLUSTER_STATUS[phase]
    phases = [node_phase(cache, node) for node in nodes]
    if NodePhase.REBOOTING in phases:
        return CLUSTER_STATUS[Phase.REBOOTING]
    if cache.key.kind is Kind.REPLICATION_GROUP:
        return phases[0].value
    return CLUSTER_STATUS[phase]


def group_status(cache: Cache) -> str:
    """AWS's Status of a replication group."""
    if cache.saving.clusters and cache.phase is Phase.AVAILABLE:
        return SNAPSHOTTING
    return GROUP_STATUS[cache.phase]


def node_group_status(cache: Cache) -> str:
    """AWS's Status of each node group of a replication group: one that migrates is well."""
    return NODE_GROUP_STATUS[cache.phase]


def serverless_status(cache: Cache) -> str:
    """AWS's Status of a serverless cache, which has no word for one under migration."""
    return GROUP_STATUS[Phase.MODIFYING if cache.phase is Phase.MIGRATING else cache.phase]

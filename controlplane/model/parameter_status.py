"""How far nodes are with the values of their parameter group.

Source: the API reference of CacheParameterGroupStatus and CacheNode; `applying` and `pending-reboot` are spelt as in
the service for databases.
"""

from collections.abc import Iterable
from enum import StrEnum

from cachewright.controlplane.model.cache import Cache, Node
from cachewright.controlplane.model.fingerprints import fingerprints_of


class ApplyStatus(StrEnum):
    """AWS's ParameterApplyStatus of a cache cluster, and ParameterGroupStatus of a node."""

    IN_SYNC = "in-sync"
    APPLYING = "applying"
    PENDING_REBOOT = "pending-reboot"


def apply_status(cache: Cache, node: Node) -> ApplyStatus:
    """How far a node is. One that has not been started yet, or is to be rebuilt, begins with every value."""
    fingerprints, seen = fingerprints_of(cache.spec), cache.status.nodes.get(node.name)
    if seen is None or seen.created_at is None:
        return ApplyStatus.IN_SYNC
    if seen.static not in ("", fingerprints.static) and (not seen.fingerprint or fingerprints.fit(seen.fingerprint)):
        return ApplyStatus.PENDING_REBOOT
    busy = cache.status.generation < cache.generation
    return ApplyStatus.APPLYING if busy and seen.parameters != fingerprints.immediate else ApplyStatus.IN_SYNC


def apply_statuses(cache: Cache, nodes: Iterable[Node]) -> ApplyStatus:
    """How far several nodes are: as far as the one that is furthest behind."""
    statuses = {apply_status(cache, node) for node in nodes}
    behind = (status for status in (ApplyStatus.PENDING_REBOOT, ApplyStatus.APPLYING) if status in statuses)
    return next(behind, ApplyStatus.IN_SYNC)


def awaiting_reboot(cache: Cache, nodes: Iterable[Node]) -> list[str]:
    """The ids of the nodes that some values only reach with a reboot."""
    return [node.id for node in nodes if apply_status(cache, node) is ApplyStatus.PENDING_REBOOT]

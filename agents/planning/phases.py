"""Where a cache is in its life: the only place in which a phase is chosen."""

from dataclasses import replace

from cachewright.controlplane.model.cache import Cache, Status
from cachewright.controlplane.model.lifecycle import UNBORN, NodePhase, Phase


def being_changed(cache: Cache, status: Status, *, hopeless: bool) -> Status:
    """The phase while something is left to do: a cache that was available never goes back to `creating`, and one that
    reboots does so until it is as desired. Hopeless: some engine refuses to start.
    """
    if status.phase in UNBORN:
        return replace(status, phase=Phase.FAILED) if hopeless else status
    rebooting = status.phase is Phase.REBOOTING or any(
        known.phase is NodePhase.REBOOTING for known in status.nodes.values()
    )
    asked = any(cache.reboots(node) for node in cache.spec.nodes)
    return replace(status, phase=Phase.REBOOTING if rebooting or asked else Phase.MODIFYING)


def made_available(cache: Cache, status: Status) -> Status:
    """As desired: every node, and the cache as a whole."""
    nodes = {name: replace(known, phase=NodePhase.AVAILABLE) for name, known in status.nodes.items()}
    return replace(
        status,
        phase=Phase.AVAILABLE,
        generation=cache.generation,
        nodes=nodes,
        node_type=cache.spec.node_type,
        version=cache.spec.version,
        reason="",
        unserved=False,
        since=None,
    )


def being_deleted(status: Status) -> Status:
    """There is no way back: nothing leads to it any more."""
    return replace(status, phase=Phase.DELETING, routes={}, reason="")


def failed(cache: Cache, reason: str, *, for_good: bool) -> Status:
    """It cannot go on. What was available once is not said to have failed, but to be worked on; what never was has
    failed when nothing will change that by itself.
    """
    phase = cache.status.phase
    if cache.deleting:
        phase = Phase.DELETING
    elif phase not in UNBORN:
        phase = Phase.MODIFYING
    elif for_good:
        phase = Phase.FAILED
    return replace(cache.status, reason=reason, phase=phase, gateway="")  # it may not have been told everything

"""Where a cache and its nodes are in their lives, and the words that AWS has for it."""

from enum import StrEnum


class Phase(StrEnum):
    """A cache's way through life."""

    CREATING = "creating"
    AVAILABLE = "available"
    MODIFYING = "modifying"
    REBOOTING = "rebooting"
    DELETING = "deleting"
    FAILED = "failed"  # it cannot be created; it is tried again in case the cause goes away


class NodePhase(StrEnum):
    """A node's way through life; the values are AWS's CacheNodeStatus."""

    CREATING = "creating"
    AVAILABLE = "available"
    REBOOTING = "rebooting"
    RECOVERING = "modifying"
    DELETING = "deleting"


# AWS has no `create-failed` for a cache cluster: of its words, the one below is the one on which waiters give up.
CLUSTER_STATUS: dict[Phase, str] = {
    Phase.CREATING: "creating",
    Phase.AVAILABLE: "available",
    Phase.MODIFYING: "modifying",
    Phase.REBOOTING: "rebooting cluster nodes",
    Phase.DELETING: "deleting",
    Phase.FAILED: "incompatible-network",
}

GROUP_STATUS: dict[Phase, str] = {
    Phase.CREATING: "creating",
    Phase.AVAILABLE: "available",
    Phase.MODIFYING: "modifying",
    Phase.REBOOTING: "modifying",
    Phase.DELETING: "deleting",
    Phase.FAILED: "create-failed",
}

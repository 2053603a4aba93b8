"""Where a cache and its nodes are in their lives, and the words that AWS has for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """A cache's way through life."""

    CREATING = "creating"
    AVAILABLE = "available"
    MODIFYING = "modifying"
    REBOOTING = "rebooting"
    MIGRATING = "migrating"  # shown in place of the three before, while it follows a source of the user's
    DELETING = "deleting"
    FAILED = "failed"  # it cannot be created; it is tried again in case the cause goes away


UNBORN = frozenset({Phase.CREATING, Phase.FAILED})  # it was never available


class NodePhase(StrEnum):
    """A node's way through life; the values are AWS's CacheNodeStatus."""

    CREATING = "creating"
    AVAILABLE = "available"
    REBOOTING = "rebooting"
    RECOVERING = "modifying"
    DELETING = "deleting"


@dataclass(frozen=True, slots=True)
class Words:
    """What AWS shows while a cache is in some phase, and what that means."""

    cluster: str  # CacheClusterStatus
    group: str  # Status of a replication group or a serverless cache
    meaning: str


# AWS has no `create-failed` for a cache cluster: of its words, the one in its place is that on which waiters give up.
WORDS: Mapping[Phase, Words] = {
    Phase.CREATING: Words("creating", "creating", "never available yet"),
    Phase.AVAILABLE: Words("available", "available", "seen as desired"),
    Phase.MODIFYING: Words("modifying", "modifying", "something is being mended or changed"),
    Phase.REBOOTING: Words("rebooting cluster nodes", "modifying", "a reboot was asked for and is not done"),
    Phase.MIGRATING: Words("modifying", "migrating", "it follows a source of yours, and takes no writes"),
    Phase.DELETING: Words("deleting", "deleting", "there is no way back"),
    Phase.FAILED: Words("incompatible-network", "create-failed", "it cannot be created; tried again now and then"),
}

SNAPSHOTTING = "snapshotting"  # in place of `available`, of clusters and groups alike
RESTORE_FAILED = "restore-failed"  # of clusters that were to begin with a snapshot, in place of what stands for failed

CLUSTER_STATUS: Mapping[Phase, str] = {phase: words.cluster for phase, words in WORDS.items()}
GROUP_STATUS: Mapping[Phase, str] = {phase: words.group for phase, words in WORDS.items()}
NODE_GROUP_STATUS: Mapping[Phase, str] = {**GROUP_STATUS, Phase.MIGRATING: GROUP_STATUS[Phase.AVAILABLE]}

NODE_WORDS: Mapping[NodePhase, str] = {
    NodePhase.CREATING: "it never answered yet",
    NodePhase.AVAILABLE: "it was as desired when it was seen last",
    NodePhase.REBOOTING: "a reboot was asked for and is not done",
    NodePhase.RECOVERING: "it is being rebuilt, for whatever reason",
    NodePhase.DELETING: "it is not desired any more, or its cache is not",
}

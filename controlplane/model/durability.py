"""Whether writes that were acknowledged outlive the nodes that took them: AWS's Durability of a replication group.

Source: the ElastiCache user guide, "Durability"; the API reference of CreateReplicationGroup.
"""

from collections.abc import Mapping
from enum import StrEnum


class Durability(StrEnum):
    """What comes of the setting: AWS's EffectiveDurability."""

    DISABLED = "disabled"
    ASYNC = "async"  # the last seconds may be lost
    SYNC = "sync"  # no acknowledged write is lost


DEFAULT = "default"  # left to AWS
EFFECTIVE: Mapping[str, Durability] = {
    DEFAULT: Durability.DISABLED,
    **{each.value: each for each in (Durability.ASYNC, Durability.SYNC, Durability.DISABLED)},
}

# How often a node has its log reach the disk, in the words of the engine.
FLUSHED: Mapping[Durability, str] = {Durability.ASYNC: "everysec", Durability.SYNC: "always"}

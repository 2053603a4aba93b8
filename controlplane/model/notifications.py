"""What AWS publishes to the SNS topic of a cache: names of events, and nothing of their texts.

Source: the ElastiCache user guide, "Event Notifications and Amazon SNS" (2018 and 2023); the form of the message is
what receivers of it document.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ACTIVE, INACTIVE = "active", "inactive"  # AWS's TopicStatus


class Notification(StrEnum):
    """The names under which events are published, as far as there are such events here."""

    CACHE_CLUSTER_CREATED = "CacheClusterProvisioningComplete"
    CACHE_CLUSTER_FAILED = "CacheClusterProvisioningFailed"
    CACHE_CLUSTER_DELETED = "DeleteCacheClusterComplete"
    GROUP_CREATED = "CreateReplicationGroupComplete"
    GROUP_FAILED = "CreateReplicationGroupFailed"
    RESTORE_FAILED = "CacheClusterRestoreFailed"
    NODES_ADDED = "AddCacheNodeComplete"
    NODES_REMOVED = "RemoveCacheNodeComplete"
    NODES_REBOOTED = "CacheNodesRebooted"
    NODE_REPLACED = "CacheNodeReplaceComplete"
    NODE_BEING_REPLACED = "CacheNodeReplaceStarted"
    FAILED_OVER = "FailoverComplete"
    PARAMETERS_CHANGED = "CacheClusterParametersChanged"
    SECURITY_GROUPS_CHANGED = "CacheClusterSecurityGroupModified"
    CACHE_CLUSTER_SCALED = "CacheClusterScalingComplete"
    REPLICAS_INCREASING = "ReplicationGroupIncreaseReplicaCountStarted"
    REPLICAS_INCREASED = "ReplicationGroupIncreaseReplicaCountFinished"
    GROUP_SCALED = "ReplicationGroupScalingComplete"
    UPDATE_OFFERED = "ServiceUpdateAvailableForNode"
    SNAPSHOT_TAKEN = "SnapshotComplete"
    SNAPSHOT_FAILED = "SnapshotFailed"


class Delivery(StrEnum):
    """What became of a notification."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    DROPPED = "dropped"  # its topic does not take it


@dataclass(frozen=True, slots=True)
class Outbox:
    """The notifications of an account in a region that are not delivered: some were queued."""

    account: str
    region: str


@dataclass(frozen=True, slots=True)
class Topic:
    """An SNS topic to which an account's caches of a region publish."""

    account: str
    region: str
    arn: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification on its way to a topic; later ones have higher numbers."""

    number: int
    topic: Topic
    name: str  # of the event, see `Notification`
    source: str  # the id of the cache cluster or the replication group that it is about
    date: datetime  # of the event
    delivery: Delivery = Delivery.QUEUED
    reason: str = ""  # why it is dropped

    @property
    def message(self) -> str:
        """What is published."""
        return json.dumps({f"ElastiCache:{self.name}": self.source})


def is_foreign(topic: str, account: str, region: str) -> bool:
    """Whether the topic of that ARN is of another account or region: AWS publishes to no such topic."""
    return topic.split(":")[3:5] != [region, account]

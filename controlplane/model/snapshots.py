"""Snapshots: what caches held at a moment, kept as a file for each shard.

Source: the ElastiCache user guide, "Snapshot and restore"; the API reference, for the data types Snapshot and
NodeSnapshot.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from cachewright.controlplane.model.buckets import ObjectName
from cachewright.controlplane.model.cache import Cache, ClusterMode, Key, Kind
from cachewright.controlplane.model.notifications import Outbox
from cachewright.controlplane.model.versions import Engine


class SnapshotStatus(StrEnum):
    """Where a snapshot is in its life; the values are AWS's SnapshotStatus. Whether it is being copied, or a cache is
    made of it, follows from other records and is not written down.
    """

    CREATING = "creating"
    AVAILABLE = "available"
    RESTORING = "restoring"
    COPYING = "copying"
    DELETING = "deleting"
    FAILED = "failed"


class SnapshotSource(StrEnum):
    """Who asked for a snapshot; the values are AWS's SnapshotSource in answers."""

    MANUAL = "manual"
    AUTOMATED = "automated"


@dataclass(frozen=True, slots=True, order=True)
class SnapshotKey:
    """The name of a snapshot: unique among all accounts and regions, and among those of serverless caches or others."""

    account: str
    region: str
    name: str
    serverless: bool = False

    def __str__(self) -> str:
        kind = "serverless-snapshot" if self.serverless else "snapshot"
        return f"{self.account}/{self.region}/{kind}/{self.name}"


Due = Key | SnapshotKey | Outbox  # what an agent has to look at after a commit


@dataclass(frozen=True, slots=True)
class NodeSnapshot:
    """What one shard held. Of one that is not taken yet, the node is the one that would be asked now."""

    cluster: str  # the cache cluster of the node that it is taken from
    node: str  # the id of that node within it
    shard: str
    created_at: datetime | None = None  # when that node was
    slots: str = ""  # of the shard, as AWS writes them; none with cluster mode disabled
    primary_zone: str = ""
    replica_zones: tuple[str, ...] = ()  # one for each replica of the shard
    taken: datetime | None = None  # when it was whole; None: it is not yet
    size: int = 0  # of the file, in bytes
    digest: str = ""  # SHA-256 of the file, in hexadecimal digits

    @property
    def replicas(self) -> int:
        """How many replicas the shard had."""
        return len(self.replica_zones)


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """What the cache was like, as AWS repeats it in the snapshot, and as far as a cache that is made of it takes it
    over. Flat, and without secrets: it outlives the cache.
    """

    engine: Engine
    version: str  # as AWS describes it: `7.1.0`
    node_type: str
    port: int
    parameter_group: str
    subnet_group: str = ""
    vpc_id: str = ""
    zone: str = ""  # of the cluster; empty for a whole group
    created_at: datetime | None = None  # the cluster; None for a whole group
    description: str = ""  # of the group
    cluster_mode: ClusterMode = ClusterMode.DISABLED
    automatic_failover: bool = False
    maintenance_window: str = ""
    snapshot_window: str = ""
    snapshot_retention_limit: int = 0  # days
    topic_arn: str = ""
    auto_minor_version_upgrade: bool = True
    data_tiering: bool = False
    durability: str = ""
    kms_key_id: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """Where a snapshot is being written to."""

    bucket: str
    name: str  # that its objects' keys begin with


@dataclass(frozen=True, slots=True)
class Uses:
    """What is made of snapshots now, by their ids: other records tell."""

    copied: frozenset[str] = frozenset()
    restored: frozenset[str] = frozenset()  # a cache is being made of them


UNUSED = Uses()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot as it is remembered. The API writes it down, an agent makes it come true."""

    name: str
    id: str  # names the directory of its files: 32 hexadecimal digits
    status: SnapshotStatus
    source: SnapshotSource
    kind: Kind  # of the cache that it is of, with the next two
    cache: str
    incarnation: str
    asked_at: datetime
    settings: SourceSettings
    nodes: tuple[NodeSnapshot, ...]  # one for each shard, in order
    cluster: str = ""  # the cache cluster that was named, in which no shards are told apart; empty: the whole group
    final: bool = False  # the cache is to be deleted as soon as this is available
    copied_from: str = ""  # the id of the snapshot whose files these are copies of
    failure: str = ""  # why it could not be taken, in words
    sealed: bool = False  # its files are: with the KMS key of its settings, else with the installation's own
    leaves: bool = False  # the replica that it is of is to leave its group as soon as this is available
    export: Export | None = None  # that is under way

    @property
    def serverless(self) -> bool:
        """Whether it is of a serverless cache, which AWS has operations of their own for."""
        return self.kind is Kind.SERVERLESS_CACHE

    @property
    def whole(self) -> bool:
        """Whether everything of it was taken."""
        return all(node.taken for node in self.nodes) and self.status is not SnapshotStatus.CREATING

    @property
    def expires_at(self) -> datetime | None:
        """When an automatic one is removed, unless its cache keeps them for another time by now; None: never."""
        if self.source is not SnapshotSource.AUTOMATED:
            return None
        return self.asked_at + timedelta(days=self.settings.snapshot_retention_limit)

    def source_key(self, key: SnapshotKey) -> Key:
        """The name of the cache that it is of; the cache of that name may be another one by now, see `is_of`."""
        return Key(key.account, key.region, self.kind, self.cache)

    def is_of(self, cache: Cache) -> bool:
        """Whether it is of this very cache, which has to be one of the same account and region."""
        own = (cache.key.kind, cache.key.id, cache.incarnation)
        return (self.kind, self.cache, self.incarnation) == own

    @property
    def exports(self) -> Mapping[str, ObjectName]:
        """The objects of the export that is under way, by shard.

        Source: the ElastiCache user guide, "Exporting a backup": `-0001.rdb` for the first shard, and so on.
        """
        if self.export is None:
            return {}
        numbered = enumerate(self.nodes, 1)
        keys = {node.shard: f"{self.export.name}-{number:04}.rdb" for number, node in numbered}
        return {shard: ObjectName(self.export.bucket, key) for shard, key in keys.items()}

    @property
    def under_way(self) -> bool:
        """Whether its cache is needed for it now; a copy needs another snapshot."""
        return self.status is SnapshotStatus.CREATING and not self.copied_from

    def status_shown(self, uses: Uses) -> SnapshotStatus:
        """Where it is in its life, as AWS shows it: `copying` or `restoring` while that is made of it."""
        if self.status is not SnapshotStatus.AVAILABLE:
            return self.status
        if self.id in uses.copied or self.export:
            return SnapshotStatus.COPYING
        return SnapshotStatus.RESTORING if self.id in uses.restored else self.status

    def sealed_with(self, kms_key: str) -> "Snapshot":
        """The same, sealed with that key of a KMS."""
        return replace(self, sealed=True, settings=replace(self.settings, kms_key_id=kms_key))

    def failed(self, reason: str) -> "Snapshot":
        """It could not be taken."""
        return replace(self, status=SnapshotStatus.FAILED, failure=reason)

"""What is written down about snapshots."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cachewright.agents.snapshots.taking import Taken
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.changes import with_change, with_nodes
from cachewright.controlplane.model.events import CLUSTER, SERVERLESS_SNAPSHOT, Event
from cachewright.controlplane.model.members import must_stay
from cachewright.controlplane.model.notifications import Notification
from cachewright.controlplane.model.nouns import cluster_of, snapshot_noun
from cachewright.controlplane.model.snapshots import NodeSnapshot, Snapshot, SnapshotKey, SnapshotStatus
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.records import Records
from cachewright.controlplane.store.transaction import Transaction

TAKEN, FAILED = Notification.SNAPSHOT_TAKEN, Notification.SNAPSHOT_FAILED
_HOW = {TAKEN: "succeeded", FAILED: "failed"}
_HALVES = frozenset({SnapshotStatus.CREATING, SnapshotStatus.DELETING, SnapshotStatus.FAILED})


@dataclass(frozen=True, slots=True)
class Ledger:
    """The records of snapshots, and the events about them. What is written is written to a snapshot that is as it was
    read: False tells that it is not, because somebody has changed or replaced it meanwhile.
    """

    store: Store
    clock: Callable[[], datetime]

    def load(self, key: SnapshotKey) -> tuple[Snapshot | None, Cache | None]:
        """A snapshot, and the cache that it is of, unless that is gone: another one of its name is somebody else."""
        with self.store.read() as transaction:
            snapshot = transaction.snapshots.get(key)
            cache = transaction.caches.get(snapshot.source_key(key)) if snapshot else None
        same = cache is not None and snapshot is not None and cache.incarnation == snapshot.incarnation
        return snapshot, cache if same else None

    def unfinished(self) -> list[SnapshotKey]:
        """Those with which something is to be done."""
        with self.store.read() as transaction:
            return list(transaction.snapshots.unfinished())

    def halves(self) -> list[str]:
        """The ids of those of which no file is known to be whole. Unreadable when one of all cannot be read."""
        with self.store.read() as transaction:
            every = transaction.snapshots.all().values()
        return [known.id for known in every if known.status in _HALVES]

    def taken(self, key: SnapshotKey, snapshot: Snapshot, nodes: tuple[NodeSnapshot, ...]) -> bool:
        """All parts are whole: it is available, and the source of a final one goes, or its replica."""
        with self.store.write() as transaction:
            available = replace(snapshot, status=SnapshotStatus.AVAILABLE, nodes=nodes)
            if not _change(transaction, key, snapshot, available):
                return False
            transaction.events.add(key.account, key.region, _events(available, TAKEN), self.clock())
            if snapshot.final:
                transaction.caches.mark_deleted(snapshot.source_key(key))
            if snapshot.leaves:
                transaction.events.add(key.account, key.region, _left(transaction, key, snapshot), self.clock())
            return True

    def copied(self, key: SnapshotKey, snapshot: Snapshot) -> bool:
        """The copy is whole."""
        with self.store.write() as transaction:
            return _change(transaction, key, snapshot, replace(snapshot, status=SnapshotStatus.AVAILABLE))

    def failed(self, key: SnapshotKey, snapshot: Snapshot, reason: str) -> bool:
        """Nothing comes of it; the source of a final one stays."""
        with self.store.write() as transaction:
            if not _change(transaction, key, snapshot, snapshot.failed(reason)):
                return False
            transaction.events.add(key.account, key.region, _events(snapshot, FAILED, reason), self.clock())
            return True

    def exported(self, key: SnapshotKey, snapshot: Snapshot, reason: str = "") -> bool:
        """All parts are in the bucket, or, with a reason, none of them."""
        with self.store.write() as transaction:
            if not _change(transaction, key, snapshot, replace(snapshot, export=None)):
                return False
            transaction.events.add(key.account, key.region, _export_events(snapshot, reason), self.clock())
            return True

    def removed(self, key: SnapshotKey, snapshot: Snapshot) -> bool:
        """Its files are gone, and so is it."""
        with self.store.write() as transaction:
            if transaction.snapshots.get(key) != snapshot:
                return False
            _records(transaction, key).remove(key.name)
            return True


def with_parts(snapshot: Snapshot, cache: Cache, parts: Mapping[str, Taken]) -> tuple[NodeSnapshot, ...]:
    """What a snapshot has of each shard, once it has been taken."""
    return tuple(_with_part(node, cache, parts[node.shard]) for node in snapshot.nodes)


def _with_part(before: NodeSnapshot, cache: Cache, part: Taken) -> NodeSnapshot:
    cluster, _, node = part.node.rpartition(".")
    born, written = cache.status.nodes[part.node].created_at, part.written
    taken = replace(before, taken=part.moment, size=written.size, digest=written.digest)
    return replace(taken, cluster=cluster, node=node, created_at=born)


def _change(transaction: Transaction, key: SnapshotKey, before: Snapshot, after: Snapshot) -> bool:
    if transaction.snapshots.get(key) != before:
        return False
    _records(transaction, key).change(key.name, after)
    return True


def _records(transaction: Transaction, key: SnapshotKey) -> Records[Snapshot]:
    return transaction.records(key.account, key.region, snapshot_noun(serverless=key.serverless), Snapshot)


def _left(transaction: Transaction, key: SnapshotKey, snapshot: Snapshot) -> Iterator[Event]:
    """The replica is removed from its group, unless it may not be any more: then somebody has to be told."""
    cache = transaction.caches.get(snapshot.source_key(key), lock=True)
    if cache is None or not snapshot.is_of(cache) or cache.deleting:
        return
    if reason := must_stay(cache, snapshot.cluster):
        yield Event(CLUSTER, snapshot.cluster, f"Cachewright does not delete {snapshot.cluster}: {reason}")
        return
    rest = (node for node in cache.spec.nodes if node.cluster != snapshot.cluster)
    transaction.caches.write_spec(cache, with_change(cache, with_nodes(cache.spec, rest)))
    transaction.tags.forget([cluster_of(cache.key, snapshot.cluster)])


def _events(snapshot: Snapshot, name: Notification, reason: str = "") -> Iterator[Event]:
    """In AWS's words, with the reason at their end. Of copies only that one failed, of a serverless cache."""
    why = f" {reason}" if reason else ""
    if snapshot.serverless:
        if words := _serverless(snapshot, name):
            yield Event(SERVERLESS_SNAPSHOT, snapshot.name, f"{words}{why}")
        return
    if snapshot.copied_from:
        return
    group = snapshot.kind is Kind.REPLICATION_GROUP and not snapshot.cluster
    what = f"replication group with ID '{snapshot.cache}'" if group else f"cache cluster with ID '{_cluster(snapshot)}'"
    message = f"Snapshot {_HOW[name]} for snapshot with ID '{snapshot.name}' of {what}{':' if why else ''}{why}"
    yield Event(CLUSTER, _cluster(snapshot), message, name)


def _serverless(snapshot: Snapshot, name: Notification) -> str:
    """Source: the ElastiCache user guide, "Serverless events"."""
    if name is TAKEN:
        return f"Snapshot {snapshot.name} created for cache {snapshot.cache}."
    if snapshot.copied_from:
        return f"Failed to copy snapshot {snapshot.name}."
    return f"Failed to create snapshot for cache {snapshot.cache}."


def _export_events(snapshot: Snapshot, reason: str) -> Iterator[Event]:
    """AWS documents only the words about failures."""
    cache = snapshot.cluster or snapshot.cache
    source = (SERVERLESS_SNAPSHOT, snapshot.name) if snapshot.serverless else (CLUSTER, _cluster(snapshot))
    if reason:
        yield Event(*source, f"Failed to export snapshot for cache {cache}. {reason}")
    elif snapshot.export:
        objects = ", ".join(str(name) for name in snapshot.exports.values())
        yield Event(*source, f"Exported snapshot with ID '{snapshot.name}' to {objects}")


def _cluster(snapshot: Snapshot) -> str:
    return snapshot.cluster or snapshot.nodes[0].cluster

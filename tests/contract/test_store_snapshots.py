"""What the store promises about snapshots, held by SQLite and by PostgreSQL."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from cachewright.controlplane.model.nouns import SNAPSHOT
from cachewright.controlplane.model.snapshots import Snapshot, SnapshotKey, SnapshotStatus
from cachewright.controlplane.store import tables
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.documents import Unreadable
from cachewright.controlplane.store.records import Records
from cachewright.controlplane.store.transaction import Transaction
from tests.contract.test_store import ACCOUNT, NOW, REGION, assert_woken, store, url, wakes
from tests.golden import values

__all__ = ["store", "url"]  # fixtures

KEY = SnapshotKey(ACCOUNT, REGION, "snap")


def own(transaction: Transaction) -> Records[Snapshot]:
    return transaction.records(ACCOUNT, REGION, SNAPSHOT, Snapshot)


def create(store: Store, name: str, status: SnapshotStatus) -> Snapshot:
    snapshot = replace(values.SNAPSHOT, name=name, status=status, export=None)
    with store.write() as transaction:
        own(transaction).add(name, snapshot, NOW)
    return snapshot


def test_what_is_written_of_a_snapshot_makes_it_due(store: Store) -> None:
    woken = wakes(store)
    snapshot = create(store, "snap", SnapshotStatus.CREATING)
    with store.write() as transaction:
        own(transaction).change("snap", replace(snapshot, status=SnapshotStatus.DELETING))
    with store.write() as transaction:
        own(transaction).remove("snap")
    assert_woken(store, woken, KEY, KEY, KEY)


def test_who_works_on_them_finds_those_of_everybody(store: Store) -> None:
    made = {status: create(store, status.value, status) for status in SnapshotStatus}
    exported = replace(create(store, "exported", SnapshotStatus.AVAILABLE), export=values.SNAPSHOT.export)
    with store.write() as transaction:
        own(transaction).change("exported", exported)
    with store.read() as transaction:
        snapshots = transaction.snapshots
        every = sorted([*made.values(), exported], key=lambda snapshot: snapshot.name)
        assert list(snapshots.all().values()) == every
        assert {key.name for key in snapshots.unfinished()} == {"creating", "deleting", "exported"}
        assert snapshots.creating(ACCOUNT, REGION) == [made[SnapshotStatus.CREATING]]
        assert snapshots.creating(ACCOUNT, "eu-west-1") == []
        assert snapshots.get(replace(KEY, name="failed")) == made[SnapshotStatus.FAILED]
        assert snapshots.get(KEY) is None


def test_nobody_is_told_that_one_is_absent_that_cannot_be_read(store: Store) -> None:
    create(store, "snap", SnapshotStatus.CREATING)
    create(store, "other", SnapshotStatus.CREATING)
    with store.write() as transaction:
        words = '{"status":"creating","schema":99}'
        transaction.connection.execute(
            update(tables.records).where(tables.records.c.id == "snap").values(document=words)
        )
    with store.read() as transaction:
        with pytest.raises(Unreadable, match="cannot read 000000000001/us-east-1/snapshot/snap: its snapshot"):
            transaction.snapshots.get(KEY)
        with pytest.raises(Unreadable):
            transaction.snapshots.all()
        assert [key.name for key in transaction.snapshots.unfinished()] == ["other"]

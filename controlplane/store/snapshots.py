"""The snapshots of every account and region, for those who work on them; a caller of the API has his own as records."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select

from cachewright.controlplane.model.nouns import SERVERLESS_CACHE_SNAPSHOT, SNAPSHOT, snapshot_noun
from cachewright.controlplane.model.snapshots import Snapshot, SnapshotKey, SnapshotSource, SnapshotStatus
from cachewright.controlplane.store.documents import Unreadable, from_json
from cachewright.controlplane.store.readable import readable
from cachewright.controlplane.store.tables import records


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The snapshots as one transaction sees them."""

    connection: Connection

    def get(self, key: SnapshotKey) -> Snapshot | None:
        """One snapshot. Unreadable when it is."""
        noun = snapshot_noun(serverless=key.serverless).type
        here = (records.c.account == key.account, records.c.region == key.region, records.c.noun == noun)
        row = self.connection.execute(_ALL.where(*here, records.c.id == key.name)).first()
        return _snapshot(row) if row else None

    def all(self) -> dict[SnapshotKey, Snapshot]:
        """Every snapshot. Unreadable when one of them is: nobody may take its files for left over."""
        return {_key(row): _snapshot(row) for row in self.connection.execute(_ALL)}

    def unfinished(self) -> dict[SnapshotKey, Snapshot]:
        """The snapshots that an agent has something to do about."""
        found = readable(self.connection.execute(_ALL.where(_UNFINISHED)), _snapshot)
        return {_key(row): snapshot for row, snapshot in found}

    def automated(self) -> dict[SnapshotKey, Snapshot]:
        """The snapshots that nobody asked for."""
        query = _ALL.where(records.c.document.contains(f'"source":"{SnapshotSource.AUTOMATED}"', autoescape=True))
        return {_key(row): snapshot for row, snapshot in readable(self.connection.execute(query), _snapshot)}

    def creating(self, account: str, region: str) -> list[Snapshot]:
        """Those of an account in a region that are being taken or copied."""
        return self._read(records.c.account == account, records.c.region == region, _CREATING)

    def all_creating(self) -> list[Snapshot]:
        """Those of everybody that are being taken or copied."""
        return self._read(_CREATING)

    def _read(self, *conditions: ColumnElement[bool]) -> list[Snapshot]:
        return [snapshot for _, snapshot in readable(self.connection.execute(_ALL.where(*conditions)), _snapshot)]


def _is(status: SnapshotStatus) -> Any:  # noqa: ANN401 - a condition
    """What the document says without being read: a quotation mark in a text has a backslash before it."""
    return records.c.document.contains(f'"status":"{status}"', autoescape=True)


_NOUNS = (SNAPSHOT.type, SERVERLESS_CACHE_SNAPSHOT.type)
_ALL: Select[Any] = select(records).where(records.c.noun.in_(_NOUNS)).order_by(*records.primary_key.columns)
_CREATING = _is(SnapshotStatus.CREATING)
_EXPORTED = records.c.document.contains('"export":{', autoescape=True)
_UNFINISHED = _CREATING | _is(SnapshotStatus.DELETING) | _EXPORTED


def _key(row: Row[Any]) -> SnapshotKey:
    return SnapshotKey(row.account, row.region, row.id, row.noun == SERVERLESS_CACHE_SNAPSHOT.type)


def _snapshot(row: Row[Any]) -> Snapshot:
    try:
        return from_json(Snapshot, row.document)
    except Unreadable as error:
        raise Unreadable(f"cannot read {_key(row)}: {error}") from error

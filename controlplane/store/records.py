"""The resources that are nothing but a record, of every noun. Those that exist without being created are no rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from cachewright.controlplane.model.nouns import SERVERLESS_CACHE_SNAPSHOT, SNAPSHOT, Noun, Resource
from cachewright.controlplane.model.snapshots import Due, SnapshotKey
from cachewright.controlplane.store.documents import Record, Unreadable, from_json, to_json
from cachewright.controlplane.store.readable import full_page
from cachewright.controlplane.store.references import References
from cachewright.controlplane.store.tables import records as table
from cachewright.controlplane.store.tags import ResourceTags


class RecordTaken(Exception):  # noqa: N818
    """There is a record of that id already."""


@dataclass(frozen=True, slots=True)
class Records(Generic[Record]):
    """The records of one noun of an account in a region as one transaction sees them: values of the type `kind`. A
    snapshot makes its key due when it changes: an agent makes it come true.
    """

    connection: Connection
    account: str
    region: str
    noun: Noun
    kind: type[Record]
    due: set[Due] = field(default_factory=set)

    def get(self, name: str, *, lock: bool = False) -> Record | None:
        """One record. `lock` keeps others from writing it until the transaction ends. Unreadable when it is."""
        place = {"account": self.account, "region": self.region, "noun": self.noun.type, "id": name}
        row = self.connection.execute(_LOCKED if lock else _ONE, place).first()
        return self._decoded(row) if row else None

    def has(self, name: str) -> bool:
        """Whether there is a record of that id."""
        return self.connection.execute(select(table.c.id).where(*self._named(name))).first() is not None

    def page(self, after: str, limit: int) -> dict[str, Record]:
        """Records by id, from the first one behind `after`."""
        query: Select[Any] = select(table.c.id, table.c.document).where(*self._here()).order_by(table.c.id)

        def rows(behind: str, number: int) -> Sequence[Row[Any]]:
            return self.connection.execute(query.where(table.c.id > behind).limit(number)).all()

        return dict(full_page(rows, self._decoded, after, limit))

    def count(self) -> int:
        """How many there are, for the quota: without those that would exist anyway."""
        created = (*self._here(), table.c.id.not_in(self.noun.defaults))
        return int(self.connection.execute(select(func.count()).select_from(table).where(*created)).scalar_one())

    def add(self, name: str, record: Record, created_at: datetime) -> None:
        """A new record; RecordTaken when there is one of that id."""
        row = {"account": self.account, "region": self.region, "noun": self.noun.type, "id": name}
        row |= {"document": to_json(record)}
        try:
            with self.connection.begin_nested():
                self.connection.execute(insert(table).values(row | {"created_at": created_at}))
        except IntegrityError as error:
            raise RecordTaken(name) from error
        self._wake(name)

    def change(self, name: str, record: Record) -> None:
        """The record of that id is like this from now on."""
        values = {"document": to_json(record)}
        self.connection.execute(update(table).where(*self._named(name)).values(values))
        self._wake(name)

    def remove(self, name: str) -> None:
        """The end of a record, and of what was said about it alone."""
        self.connection.execute(delete(table).where(*self._named(name)))
        resource = Resource(self.account, self.region, self.noun, name)
        ResourceTags(self.connection).forget([resource])
        References(self.connection).forget(resource)
        self._wake(name)

    def _wake(self, name: str) -> None:
        if self.noun in (SNAPSHOT, SERVERLESS_CACHE_SNAPSHOT):
            serverless = self.noun is SERVERLESS_CACHE_SNAPSHOT
            self.due.add(SnapshotKey(self.account, self.region, name, serverless))

    def _decoded(self, row: Row[Any]) -> Record:
        try:
            return from_json(self.kind, row.document)
        except Unreadable as error:
            where = f"{self.account}/{self.region}/{self.noun.type}/{row.id}"
            raise Unreadable(f"cannot read {where}: {error}") from error

    def _here(self) -> Iterable[Any]:
        own = (table.c.account == self.account, table.c.region == self.region)
        return (*own, table.c.noun == self.noun.type)

    def _named(self, name: str) -> Iterable[Any]:
        return (*self._here(), table.c.id == name)


_KEY = (table.c[name] == bindparam(name) for name in ("account", "region", "noun", "id"))
_ONE: Select[Any] = select(table.c.id, table.c.document).where(*_KEY)
_LOCKED = _ONE.with_for_update()

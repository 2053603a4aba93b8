"""The parameter groups that were created; those that always exist are no rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from cachewright.controlplane.model.parameter_groups import ParameterGroup
from cachewright.controlplane.store import documents
from cachewright.controlplane.store.caches import NameTaken
from cachewright.controlplane.store.tables import parameter_groups as table


@dataclass(frozen=True, slots=True)
class ParameterGroups:
    """The parameter groups of an account in a region as one transaction sees them."""

    connection: Connection
    account: str
    region: str

    def get(self, name: str, *, lock: bool = False) -> ParameterGroup | None:
        """One group. `lock` keeps others from writing it until the transaction ends."""
        query = select(table.c.document).where(*self._named(name))
        row = self.connection.execute(query.with_for_update() if lock else query).first()
        return documents.group_from_json(row.document) if row else None

    def page(self, after: str, limit: int) -> list[ParameterGroup]:
        """Groups by name, from the first one behind `after`."""
        query = select(table.c.document).where(*self._here(), table.c.name > after).order_by(table.c.name).limit(limit)
        return [documents.group_from_json(row.document) for row in self.connection.execute(query)]

    def count(self) -> int:
        """How many there are, for the quota."""
        return int(self.connection.execute(select(func.count()).select_from(table).where(*self._here())).scalar_one())

    def add(self, group: ParameterGroup) -> None:
        """A new group; NameTaken when there is one of that name."""
        row = {"account": self.account, "region": self.region, "name": group.name}
        try:
            with self.connection.begin_nested():
                self.connection.execute(insert(table).values(row | {"document": documents.group_to_json(group)}))
        except IntegrityError as error:
            raise NameTaken(group.name) from error

    def change(self, group: ParameterGroup) -> None:
        """The group of that name is like this from now on."""
        values = {"document": documents.group_to_json(group)}
        self.connection.execute(update(table).where(*self._named(group.name)).values(values))

    def remove(self, name: str) -> None:
        """The end of a group."""
        self.connection.execute(delete(table).where(*self._named(name)))

    def _here(self) -> Iterable[Any]:
        return (table.c.account == self.account, table.c.region == self.region)

    def _named(self, name: str) -> Iterable[Any]:
        return (*self._here(), table.c.name == name)

"""Who uses what, so that nobody has to read every cache to know."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select

from cachewright.controlplane.model.nouns import Noun, Resource
from cachewright.controlplane.model.references import Reference
from cachewright.controlplane.store.tables import references as table


@dataclass(frozen=True, slots=True)
class References:
    """The references as one transaction sees them."""

    connection: Connection

    def write(self, user: Resource, used: Iterable[Reference]) -> None:
        """A resource uses these from now on, and no others."""
        self.forget(user)
        rows = [_user(user) | {"noun": each.noun.type, "id": each.id} for each in used]
        if rows:
            self.connection.execute(insert(table), rows)

    def forget(self, user: Resource) -> None:
        """A resource uses nothing any more."""
        self.connection.execute(delete(table).where(*(table.c[name] == value for name, value in _user(user).items())))

    def is_used(self, used: Resource) -> bool:
        """Whether anybody uses a resource."""
        return self.connection.execute(select(table.c.user_id).where(*_used(used)).limit(1)).first() is not None

    def users(self, noun: Noun, used: Resource) -> list[str]:
        """The ids of the resources of a noun that use another one."""
        return sorted(self.connection.execute(self.ids_of(noun, used)).scalars())

    def ids_of(self, noun: Noun, used: Resource) -> Select[Any]:
        """The query for the ids of the resources of a noun that use another one."""
        return select(table.c.user_id).where(*_used(used), table.c.user_noun == noun.type)


def _user(user: Resource) -> dict[str, str]:
    return {"account": user.account, "region": user.region, "user_noun": user.noun.type, "user_id": user.id}


def _used(used: Resource) -> Iterable[Any]:
    here = (table.c.account == used.account, table.c.region == used.region)
    return (*here, table.c.noun == used.noun.type, table.c.id == used.id)

"""Tags of every resource, by the parts of its ARN."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from cachewright.controlplane.model.nouns import NOUNS, Resource
from cachewright.controlplane.model.tags import Tags
from cachewright.controlplane.store.tables import tags as table

_PARTS = ("account", "region", "noun", "id")
_FORGET = delete(table).where(*(table.c[name] == bindparam(f"of_{name}") for name in _PARTS))


@dataclass(frozen=True, slots=True)
class ResourceTags:
    """The tags as one transaction sees them."""

    connection: Connection

    def of(self, resource: Resource) -> Tags:
        """All tags of a resource, in the order in which their keys were first given."""
        query = select(table.c.key, table.c.value).where(*_named(resource)).order_by(table.c.number)
        return tuple((row.key, row.value) for row in self.connection.execute(query))

    def everywhere(self, account: str, region: str) -> dict[Resource, Tags]:
        """All tags of an account in a region, by the resources that have some."""
        here = (table.c.account == account, table.c.region == region)
        query = select(table.c.noun, table.c.id, table.c.key, table.c.value).where(*here).order_by(table.c.number)
        found: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for row in self.connection.execute(query):
            found.setdefault((row.noun, row.id), []).append((row.key, row.value))
        return {Resource(account, region, NOUNS[noun], name): tuple(tags) for (noun, name), tags in found.items()}

    def write(self, tags: Tags, resources: Collection[Resource]) -> None:
        """Each of the resources has these tags from now on, and no others."""
        self.forget(resources)
        rows = [
            {**_parts(resource), "key": key, "value": value, "number": number}
            for resource in resources
            for number, (key, value) in enumerate(tags)
        ]
        if rows:
            self.connection.execute(insert(table), rows)

    def forget(self, resources: Iterable[Resource]) -> None:
        """Resources have no tags any more."""
        rows = [{f"of_{name}": value for name, value in _parts(resource).items()} for resource in resources]
        if rows:
            self.connection.execute(_FORGET, rows)


def _parts(resource: Resource) -> dict[str, str]:
    return dict(zip(_PARTS, (resource.account, resource.region, resource.noun.type, resource.id), strict=True))


def _named(resource: Resource) -> Iterable[Any]:
    return (table.c[name] == value for name, value in _parts(resource).items())

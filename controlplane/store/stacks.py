"""What was made of templates. The documents are those of whoever applies them, and nobody here reads them."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from cachewright.controlplane.model.stacks import Outdated, Remembered
from cachewright.controlplane.store.tables import stacks


@dataclass(frozen=True, slots=True)
class Stacks:
    """Stacks as one transaction sees them."""

    connection: Connection

    def of(self, account: str, region: str) -> dict[str, Remembered]:
        """Those of an account in a region, by name."""
        columns = (stacks.c.name, stacks.c.revision, stacks.c.document)
        here = (stacks.c.account == account, stacks.c.region == region)
        rows = self.connection.execute(select(*columns).where(*here).order_by(stacks.c.name))
        return {row.name: Remembered(row.revision, row.document) for row in rows}

    def write(self, account: str, region: str, name: str, after: Remembered) -> int:
        """A document in place of the one of the revision that `after` names; an empty one: there is no such stack any
        more. The revision that it has. Outdated when there is another one by now.
        """
        if self.of(account, region).get(name, Remembered()).revision != after.revision:
            raise Outdated(name)
        row = {"account": account, "region": region, "name": name}
        self.connection.execute(delete(stacks).where(*(stacks.c[key] == value for key, value in row.items())))
        if not after.document:
            return 0
        values = row | {"revision": after.revision + 1, "document": after.document}
        self.connection.execute(insert(stacks).values(values))
        return after.revision + 1

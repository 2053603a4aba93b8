"""What the installation remembers about itself."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select, update

from cachewright.controlplane.store.tables import facts


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values as one transaction sees them."""

    connection: Connection

    def read(self, name: str) -> str | None:
        """The value of a fact, None for one that was never written."""
        value = self.connection.execute(_VALUE, {"name": name}).scalar()
        return None if value is None else str(value)

    def write(self, name: str, value: str) -> None:
        """A fact, in place of what was known before."""
        known = update(facts).where(facts.c.name == name).values(value=value)
        if not self.connection.execute(known).rowcount:
            self.connection.execute(insert(facts).values(name=name, value=value))


_VALUE = select(facts.c.value).where(facts.c.name == bindparam("name"))

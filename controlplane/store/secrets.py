"""What proves who this installation is, where it does not lie in one machine's directory."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from cachewright.controlplane.store.tables import secrets


@dataclass(frozen=True, slots=True)
class Secrets:
    """Names and contents as one transaction sees them. None is ever changed."""

    connection: Connection

    def all(self) -> dict[str, str]:
        """Every secret by its name."""
        return {row.name: row.value for row in self.connection.execute(select(secrets.c.name, secrets.c.value))}

    def add(self, values: Mapping[str, str]) -> None:
        """More secrets, none of which was known before."""
        self.connection.execute(insert(secrets), [{"name": name, "value": value} for name, value in values.items()])

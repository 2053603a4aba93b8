"""The rows of a database as they were written, in a file for each form of documents.

`python -m tests.golden.written` writes that of the present form: when there is a new one, and when a field was added to
it. The files of earlier forms stay as they are: whoever has such a database wants to go on with it.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic import command
from sqlalchemy import Connection, DateTime, MetaData, Select, Table, insert, select

from cachewright.controlplane.model.builds import Builds
from cachewright.controlplane.model.cache import Spec, Status
from cachewright.controlplane.model.nouns import (
    CACHE_SECURITY_GROUP,
    GLOBAL_REPLICATION_GROUP,
    PARAMETER_GROUP,
    RESERVED_NODE,
    SNAPSHOT,
    SUBNET_GROUP,
    USER,
    USER_GROUP,
    Noun,
)
from cachewright.controlplane.model.presentation import Presentation
from cachewright.controlplane.model.service_updates import Catalogue
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.documents import from_json
from cachewright.controlplane.store.migrations import configuration
from cachewright.controlplane.store.revision import REVISION
from cachewright.controlplane.store.tables import metadata
from cachewright.controlplane.store.updates import BUILDS, CATALOGUE
from cachewright.controlplane.store.upgrades import SCHEMA
from tests.golden import values
from tests.golden.files import file_of
from tests.golden.values import ACCOUNT, CACHE, DAY, GROUP, REGION, SUBNETS

RECORDS: tuple[tuple[Noun, str, Any], ...] = (
    (GLOBAL_REPLICATION_GROUP, values.DATASTORE.id, values.DATASTORE),
    (PARAMETER_GROUP, GROUP.name, GROUP),
    (SUBNET_GROUP, SUBNETS.name, SUBNETS),
    (SNAPSHOT, values.SNAPSHOT.name, values.SNAPSHOT),
    (USER, values.USER.id, values.USER),
    (USER_GROUP, values.USERS.id, values.USERS),
    (CACHE_SECURITY_GROUP, values.SECURITY_GROUP.name, values.SECURITY_GROUP),
    (RESERVED_NODE, values.RESERVATION.id, values.RESERVATION),
)

FACTS: Mapping[str, type] = {BUILDS: Builds, CATALOGUE: Catalogue}


def fill(store: Store) -> None:
    """Write every kind of document."""
    with store.write() as transaction:
        transaction.caches.add(CACHE)
        for noun, name, value in RECORDS:
            transaction.records(ACCOUNT, REGION if noun.regional else "", noun, type(value)).add(name, value, DAY)
        transaction.log_deliveries.write(CACHE.incarnation, values.DELIVERY)
        transaction.updates.write_builds(values.BUILDS)
        transaction.updates.write_catalogue(values.CATALOGUE)


def load(connection: Connection, file: Path) -> None:
    """Bring an empty database to where it was when that file was written."""
    written = json.loads(file.read_text())
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, written["revision"])
    tables = MetaData()
    tables.reflect(connection)
    for name, rows in written["tables"].items():
        connection.execute(insert(tables.tables[name]), [_row(tables.tables[name], row) for row in rows])


def _row(table: Table, written: dict[str, Any]) -> dict[str, Any]:
    moments = {column.name for column in table.columns if isinstance(column.type, DateTime)}
    return {
        name: datetime.fromisoformat(value) if name in moments and value else value for name, value in written.items()
    }


def _ordered(table: Table) -> Select[Any]:
    """Rows in an order of their own: what has not changed is written as it was."""
    return select(table).order_by(*table.primary_key.columns)


def _shown(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [
        {
            name: value.replace(tzinfo=UTC).isoformat() if isinstance(value, datetime) else value
            for name, value in row.items()
        }
        for row in rows
    ]


def refuse_what_is_unreadable() -> None:
    """Unreadable when there is a file of the present form, and it cannot be read any more: it would be written anew as
    if nothing had changed, but whoever has such a database could not go on with it.
    """
    if not file_of(SCHEMA).exists():
        return
    tables = json.loads(file_of(SCHEMA).read_text())["tables"]
    for kind, column in ((Spec, "spec"), (Status, "status"), (Presentation, "presentation")):
        for row in tables["caches"]:
            from_json(kind, row[column])
    kinds = {noun.type: type(value) for noun, _, value in RECORDS}
    for row in tables["records"]:
        from_json(kinds[row["noun"]], row["document"])
    for row in tables.get("facts", ()):
        if row["name"] in FACTS:
            from_json(FACTS[row["name"]], row["value"])


def main() -> None:
    """Write the file of the present form."""
    refuse_what_is_unreadable()
    with TemporaryDirectory() as directory:
        store = Store(f"sqlite:///{directory}/store.db")
        store.prepare()
        fill(store)
        with store.read() as transaction:
            execute = transaction.connection.execute
            tables = {table.name: _shown(execute(_ordered(table)).mappings()) for table in metadata.sorted_tables}
        store.close()
    kept = {name: rows for name, rows in tables.items() if rows}
    file_of(SCHEMA).write_text(json.dumps({"revision": REVISION, "tables": kept}, indent=1) + "\n")


if __name__ == "__main__":
    main()

"""The rows of a database as they were written, in a file for each form of documents.

`python -m tests.golden.written` writes that of the present form: when there is a new one, and when a field was added to
it. The files of earlier forms stay as they are: whoever has such a database wants to go on with it.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic import command
from sqlalchemy import Connection, DateTime, MetaData, Table, insert, select

from cachewright.controlplane.model.nouns import PARAMETER_GROUP, SUBNET_GROUP
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.migrations import configuration
from cachewright.controlplane.store.tables import REVISION, metadata
from cachewright.controlplane.store.upgrades import SCHEMA
from tests.golden.values import ACCOUNT, CACHE, DAY, GROUP, REGION, SUBNETS


def file_of(form: int) -> Path:
    """The file of a form."""
    return Path(__file__).with_name(f"form-{form}.json")


def fill(store: Store) -> None:
    """Write every kind of document."""
    with store.write() as transaction:
        transaction.caches.add(CACHE)
        transaction.records(ACCOUNT, REGION, PARAMETER_GROUP, type(GROUP)).add(GROUP.name, GROUP, DAY)
        transaction.records(ACCOUNT, REGION, SUBNET_GROUP, type(SUBNETS)).add(SUBNETS.name, SUBNETS, DAY)


def load(connection: Connection, form: int) -> None:
    """Bring an empty database to where it was when the file of that form was written."""
    written = json.loads(file_of(form).read_text())
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


def _shown(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [
        {
            name: value.replace(tzinfo=UTC).isoformat() if isinstance(value, datetime) else value
            for name, value in row.items()
        }
        for row in rows
    ]


def main() -> None:
    """Write the file of the present form."""
    with TemporaryDirectory() as directory:
        store = Store(f"sqlite:///{directory}/store.db")
        store.prepare()
        fill(store)
        with store.read() as transaction:
            execute = transaction.connection.execute
            tables = {table.name: _shown(execute(select(table)).mappings()) for table in metadata.sorted_tables}
        store.close()
    kept = {name: rows for name, rows in tables.items() if rows}
    file_of(SCHEMA).write_text(json.dumps({"revision": REVISION, "tables": kept}, indent=1) + "\n")


if __name__ == "__main__":
    main()

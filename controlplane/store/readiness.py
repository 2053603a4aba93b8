"""Whether SQLite's file can be worked with at once: found out without SQLAlchemy, which takes longer to load than the
look.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from cachewright.controlplane.store.revision import REVISION

SCHEMA = "schema"  # the fact that says which schema was found complete: SQLite counts every change of it
STARTED = "started"  # the fact that is written to see that something can be
_FACTS = "SELECT name, value FROM facts WHERE name IN ('instance', ?)"
_WRITE = "INSERT INTO facts (name, value) VALUES (?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"


def is_ready(database: Path, instance: str) -> bool:
    """Whether a file is a whole database of this version's tables, which knows itself as that of an installation and
    has just taken a write; for who has it alone. Every other one has to be prepared, and may be refused.
    """
    if not instance or not database.exists():
        return False
    try:
        with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as connection:
            if not _is_known(connection, instance):
                return False
            _write(connection)
    except sqlite3.Error:
        return False
    return True


def _is_known(connection: sqlite3.Connection, instance: str) -> bool:
    def asked(question: str) -> object:
        return connection.execute(question).fetchall()

    schema = connection.execute("PRAGMA schema_version").fetchone()[0]
    return (
        asked("SELECT version_num FROM alembic_version") == [(REVISION,)]
        and dict(connection.execute(_FACTS, (SCHEMA,))) == {"instance": instance, SCHEMA: str(schema)}
        and asked("PRAGMA journal_mode") == [("wal",)]
        and asked("PRAGMA quick_check(1)") == [("ok",)]
    )


def _write(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA synchronous=FULL")  # what the disk does not take is told now
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("DELETE FROM facts WHERE name = ?", (STARTED,))
    connection.execute(_WRITE, (STARTED,))
    connection.execute("COMMIT")

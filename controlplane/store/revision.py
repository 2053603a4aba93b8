"""Which tables this version of the program has, and whether SQLite's file has them: found out without SQLAlchemy, which
takes longer to load than the look.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

REVISION = "0005"  # the last step in `migrations/versions`


def is_current(database: Path) -> bool:
    """Whether a file is a database with just these tables, which can be written now."""
    if not database.exists():
        return False
    try:
        with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            found = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            connection.execute("ROLLBACK")
    except sqlite3.Error:
        return False
    return found == [(REVISION,)]

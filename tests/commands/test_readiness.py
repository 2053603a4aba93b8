"""What is looked at before a control plane says that it is healthy: everything that could be refused afterwards."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cachewright.controlplane import data_directory
from cachewright.controlplane.server.database import opened_store
from cachewright.controlplane.server.identity import identified
from cachewright.controlplane.settings import RuntimeKind, Settings
from cachewright.controlplane.store.readiness import STARTED, is_ready
from tests.commands.test_lost_database import DAMAGES, statements


def emptied(database: Path) -> None:
    database.write_bytes(b"")


UNFIT: dict[str, Callable[[Path], None]] = {
    **DAMAGES,
    "it does not know whose it is": statements("DELETE FROM facts WHERE name = 'instance'"),
    "it is another installation's": statements("UPDATE facts SET value = 'other' WHERE name = 'instance'"),
    "its tables are of another version": statements("UPDATE alembic_version SET version_num = '0004'"),
    "its tables were never looked at": statements("DELETE FROM facts WHERE name = 'schema'"),
    "readers keep its writers out": statements("PRAGMA journal_mode=DELETE"),
    "it takes no write": statements(
        f"CREATE TRIGGER full BEFORE INSERT ON facts WHEN new.name = '{STARTED}'"
        " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END",
        "UPDATE facts SET value = (SELECT schema_version FROM pragma_schema_version) WHERE name = 'schema'",
    ),
    "it is empty": emptied,
    "it is gone": Path.unlink,
}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """One that a control plane has worked with."""
    settings = Settings(data_dir=tmp_path, database_url="", runtime=RuntimeKind.MEMORY)
    with opened_store(settings) as store:
        identified(settings, store)
        with store.write() as transaction:
            for number in range(2000):
                transaction.facts.write(f"fact {number}", "x" * 100)
    return tmp_path / data_directory.DATABASE


def instance(database: Path) -> str:
    return data_directory.instance(database.parent, "")


@pytest.mark.parametrize("unfit", UNFIT.values(), ids=UNFIT)
def test_what_may_be_refused_is_not_ready(unfit: Callable[[Path], None], database: Path) -> None:
    assert is_ready(database, instance(database))
    unfit(database)
    existed = database.exists()
    assert not is_ready(database, instance(database))
    assert database.exists() is existed


def test_what_has_no_name_is_not_ready(database: Path) -> None:
    assert not is_ready(database, "")


def test_what_cannot_be_written_now_is_not_ready(database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert not is_ready(database, instance(database))
    assert is_ready(database, instance(database))


def test_what_was_written_stays(database: Path) -> None:
    assert is_ready(database, instance(database))
    with closing(sqlite3.connect(database)) as other:
        assert other.execute("SELECT count(*) FROM facts WHERE name = ?", (STARTED,)).fetchone() == (1,)

"""Who may read what lies in the data directory."""

from pathlib import Path

import pytest

from cachewright.agents.snapshots.files import FOLDER, SnapshotFiles
from cachewright.controlplane.data_directory import make
from cachewright.controlplane.server.database import opened_store
from cachewright.controlplane.server.resources import CannotServe
from cachewright.controlplane.settings import RuntimeKind, Settings
from cachewright.controlplane.teardown import tear_down


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def test_everything_is_its_owners_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with opened_store(Settings(data_dir=tmp_path, database_url="")) as store, store.write() as transaction:
        transaction.facts.write("any", "fact")
        assert {path.name: mode(path) for path in tmp_path.iterdir() if mode(path) & 0o077} == {}
    assert mode(tmp_path) == 0o700


def test_what_was_left_open_is_closed(tmp_path: Path) -> None:
    for name in ("cachewright.db", "cachewright.db-wal", "lock"):
        (tmp_path / name).touch(mode=0o644)
    tmp_path.chmod(0o755)
    make(tmp_path)
    assert mode(tmp_path) == 0o700
    assert {mode(path) for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize(("inside", "before"), [("theirs", 0o755), ("cachewright.db", 0o1777)])
def test_a_directory_of_other_people_stays_as_it_is(inside: str, before: int, tmp_path: Path) -> None:
    (tmp_path / inside).touch()
    tmp_path.chmod(before)
    make(tmp_path)
    assert mode(tmp_path) == before


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://me:precious@127.0.0.1:1/d",
        "postgresql+psycopg://me:precious@127.0.0.1:x/d",
        "postgresql+nothing://me:precious@h/d",
        "sqlite:////nowhere/at/all",
        f"sqlite:///{__file__}",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:caches?mode=memory&cache=shared&uri=true",
        "sqlite:///file:caches?uri=true",
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_a_line(url: str, tmp_path: Path) -> None:
    with pytest.raises(CannotServe) as told, opened_store(Settings(data_dir=tmp_path, database_url=url)):
        pass
    assert len(str(told.value).splitlines()) == 1
    assert "set CACHEWRIGHT_DATABASE_URL to one that answers, such as postgresql" in str(told.value)
    assert "precious" not in str(told.value)


def test_the_files_of_snapshots_go_with_everything_else(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="", runtime=RuntimeKind.MEMORY)
    SnapshotFiles(tmp_path / FOLDER).write("0" * 32, "0001", [b"content"])
    tear_down(settings)
    assert not (tmp_path / FOLDER).exists()

"""A database that is damaged, emptied, or of a later release: one sentence, and nothing of it is lost."""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from cachewright.controlplane import data_directory
from cachewright.controlplane.commands.dns import known_to
from cachewright.controlplane.server.composition import authority
from cachewright.controlplane.server.database import opened_store
from cachewright.controlplane.server.identity import identified
from cachewright.controlplane.server.resources import CannotServe
from cachewright.controlplane.settings import RuntimeKind, Settings
from cachewright.controlplane.store.beside import beside
from cachewright.controlplane.teardown import tear_down
from tests.e2e.plane import Plane

DATABASE = data_directory.DATABASE


def settings(directory: Path) -> Settings:
    return Settings(data_dir=directory, database_url="", runtime=RuntimeKind.MEMORY)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A data directory in which something is remembered."""
    with opened_store(settings(tmp_path)) as store:
        identified(settings(tmp_path), store)
        with store.write() as transaction:
            for number in range(2000):
                transaction.facts.write(f"fact {number}", "x" * 100)
    return tmp_path


def statements(*lines: str) -> Callable[[Path], None]:
    def spoil(database: Path) -> None:
        with closing(sqlite3.connect(database)) as connection, connection:
            for line in lines:
                connection.execute(line)

    return spoil


def overwritten(begin: int, content: bytes) -> Callable[[Path], None]:
    def spoil(database: Path) -> None:
        with database.open("r+b") as file:
            file.seek(begin)
            file.write(content)

    return spoil


def shortened(database: Path) -> None:
    with database.open("r+b") as file:
        file.truncate(database.stat().st_size // 2)


def text(database: Path) -> None:
    database.write_text("no database\n" * 100)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "its header is garbage": overwritten(0, b"no database"),
    "a page in its middle is garbage": overwritten(20 * 4096, b"\x99" * 4096),
    "its end is missing": shortened,
    "it is a text": text,
    "a table is missing": statements("DROP TABLE tags"),
    "a column is missing": statements("ALTER TABLE caches DROP COLUMN owner"),
    "it does not say of which release it is": statements("DELETE FROM alembic_version"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_one_is_moved_aside(damage: Callable[[Path], None], directory: Path) -> None:
    name = data_directory.instance(directory, "")
    damage(directory / DATABASE)
    before = (directory / DATABASE).read_bytes()
    told: list[str] = []
    with opened_store(settings(directory), told.append) as store:
        assert identified(settings(directory), store) == name
        with store.write() as transaction:
            transaction.facts.write("it", "works")
    (sentence,) = told
    kept = Path(sentence.partition("it is kept as ")[2].partition(",")[0])
    assert kept.parent == directory
    assert kept.read_bytes() == before
    assert len(sentence.splitlines()) == 1


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_down_ends_well(damage: Callable[[Path], None], directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    damage(directory / DATABASE)
    tear_down(settings(directory))
    (line,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert "it is kept as" in line


@pytest.mark.parametrize("way", [lambda path: path.write_bytes(b""), Path.unlink], ids=["emptied", "removed"])
def test_the_name_outlives_it(way: Callable[[Path], object], directory: Path) -> None:
    name = data_directory.instance(directory, "")
    way(directory / DATABASE)
    with opened_store(settings(directory)) as store:
        assert identified(settings(directory), store) == name


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"two words"])
def test_a_name_that_is_lost_is_the_databases(content: bytes, directory: Path) -> None:
    name = data_directory.instance(directory, "")
    (directory / data_directory.INSTANCE).write_bytes(content)
    with opened_store(settings(directory)) as store:
        assert identified(settings(directory), store) == name
    assert data_directory.instance(directory, "") == name


def test_two_databases_are_two_installations(tmp_path: Path) -> None:
    names = set()
    for number in range(2):
        chosen = Settings(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path / f'{number}.db'}")
        with opened_store(chosen) as store:
            names.add(identified(chosen, store))
    assert len(names) == 2


def test_who_kept_no_name_is_told_how_to_find_what_runs(directory: Path) -> None:
    (directory / data_directory.INSTANCE).unlink()
    shortened(directory / DATABASE)
    told: list[str] = []
    with opened_store(settings(directory), told.append):
        assert "without knowing what ran: `docker ps --all --filter label=cachewright.instance` lists it" in told[0]


OTHERS = {
    "later": (
        ("UPDATE alembic_version SET version_num = '9999'", "UPDATE facts SET value = '7.5' WHERE name = 'release'"),
        "a later release wrote it (tables 9999, this one knows ",
        "use Cachewright 7.5 or a later one",
    ),
    "later, and does not say which": (
        ("UPDATE alembic_version SET version_num = '9999'", "DROP TABLE facts"),
        "a later release wrote it (tables 9999, this one knows ",
        "use a release later than ",
    ),
    "another program's": (
        ("UPDATE alembic_version SET version_num = 'ae1027a6acf'",),
        "another program's tables are in it",
        "",
    ),
}


@pytest.mark.parametrize(("lines", "cause", "remedy"), OTHERS.values(), ids=OTHERS)
def test_somebody_elses_is_left_alone(lines: tuple[str, ...], cause: str, remedy: str, directory: Path) -> None:
    statements(*lines)(directory / DATABASE)
    before = (directory / DATABASE).read_bytes()
    for command in (tear_down, lambda chosen: opened_store(chosen).__enter__()):
        with pytest.raises(CannotServe) as refused:
            command(settings(directory))
        assert cause in str(refused.value)
        assert remedy in str(refused.value)
        assert len(str(refused.value).splitlines()) == 1
    assert (directory / DATABASE).read_bytes() == before
    assert not list(directory.glob("*damaged*"))


@pytest.mark.parametrize(
    "change",
    [shortened, statements("UPDATE alembic_version SET version_num = '0004'", "DROP TABLE tags")],
    ids=["damaged", "of an earlier release"],
)
@pytest.mark.parametrize("at_url", [False, True])
def test_what_another_one_works_with_is_left_alone(
    change: Callable[[Path], None], at_url: bool, directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    change(directory / DATABASE)
    before = (directory / DATABASE).read_bytes()
    mine = settings(directory)
    if at_url:
        mine = replace(mine, data_dir=tmp_path_factory.mktemp("own"), database_url=f"sqlite:///{directory / DATABASE}")
    ways: list[Callable[[Settings], object]] = [tear_down, lambda chosen: opened_store(chosen).__enter__()]
    for way in [*ways, authority] if at_url else ways:
        with beside(directory / DATABASE), pytest.raises(CannotServe):
            way(mine)
    assert (directory / DATABASE).read_bytes() == before
    assert not list(directory.glob("*damaged*"))


def test_what_only_reads_tells_it_too(directory: Path) -> None:
    shortened(directory / DATABASE)
    with pytest.raises(CannotServe, match="malformed"):
        known_to(settings(directory))
    assert not list(directory.glob("*damaged*"))


def test_up_says_one_line_and_serves(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    text(data / DATABASE)
    plane = Plane(data, settings={"CACHEWRIGHT_RUNTIME": "memory"})
    plane.up()
    plane.stop()
    said = plane.log.read_text().splitlines()
    assert len([line for line in said if "it is kept as" in line]) == 1
    assert len(said) == 2  # that, and where it listens

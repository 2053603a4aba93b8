"""`cachewright up` on the pretend runtime: it serves first and loads afterwards, but not before it is certain."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cachewright.controlplane.server.composition import opened_store
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.beside import beside
from cachewright.controlplane.store.revision import is_current

PATIENCE = 60  # seconds for one process
LATER = (
    "alembic",
    "botocore",
    "cryptography",
    "docker",
    "fastapi",
    "pydantic",
    "pymemcache",
    "redis",
    "rich",
    "sqlalchemy",
)


def command(directory: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "cachewright", "up", "--port", "0", "--data-dir", str(directory), *words]


def environment(**settings: str) -> dict[str, str]:
    chosen = {f"CACHEWRIGHT_{name}": value for name, value in settings.items()}
    return {**os.environ, "CACHEWRIGHT_RUNTIME": "memory", **chosen}


@contextmanager
def up(directory: Path) -> Iterator[str]:
    """The URL of a control plane that has just told it; it ends well."""
    with subprocess.Popen(command(directory), env=environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().split()[3]
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0


def refused(directory: Path, *words: str, **settings: str) -> str:
    """The one line that is told in place of serving."""
    done = subprocess.run(
        command(directory, *words),
        env=environment(**settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    (line,) = done.stderr.splitlines()
    return line


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """A data directory with a past."""
    with opened_store(Settings(data_dir=tmp_path)):
        pass
    return tmp_path


def database(directory: Path) -> Path:
    return directory / "cachewright.db"


def test_requests_are_taken_at_once_and_answered(known: Path) -> None:
    with up(known) as url:
        with urllib.request.urlopen(f"{url}/healthz", timeout=PATIENCE) as health:
            assert json.load(health) == {"status": "ok"}
        with urllib.request.urlopen(f"{url}/_cachewright/topology", timeout=PATIENCE) as answer:
            assert json.load(answer) == {"caches": []}


def test_a_control_plane_ends_at_once_that_was_told_to_while_it_loads(known: Path) -> None:
    for _ in range(3):
        with up(known) as url, urllib.request.urlopen(f"{url}/healthz", timeout=PATIENCE) as health:
            assert health.status == 200
        assert is_current(database(known))


def test_nothing_is_loaded_that_the_first_answer_does_not_need() -> None:
    program = "import sys, cachewright.controlplane.cli, cachewright.controlplane.server.serve; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(LATER) & set(done.stdout.split()) == set()


def test_a_taken_port(known: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        line = refused(known, "--port", str(port))
    assert line.startswith(f"cachewright: cannot listen on 127.0.0.1:{port}: Address already in use; ")


def test_a_data_directory_in_use(known: Path) -> None:
    with up(known):
        assert refused(known).startswith(f"cachewright: another cachewright uses the data directory {known}; ")


def test_a_database_in_use(known: Path) -> None:
    with beside(database(known)):
        line = refused(known)
    assert line.endswith(f"process {os.getpid()} uses the database {database(known)}; stop it first")


def test_a_name_server_that_cannot_answer(known: Path) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        line = refused(known, DNS_PORT=str(taken.getsockname()[1]))
    assert line.startswith("cachewright: cannot answer DNS queries at 127.0.0.1:")


def test_only_a_database_with_the_tables_of_this_version_is_current(known: Path) -> None:
    assert is_current(database(known))
    with closing(sqlite3.connect(database(known))) as changed, changed:
        changed.execute("UPDATE alembic_version SET version_num = '0004'")
    assert not is_current(database(known))


def test_what_cannot_be_written_now_is_not_current(known: Path) -> None:
    with closing(sqlite3.connect(database(known), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert not is_current(database(known))
    assert is_current(database(known))


@pytest.mark.parametrize("content", [None, "", "no database\n" * 100], ids=["none", "empty", "other"])
def test_what_is_no_database_is_not_current(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        database(tmp_path).write_text(content)
    assert not is_current(database(tmp_path))
    assert database(tmp_path).exists() is (content is not None)

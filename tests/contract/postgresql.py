"""A PostgreSQL server of our own, where the programs are installed: private directory, private socket, no network."""

import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, text

OWNER = "postgres"
MEMORY = Path("/dev/shm")
ROOM = 1 << 30  # bytes for the databases of all tests
_DATABASES = count(1)


def programs() -> Path | None:
    """Where the newest installed version has its programs."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in found), key=lambda path: int(path.parent.name), default=None)


@contextmanager
def server(binaries: Path) -> Iterator[Path]:
    """The directory with the socket of a server; the server is gone at the end."""
    with TemporaryDirectory(prefix="pg-", dir=_memory()) as name:
        directory = Path(name)
        if not os.geteuid():  # the server refuses to run as root
            os.chown(directory, pwd.getpwnam(OWNER).pw_uid, -1)
        data = str(directory / "data")
        _run(binaries / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "--no-sync")
        options = f"-k {directory} -c listen_addresses= -c fsync=off"
        _run(binaries / "pg_ctl", "-D", data, "-w", "-l", str(directory / "log"), "-o", options, "start")
        try:
            yield directory
        finally:
            _run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def _memory() -> Path | None:
    """Where files are in memory, if there is room: a database has a thousand of them."""
    return MEMORY if MEMORY.is_dir() and disk_usage(MEMORY).free > ROOM else None


def new_database(directory: Path) -> str:
    """The URL of a new and empty database."""
    name = f"store{next(_DATABASES)}"
    engine = create_engine(_url(directory, OWNER), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return _url(directory, name)


def _url(directory: Path, database: str) -> str:
    return f"postgresql+psycopg://{OWNER}@/{database}?host={directory}"


def _run(program: Path, *arguments: str) -> None:
    user = OWNER if not os.geteuid() else None
    command = [str(program), *arguments]
    subprocess.run(command, user=user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)

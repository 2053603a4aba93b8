"""One control plane for each database, held by SQLite and by PostgreSQL."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import pytest
from sqlalchemy import create_engine, text

from cachewright.controlplane.store.beside import Taken, me
from cachewright.controlplane.store.exclusive import CONTROL_PLANES_LOCK, exclusive
from tests.contract import postgresql
from tests.contract.test_store import SOON, url
from tests.e2e.waiting import until

__all__ = ["url"]  # fixtures

HOLD = """
import sys, time
from cachewright.controlplane.store.beside import Taken
from cachewright.controlplane.store.exclusive import exclusive
print("ready", flush=True)
while True:
    try:
        with exclusive(sys.argv[1], print):
            print("held", flush=True)
            sys.stdin.read()
    except Taken:
        time.sleep(0.01)
"""


def never(reason: str) -> None:
    raise AssertionError(reason)


@contextmanager
def waiter(url: str) -> Iterator["subprocess.Popen[str]"]:
    """Another process, which takes the lock as soon as it is free."""
    command = [sys.executable, "-c", HOLD, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "ready\n"
        yield process
        process.kill()


@contextmanager
def holder(url: str) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the lock."""
    with waiter(url) as process:
        assert process.stdout and process.stdout.readline() == "held\n"
        yield process


def is_free(url: str) -> bool:
    try:
        with exclusive(url, never):
            return True
    except Taken:
        return False


def test_it_is_said_who_has_the_database(url: str) -> None:
    with holder(url) as other, pytest.raises(Taken) as refused, exclusive(url, never):
        pass
    who = re.escape(me().replace(str(os.getpid()), str(other.pid)))
    assert re.match(rf"{who} uses the database \S+; stop it first", str(refused.value))


def test_it_is_free_again_at_the_end(url: str) -> None:
    for _ in range(3):
        with exclusive(url, never):
            pass


def test_whoever_was_killed_can_be_replaced_at_once(url: str) -> None:
    with holder(url) as other:
        other.send_signal(signal.SIGKILL)
        other.wait()
        until("it is free: the server notices that a process is gone", lambda: is_free(url), SOON)


def test_the_password_is_not_told(server: Path) -> None:
    url = postgresql.new_database(server).replace("postgres@", "postgres:secret@")
    with exclusive(url, never), pytest.raises(Taken) as refused, exclusive(url, never):
        pass
    assert "secret" not in str(refused.value)


def cut_off(url: str) -> bool:
    """End the session that holds the lock; False when none does."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    cut = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :lock"
    mine = " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    with engine.connect() as connection:
        ended = connection.execute(text(cut + mine), {"lock": CONTROL_PLANES_LOCK}).scalars().all()
    engine.dispose()
    return ended == [True]


def test_a_connection_that_ends_is_made_again(server: Path) -> None:
    url = postgresql.new_database(server)
    with exclusive(url, never):
        assert cut_off(url)
        until("it is held again", lambda: cut_off(url), SOON)


def test_whoever_lost_it_to_another_one_is_told(server: Path) -> None:
    url, told = postgresql.new_database(server), Queue[str]()
    with exclusive(url, told.put), waiter(url) as other:
        assert cut_off(url)
        assert f"process {other.pid} uses the database" in told.get(timeout=SOON)

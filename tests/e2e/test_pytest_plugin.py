"""The fixtures of pytest as another project uses them, and what is left of them however its tests end."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from shutil import copytree

import docker
import pytest

from cachewright.agents.planning.labels import INSTANCE
from cachewright.testing.control_plane import Cachewright
from docs.sections import ROOT
from tests.e2e.plane import environment
from tests.e2e.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("pytest plugin")]

EXAMPLE = ROOT / "docs" / "examples" / "pytest"
ENDLESS = """
import signal, time

signal.signal(signal.SIGINT, signal.default_int_handler)  # who begins in the background ignores it

def test_that_hangs(redis_cache):
    redis_cache.client.ping()
    open("ready", "w").close()
    time.sleep(600)
"""
OF_US = ("CACHEWRIGHT_", "AWS_", "PYTEST_")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty directory."""
    return tmp_path


def settings(home: Path) -> dict[str, str]:
    """The environment of another project: its runs are in its own directory."""
    kept = {name: value for name, value in environment().items() if not name.startswith(OF_US)}
    return {**kept, "TMPDIR": str(home), "CACHEWRIGHT_PORT": "1"}  # where nobody's own control plane is


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]


def runs(home: Path) -> list[Path]:
    """The directories of runs that are there."""
    return [path for path in home.glob("cachewright-testing-*/*") if path.is_dir()]


def owned(machine: docker.DockerClient, name: str) -> list[str]:
    """The containers of an installation."""
    mine = {"label": f"{INSTANCE}={name}"}
    return [one.name for one in machine.containers.list(all=True, filters=mine, ignore_removed=True)]


def instance(home: Path, machine: docker.DockerClient) -> str:
    """The installation of the run that is there, which has containers."""
    (run,) = runs(home)
    with closing(sqlite3.connect(run / "data" / "cachewright.db")) as database:
        (name,) = database.execute("SELECT value FROM facts WHERE name = 'instance'").fetchone()
    assert owned(machine, name)
    return str(name)


def begun(home: Path) -> "subprocess.Popen[bytes]":
    """Tests that hang, with a cache."""
    (home / "test_endless.py").write_text(ENDLESS)
    tests = subprocess.Popen(command("test_endless.py"), cwd=home, env=settings(home), stdout=subprocess.DEVNULL)
    until("the test has its cache", (home / "ready").exists)
    return tests


def test_the_example(home: Path) -> None:
    copytree(EXAMPLE, home / "shop")
    done = subprocess.run(
        command("-n", "2"), cwd=home / "shop", env=settings(home), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "9 passed" in done.stdout
    until("nothing is left", lambda: runs(home) == [])


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_however_tests_end(home: Path, way: signal.Signals, machine: docker.DockerClient) -> None:
    tests = begun(home)
    name = instance(home, machine)
    tests.send_signal(way)
    tests.wait()
    until("nothing is left", lambda: runs(home) == [])
    assert owned(machine, name) == []


def test_the_next_run_removes_what_a_killed_guardian_leaves(home: Path, machine: docker.DockerClient) -> None:
    tests = begun(home)
    name = instance(home, machine)
    for process in guardians(home):
        os.kill(process, signal.SIGKILL)
    tests.kill()
    tests.wait()
    assert owned(machine, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(home))
        with Cachewright() as cachewright:
            assert owned(machine, name) == []
            assert cachewright.aws.describe_cache_clusters()["CacheClusters"] == []
    until("nothing is left", lambda: runs(home) == [])


def guardians(home: Path) -> list[int]:
    """The processes that keep runs of this directory, and their control planes."""
    lines = {int(path.parent.name): path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")}
    return [number for number, line in lines.items() if b"cachewright" in line and bytes(home) in line]


def test_it_is_skipped_where_there_is_no_engine(home: Path) -> None:
    copytree(EXAMPLE, home / "shop")
    nowhere = {**settings(home), "DOCKER_HOST": f"unix://{home}/none"}
    done = subprocess.run(command("-rs"), cwd=home / "shop", env=nowhere, capture_output=True, text=True, check=False)
    assert (done.returncode, "9 skipped" in done.stdout) == (0, True), done.stdout
    assert "Cachewright needs a Docker engine" in done.stdout

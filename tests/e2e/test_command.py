"""The `cachewright` command as a user types it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cachewright.agents.runtime.docker import DockerRuntime
from cachewright.controlplane.commands.aws import elasticache
from cachewright.controlplane.commands.plane import ControlPlane
from cachewright.controlplane.data_directory import probing, probing_lock
from cachewright.controlplane.store.locks import locked
from tests.e2e.waiting import until

PATIENCE = 120  # seconds for one command


def cachewright(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The finished command."""
    return subprocess.run(
        [sys.executable, "-m", "cachewright", *map(str, words)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


@pytest.fixture
def pretending(tmp_path: Path) -> Iterator[str]:
    """The URL of `cachewright up` on the pretend runtime."""
    with subprocess.Popen(
        [sys.executable, "-m", "cachewright", "up", "--port", "0", "--data-dir", str(tmp_path)],
        env={**os.environ, "CACHEWRIGHT_RUNTIME": "memory"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        yield process.stdout.readline().split()[3]
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_status_shows_what_was_created(pretending: str) -> None:
    aws = elasticache(ControlPlane(pretending))
    aws.create_cache_cluster(CacheClusterId="one", Engine="redis", CacheNodeType="cache.t3.micro", NumCacheNodes=1)
    aws.get_waiter("cache_cluster_available").wait(CacheClusterId="one", WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    (seen,) = json.loads(cachewright("status", "--json", "--url", pretending).stdout)["caches"]
    assert (seen["id"], seen["phase"]) == ("one", "available")
    told = cachewright("status", "--url", pretending).stdout
    assert "one  available" in told
    assert seen["shards"][0]["nodes"][0]["address"] in told


def test_status_says_when_nothing_answers() -> None:
    done = cachewright("status", "--url", "http://127.0.0.1:1")
    assert done.returncode == 3
    assert done.stderr.startswith("cachewright: no control plane answers at http://127.0.0.1:1 (")
    assert done.stderr.count("\n") == 1


def test_up_says_that_its_port_is_taken(pretending: str, tmp_path: Path) -> None:
    port = pretending.rpartition(":")[2]
    done = cachewright("up", "--port", port, "--data-dir", tmp_path / "other")
    assert done.returncode == 1
    assert done.stderr == (
        f"cachewright: cannot listen on 127.0.0.1:{port}: Address already in use; choose another port with --port\n"
    )


def test_a_data_directory_has_one_control_plane(pretending: str, tmp_path: Path) -> None:
    done = cachewright("down", "--data-dir", tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"cachewright: another cachewright uses the data directory {tmp_path}; stop it first\n"


def test_settings_that_make_no_sense() -> None:
    done = cachewright("status", CACHEWRIGHT_PORT="many")
    assert done.returncode == 1
    assert done.stderr.startswith("cachewright: cannot use CACHEWRIGHT_PORT='many': ")
    assert done.stderr.count("\n") == 1


def test_doctor_fails_without_an_engine(tmp_path: Path) -> None:
    done = cachewright("doctor", "--port", 0, "--data-dir", tmp_path, DOCKER_HOST=f"unix://{tmp_path}/none.sock")
    assert done.returncode == 1
    assert "FAIL container engine: cannot reach the engine: the Docker engine does not answer" in done.stdout


def test_demo_fails_in_one_line_without_an_engine(tmp_path: Path) -> None:
    done = cachewright("demo", DOCKER_HOST=f"unix://{tmp_path}/none.sock")
    assert done.returncode == 1
    assert done.stderr.startswith("cachewright: the demo failed: cannot list images: the Docker engine does not answer")


@pytest.mark.docker
def test_doctor_finds_a_network_that_fits(tmp_path: Path) -> None:
    done = cachewright("doctor", "--port", 0, "--data-dir", tmp_path)
    assert "CACHEWRIGHT_ENDPOINTS=direct fits" in done.stdout
    assert done.returncode == 0


@pytest.mark.docker
@pytest.mark.parametrize("command", ["doctor", "down"])
def test_what_a_killed_doctor_leaves_is_removed(tmp_path: Path, command: str) -> None:
    left = DockerRuntime(probing(tmp_path))
    with subprocess.Popen([sys.executable, "-m", "cachewright", "doctor", "--data-dir", str(tmp_path)]) as process:
        until("it has a container", left.containers)
        process.kill()
    assert left.containers()
    cachewright(command, "--data-dir", tmp_path)
    assert left.raze().removed == ()


@pytest.mark.docker
def test_what_a_doctor_works_with_is_left_alone(tmp_path: Path) -> None:
    working = DockerRuntime(probing(tmp_path))
    with locked(probing_lock(tmp_path)):
        working.open_network()
        done = cachewright("down", "--data-dir", tmp_path)
        assert done.stdout == "There was nothing to remove.\n"
    name = working.raze().removed[0]
    assert name.startswith("cachewright-doctor-")


@pytest.mark.docker
def test_demo_loses_no_write_and_leaves_nothing() -> None:
    done = cachewright("demo")
    assert done.returncode == 0, done.stderr
    for told in (" writes acknowledged, 0 lost,", "Failover from primary node", "no container, network or volume"):
        assert told in done.stdout

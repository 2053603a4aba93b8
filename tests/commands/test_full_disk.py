"""A control plane on a file system that is really full."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError

from cachewright.agents.runtime.docker import DockerRuntime
from cachewright.controlplane.data_directory import DATABASE
from cachewright.controlplane.model.events import CLUSTER, Event
from cachewright.controlplane.server.database import opened_store
from cachewright.controlplane.server.identity import identified
from cachewright.controlplane.server.resources import CannotServe
from cachewright.controlplane.settings import RuntimeKind, Settings
from cachewright.controlplane.teardown import tear_down
from tests.e2e.plane import Plane, environment, run

DAY = datetime(2026, 3, 1, tzinfo=UTC)
SIZE = 1 << 20  # bytes
MEMORY = {"CACHEWRIGHT_RUNTIME": "memory", "CACHEWRIGHT_POLL_INTERVAL": "0.1"}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system."""
    if os.getuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root mounts file systems")
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)], check=False)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def plane(disk: Path, tmp_path: Path) -> Iterator[Plane]:
    """A control plane whose data directory is there, and whose log is not."""
    link = tmp_path / "data"
    link.symlink_to(disk)
    plane = Plane(link, settings=MEMORY)
    yield plane
    plane.kill()


def fill(disk: Path) -> Path:
    """Take every byte that is left."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return filler


def create(client: Any, name: str) -> None:
    client.create_cache_cluster(
        CacheClusterId=name, Engine="memcached", CacheNodeType="cache.t3.micro", NumCacheNodes=1, Tags=TAGS
    )


TAGS = [{"Key": f"{number:03}", "Value": "x" * 250} for number in range(50)]


def status_of(url: str) -> int:
    try:
        with urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def refusals(client: Any) -> list[ClientError]:
    """Of as many requests as it takes until nothing goes into what the database has set aside already, and of more."""
    refused = []
    for number in range(60):
        try:
            create(client, f"more-{number}")
        except ClientError as error:
            refused.append(error)
    return refused


def test_requests_are_to_be_tried_again_and_the_log_says_it_once(disk: Path, plane: Plane) -> None:
    plane.up()
    client = plane.client("000000000001")
    create(client, "one")
    filler = fill(disk)
    refused = refusals(client)
    assert len(refused) > 10
    for error in refused:
        assert error.response["Error"]["Code"] == "ServiceUnavailable"
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 503
        assert "cannot write to the database" in error.response["Error"]["Message"]
    assert any("database or disk is full; make room for it" in str(error) for error in refused)
    assert client.describe_cache_clusters(CacheClusterId="one")["CacheClusters"]
    said = plane.log.read_text()
    assert said.count("nothing can be decided or changed: cannot write to the database") == 1
    assert "Traceback" not in said
    assert len(said.splitlines()) <= 3
    assert status_of(f"{plane.url}/ca.pem") == 503
    assert "Traceback" not in plane.log.read_text()
    filler.unlink()
    create(client, "afterwards")
    assert status_of(f"{plane.url}/ca.pem") == 200
    assert plane.stop() == 0


def refused(plane: Plane) -> str:
    """The one line that `up` says before it ends, besides where it listens."""
    told = subprocess.run(
        [sys.executable, "-m", "cachewright", "up", "--port", str(plane.port), "--data-dir", str(plane.data_dir)],
        env={**environment(), **MEMORY}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert told.returncode == 1
    (line,) = told.stderr.splitlines()
    return line


def test_up_says_one_line(disk: Path, plane: Plane) -> None:
    fill(disk)
    assert "database or disk is full; make room for it" in refused(plane)


def test_up_says_one_line_where_it_was_before(disk: Path, plane: Plane) -> None:
    plane.up()
    create(plane.client("000000000001"), "one")
    plane.kill()
    with closing(sqlite3.connect(disk / DATABASE)) as database:  # what it has set aside is given back
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    fill(disk)
    assert "disk is full" in refused(plane)


def test_ca_says_one_line(disk: Path, plane: Plane) -> None:
    fill(disk)
    told = run("ca", "--data-dir", str(plane.data_dir))
    assert told.returncode == 1
    assert told.stderr == f"cachewright: cannot write in the data directory {plane.data_dir}: No space left on device\n"


@pytest.mark.docker
def test_down_says_how_much_is_gone_although_the_caches_cannot_be_forgotten(disk: Path) -> None:
    settings = Settings(data_dir=disk, database_url="", runtime=RuntimeKind.DOCKER)
    with opened_store(settings) as store:
        DockerRuntime(identified(settings, store)).open_network()
        with store.write() as transaction:
            transaction.events.add("000000000001", "us-east-1", [Event(CLUSTER, "c", "created")], DAY)
    with closing(sqlite3.connect(disk / DATABASE)) as reader:  # it keeps what SQLite needs beside the database there
        reader.execute("SELECT * FROM events").fetchall()
        fill(disk)
        with pytest.raises(CannotServe, match=r"^removed 1 containers.* cannot write to .* disk is full"):
            tear_down(settings)

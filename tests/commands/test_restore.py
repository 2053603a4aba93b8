"""`cachewright restore`: a file becomes a cache, or one line says why not."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cachewright.agents.memory.rdb import dumped
from cachewright.controlplane.commands.aws import elasticache
from cachewright.controlplane.commands.plane import ControlPlane

SECONDS = 60  # for one command
OTHER = ("--engine", "valkey", "--engine-version", "8.0", "--node-type", "cache.m5.large")
MEMCACHED = "cannot restore: Snapshot parameters are not supported for engine memcached."
UNREAD = "cannot restore shop: Node shop-001.0001 ended before it answered: exit code 1: Wrong signature"


@dataclass(frozen=True)
class Plane:
    url: str
    directory: Path

    def restore(self, *words: object, directory: Path | None = None) -> subprocess.CompletedProcess[str]:
        """The finished command."""
        where = ("--url", self.url, "--data-dir", directory or self.directory)
        return cachewright("restore", *words, *where)

    def left(self) -> list[str]:
        """The files in its buckets."""
        return [path.name for path in (self.directory / "buckets").rglob("*") if path.is_file()]


def cachewright(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cachewright", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    """`cachewright up` on the pretend runtime."""
    directory = tmp_path / "data"
    with subprocess.Popen(
        [sys.executable, "-m", "cachewright", "up", "--port", "0", "--data-dir", str(directory)],
        env={**os.environ, "CACHEWRIGHT_RUNTIME": "memory"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        yield Plane(process.stdout.readline().split()[3], directory)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    file = tmp_path / "dump.rdb"
    file.write_bytes(dumped({"key": "value"}))
    return file


@pytest.mark.parametrize("options", [(), OTHER])
def test_a_file_becomes_a_cache(options: tuple[str, ...], plane: Plane, dump: Path) -> None:
    ended = plane.restore(dump, "--id", "Shop", *options)
    assert (ended.stderr, ended.returncode) == ("", 0)
    (group,) = elasticache(ControlPlane(plane.url)).describe_replication_groups()["ReplicationGroups"]
    endpoint = group["NodeGroups"][0]["PrimaryEndpoint"]
    assert ended.stdout.split() == [f"{endpoint['Address']}:{endpoint['Port']}"]
    assert (group["ReplicationGroupId"], group["Status"]) == ("shop", "available")
    told = (group["Engine"], group["CacheNodeType"])
    assert told == (("valkey", "cache.m5.large") if options else ("redis", "cache.t3.micro"))
    assert plane.left() == []


def test_what_cannot_be_restored_is_told_in_a_line_and_leaves_nothing(plane: Plane, dump: Path) -> None:
    broken = dump.with_name("broken.rdb")
    broken.write_text("no dump")
    for words, said in (
        ((broken, "--id", "shop"), UNREAD),
        (("nowhere.rdb", "--id", "shop"), "cannot read nowhere.rdb: No such file or directory"),
        ((dump.parent, "--id", "shop"), f"cannot read {dump.parent}: Is a directory"),
        ((dump, "--id", "a--b"), "cannot restore: The parameter ReplicationGroupId is not a valid identifier."),
        ((dump, "--id", "shop", "--engine", "memcached"), MEMCACHED),
        ((dump, "--id", "shop", "--engine-version", "1.0"), "cannot restore: "),
    ):  # fmt: skip
        ended = plane.restore(*words)
        assert ended.returncode == 1
        assert ended.stderr.startswith(f"cachewright: {said}")
        assert len(ended.stderr.splitlines()) == 1
        assert plane.left() == []
    assert plane.restore(dump, "--id", "shop").returncode == 0


def test_another_data_directory_is_told(plane: Plane, dump: Path, tmp_path: Path) -> None:
    ended = plane.restore(dump, "--id", "shop", directory=tmp_path / "other")
    assert ended.returncode == 1
    assert "has another data directory than" in ended.stderr


def test_nobody_answers(dump: Path, tmp_path: Path) -> None:
    ended = Plane("http://127.0.0.1:9", tmp_path).restore(dump, "--id", "shop")
    assert ended.returncode == 1
    assert ended.stderr.startswith("cachewright: no control plane answers at http://127.0.0.1:9")

"""`cachewright restore`: a file becomes a cache, or one line says why not."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cachewright.agents.memory.rdb import dumped
from cachewright.controlplane.commands.aws import elasticache
from cachewright.controlplane.commands.plane import ControlPlane
from tests.commands.planes import Plane, cachewright, pretending

OTHER = ("--engine", "valkey", "--version", "8.0", "--node-type", "cache.m5.large")
MEMCACHED = "cannot restore shop: Snapshot parameters are not supported for engine memcached"
UNREAD = "cannot restore shop: Node shop-001.0001 ended before it answered: exit code 1: Wrong signature"


def restore(plane: Plane, *words: object, directory: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The finished command."""
    return cachewright("restore", *words, "--url", plane.url, "--data-dir", directory or plane.directory)


def left(plane: Plane) -> list[str]:
    """The files in its buckets."""
    return [path.name for path in (plane.directory / "buckets").rglob("*") if path.is_file()]


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    """One of our own."""
    with pretending(tmp_path / "data") as plane:
        yield plane


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    file = tmp_path / "dump.rdb"
    file.write_bytes(dumped({"key": "value"}))
    return file


@pytest.mark.parametrize("options", [(), OTHER])
def test_a_file_becomes_a_cache(options: tuple[str, ...], plane: Plane, dump: Path) -> None:
    ended = restore(plane, dump, "--id", "Shop", *options)
    assert (ended.stderr, ended.returncode) == ("", 0)
    (group,) = elasticache(ControlPlane(plane.url)).describe_replication_groups()["ReplicationGroups"]
    endpoint = group["NodeGroups"][0]["PrimaryEndpoint"]
    assert ended.stdout.split() == [f"{endpoint['Address']}:{endpoint['Port']}"]
    assert (group["ReplicationGroupId"], group["Status"]) == ("shop", "available")
    told = (group["Engine"], group["CacheNodeType"])
    assert told == (("valkey", "cache.m5.large") if options else ("redis", "cache.t3.micro"))
    assert left(plane) == []


def test_what_cannot_be_restored_is_told_in_a_line_and_leaves_nothing(plane: Plane, dump: Path) -> None:
    broken = dump.with_name("broken.rdb")
    broken.write_text("no dump")
    for words, said in (
        ((broken, "--id", "shop"), UNREAD),
        (("nowhere.rdb", "--id", "shop"), "cannot read nowhere.rdb: No such file or directory"),
        ((dump.parent, "--id", "shop"), f"cannot read {dump.parent}: Is a directory"),
        ((dump, "--id", "a--b"), "cannot restore a--b: The parameter ReplicationGroupId is not a valid identifier"),
        ((dump, "--id", "shop", "--engine", "memcached"), MEMCACHED),
        ((dump, "--id", "shop", "--version", "1.0"), "cannot restore shop: "),
    ):  # fmt: skip
        ended = restore(plane, *words)
        assert ended.returncode == 1
        assert ended.stderr.startswith(f"cachewright: {said}")
        assert len(ended.stderr.splitlines()) == 1
        assert left(plane) == []
    assert restore(plane, dump, "--id", "shop").returncode == 0


def test_another_data_directory_is_told(plane: Plane, dump: Path, tmp_path: Path) -> None:
    ended = restore(plane, dump, "--id", "shop", directory=tmp_path / "other")
    assert ended.returncode == 1
    assert "has another data directory than" in ended.stderr


def test_nobody_answers(dump: Path, tmp_path: Path) -> None:
    ended = restore(Plane("http://127.0.0.1:9", tmp_path), dump, "--id", "shop")
    assert ended.returncode == 3
    assert ended.stderr.startswith("cachewright: no control plane answers at http://127.0.0.1:9")

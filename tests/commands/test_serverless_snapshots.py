"""`cachewright snapshot` and `restore` of serverless caches."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.memory.rdb import dumped
from cachewright.controlplane.commands.aws import elasticache
from cachewright.controlplane.commands.plane import ControlPlane
from tests.commands.planes import Plane, cachewright, pretending


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """One with a serverless cache."""
    with pretending(tmp_path_factory.mktemp("serverless") / "data") as plane:
        ended = cachewright("create", "valkey", "carts", "--serverless", "--url", plane.url)
        assert (ended.stderr, ended.returncode) == ("", 0)
        yield plane


def told(plane: Plane, *words: object) -> str:
    """What a command says that succeeds."""
    ended = cachewright(*words, "--url", plane.url)
    assert (ended.stderr, ended.returncode) == ("", 0)
    return ended.stdout


def refused(plane: Plane, *words: object) -> subprocess.CompletedProcess[str]:
    """A command that fails."""
    ended = cachewright(*words, "--url", plane.url)
    assert ended.returncode
    return ended


def shown(plane: Plane, name: str) -> dict[str, Any]:
    """A serverless cache as AWS shows it."""
    (one,) = elasticache(ControlPlane(plane.url)).describe_serverless_caches(ServerlessCacheName=name)[
        "ServerlessCaches"
    ]
    return dict(one)


@pytest.fixture(scope="module")
def evening(plane: Plane) -> str:
    """A snapshot of it."""
    assert told(plane, "snapshot", "create", "carts", "evening") == "evening\n"
    return "evening"


def test_it_is_saved_and_listed(plane: Plane, evening: str) -> None:
    heading, *rows = told(plane, "snapshot", "list").splitlines()
    assert heading.split() == ["NAME", "OF", "ENGINE", "STATUS", "TAKEN", "BY"]
    assert [row.split() for row in rows if evening in row] == [[evening, "carts", "valkey", "8", "available", "manual"]]
    (one,) = json.loads(told(plane, "snapshot", "list", "carts", "--json"))
    assert one["ServerlessCacheSnapshotName"] == evening
    assert "There is no snapshot" in told(plane, "snapshot", "list", "nobody")


def test_it_becomes_a_serverless_cache_again(plane: Plane, evening: str) -> None:
    endpoint = told(plane, "restore", evening, "--id", "again").strip()
    again = shown(plane, "again")
    assert (again["Status"], again["Engine"], again["MajorEngineVersion"]) == ("available", "valkey", "8")
    assert endpoint == f"{again['Endpoint']['Address']}:{again['Endpoint']['Port']}"
    told(plane, "restore", evening, "--id", "newer", "--version", "9")
    assert shown(plane, "newer")["MajorEngineVersion"] == "9"


def test_with_a_node_type_it_becomes_a_group(plane: Plane, evening: str) -> None:
    told(plane, "restore", evening, "--id", "nodes", "--node-type", "cache.t3.micro")
    aws = elasticache(ControlPlane(plane.url))
    (group,) = aws.describe_replication_groups(ReplicationGroupId="nodes")["ReplicationGroups"]
    assert (group["Status"], group["CacheNodeType"], group["MemberClusters"]) == (
        "available",
        "cache.t3.micro",
        ["nodes-001", "nodes-002"],
    )


def test_a_snapshot_of_nodes_and_a_file_become_serverless_caches(plane: Plane, tmp_path: Path) -> None:
    told(plane, "create", "redis", "shop")
    told(plane, "snapshot", "create", "shop", "of-nodes")
    told(plane, "restore", "of-nodes", "--id", "moved", "--serverless", "--engine", "valkey")
    assert (shown(plane, "moved")["Status"], shown(plane, "moved")["Engine"]) == ("available", "valkey")
    (tmp_path / "dump.rdb").write_bytes(dumped({"key": "value"}))
    told(plane, "restore", tmp_path / "dump.rdb", "--id", "dumped", "--serverless", "--data-dir", plane.directory)
    assert (shown(plane, "dumped")["Status"], shown(plane, "dumped")["Engine"]) == ("available", "redis")


def test_what_contradicts_itself_is_refused(plane: Plane, evening: str) -> None:
    ended = refused(plane, "restore", evening, "--id", "x", "--serverless", "--node-type", "cache.t3.micro")
    assert "--node-type is for caches of nodes" in ended.stderr
    assert "there is no snapshot nobody" in refused(plane, "restore", "nobody", "--id", "x").stderr


def test_it_is_deleted_by_its_name(plane: Plane) -> None:
    told(plane, "snapshot", "create", "carts", "short-lived")
    assert told(plane, "snapshot", "delete", "short-lived") == "short-lived is deleted\n"
    assert refused(plane, "snapshot", "delete", "short-lived").returncode == 4

"""Snapshots of caches that are written to, judged by the engine's own program, whoever dies meanwhile."""

import io
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest
from docker.errors import NotFound
from docker.models.containers import Container
from redis.cluster import RedisCluster

from tests.e2e.clients import writing
from tests.e2e.cloud import Cloud, Place, closed_window, member_places, place, redis_at
from tests.e2e.plane import Plane, run
from tests.e2e.sharded import Sharded
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

KEYS = 10_000
SLOW = 400  # microseconds for each key that is saved: a save takes seconds, and something can happen in its middle


def fill(client: Any) -> None:
    for start in range(0, KEYS, 1000):
        pipeline = client.pipeline(transaction=False)
        for number in range(start, start + 1000):
            pipeline.set(f"key:{number}", f"{number:0100}")
        pipeline.execute()


def shown(cloud: Cloud, name: str) -> dict[str, Any]:
    return dict(cloud.api.describe_snapshots(SnapshotName=name)["Snapshots"][0])


def available(cloud: Cloud, name: str) -> dict[str, Any]:
    until(f"snapshot {name} is available", lambda: shown(cloud, name)["SnapshotStatus"] == "available")
    return shown(cloud, name)


def files(cloud: Cloud) -> list[Path]:
    return sorted((cloud.plane.data_dir / "snapshots").rglob("*.rdb"))


def keys_in(cloud: Cloud, node: str, file: Path) -> int:
    """How many keys the program of a node's engine finds in a file, all of which it reads."""
    container = cloud.containers()[node]
    program = container.attrs["Path"].replace("-server", "-check-rdb")
    assert container.put_archive("/tmp", _archive(file))  # in the container
    code, said = container.exec_run([program, f"/tmp/{file.name}"])
    assert code == 0, said
    (line,) = (line for line in said.decode().splitlines() if "keys read" in line)
    return int(line.split()[1])


def saved_size(container: Container) -> int:
    """The bytes of what an engine left of a save in its container."""
    try:
        _, told = container.get_archive("/tmp/dump.rdb")
    except NotFound:
        return 0
    return int(told["size"])


def _archive(file: Path) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.add(file, file.name, filter=lambda entry: entry.replace(mode=0o644))
    return buffer.getvalue()


def slowly(*places: Place) -> None:
    """From now on they take their time to save."""
    for where in places:
        redis_at(where).config_set("rdb-key-save-delay", SLOW)


def saving(places: dict[str, Place]) -> str:
    """The member that is saving."""

    def found() -> str:
        for name, where in places.items():
            told: Any = redis_at(where).info("persistence")
            if told["rdb_bgsave_in_progress"]:
                return name
        return ""

    return until("somebody saves", found)


@pytest.mark.parametrize(("engine", "version"), [("redis", "6.2"), ("redis", "7.1"), ("valkey", "8.1")])
def test_a_group_that_is_written_to(cloud: Cloud, engine: str, version: str) -> None:
    plain = {"AtRestEncryptionEnabled": False}  # else the file is sealed, and no program of an engine reads it
    group = cloud.group("rg", 2, Engine=engine, EngineVersion=version, **plain)
    primary = place(group["PrimaryEndpoint"])
    fill(redis_at(primary))
    before = files(cloud)
    with writing(primary) as writer:
        cloud.api.create_snapshot(SnapshotName="snap", CacheClusterId="rg-002")
        told = available(cloud, "snap")
        writer.progress()
    assert writer.lost() == []
    (file,) = set(files(cloud)) - set(before)
    assert KEYS <= keys_in(cloud, "rg-002.0001", file) <= redis_at(primary).dbsize()
    (node,) = told["NodeSnapshots"]
    assert node["CacheSize"].endswith("MB")
    assert node["SnapshotCreateTime"]
    assert max(map(saved_size, cloud.containers().values())) < 20
    words = "Snapshot succeeded for snapshot with ID 'snap' of cache cluster with ID 'rg-002'"
    cloud.await_reason("rg-002", words)
    cloud.api.delete_snapshot(SnapshotName="snap")
    until("its files are gone", lambda: files(cloud) == before)


def test_every_shard(cloud: Cloud) -> None:
    group = Sharded(cloud, "rg").create(3, 1)
    with RedisCluster(*group.entrance) as client:
        fill(client)
    before = files(cloud)
    cloud.api.create_snapshot(SnapshotName="snap", ReplicationGroupId="rg")
    available(cloud, "snap")
    new = sorted(set(files(cloud)) - set(before))
    assert [file.name for file in new] == ["0001.rdb", "0002.rdb", "0003.rdb"]
    assert sum(keys_in(cloud, "rg-0001-001.0001", file) for file in new) == KEYS


def test_a_node_that_is_killed_in_the_middle(open_cloud: Cloud) -> None:
    group = open_cloud.group("rg", 3)
    primary, places = place(group["PrimaryEndpoint"]), member_places(group)
    fill(redis_at(primary))
    slowly(places["rg-002"], places["rg-003"])
    before = files(open_cloud)
    open_cloud.api.create_snapshot(SnapshotName="snap", CacheClusterId="rg-002")
    open_cloud.machine.containers.get(open_cloud.containers()[f"{saving(places)}.0001"].name).kill()
    available(open_cloud, "snap")
    (file,) = set(files(open_cloud)) - set(before)
    assert keys_in(open_cloud, "rg-001.0001", file) == KEYS


def test_a_control_plane_that_is_killed_in_the_middle(open_cloud: Cloud) -> None:
    group = open_cloud.group("rg", 2)
    primary, places = place(group["PrimaryEndpoint"]), member_places(group)
    fill(redis_at(primary))
    slowly(places["rg-002"])
    before = files(open_cloud)
    open_cloud.api.create_snapshot(SnapshotName="snap", CacheClusterId="rg-002")
    assert saving(places) == "rg-002"
    open_cloud.plane.kill()
    open_cloud.plane.up()
    assert shown(open_cloud, "snap")["SnapshotStatus"] == "creating"
    available(open_cloud, "snap")
    (file,) = set(files(open_cloud)) - set(before)
    assert keys_in(open_cloud, "rg-002.0001", file) == KEYS


def test_the_last_snapshot_of_a_group(cloud: Cloud) -> None:
    group = cloud.group("rg", 2)
    fill(redis_at(place(group["PrimaryEndpoint"])))
    before = files(cloud)
    cloud.api.delete_replication_group(ReplicationGroupId="rg", FinalSnapshotIdentifier="last")
    available(cloud, "last")
    until("the group is gone", lambda: not cloud.containers())
    (file,) = set(files(cloud)) - set(before)
    cloud.cluster("judge")
    assert keys_in(cloud, "judge.0001", file) == KEYS


def test_the_days_snapshot_by_hand(cloud: Cloud, plane: Plane) -> None:
    group = cloud.group("rg", 2, SnapshotRetentionLimit=1, SnapshotWindow=closed_window())
    fill(redis_at(place(group["PrimaryEndpoint"])))
    before, where = files(cloud), ("--account", cloud.account, "--url", plane.url)
    ran = run("snapshot", "run", "rg", *where)
    assert re.fullmatch(r"automatic\.rg-002(-\d\d\d\d)(-\d\d){4}\n", ran.stdout), ran
    name = ran.stdout.strip()
    assert (shown(cloud, name)["SnapshotStatus"], shown(cloud, name)["SnapshotSource"]) == ("available", "automated")
    (file,) = set(files(cloud)) - set(before)
    assert keys_in(cloud, "rg-002.0001", file) == KEYS
    cloud.cluster("plain")
    for target, code, reason in (("plain", 1, "its SnapshotRetentionLimit is 0"), ("nobody", 4, "cannot find nobody")):
        refused = run("snapshot", "run", target, *where)
        assert (refused.returncode, reason in refused.stderr, refused.stdout) == (code, True, ""), refused


def test_the_last_snapshot_of_a_replica(cloud: Cloud) -> None:
    group = cloud.group("rg", 3)
    fill(redis_at(place(group["PrimaryEndpoint"])))
    before = files(cloud)
    with writing(place(group["PrimaryEndpoint"])) as writer:
        cloud.api.delete_cache_cluster(CacheClusterId="rg-003", FinalSnapshotIdentifier="last")
        assert available(cloud, "last")["CacheClusterId"] == "rg-003"
        cloud.await_nodes("rg-001.0001", "rg-002.0001")
        writer.progress()
    assert writer.lost() == []
    (file,) = set(files(cloud)) - set(before)
    assert keys_in(cloud, "rg-001.0001", file) >= KEYS

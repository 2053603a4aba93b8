"""What caches hold stays, whatever dies, where that was asked for."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import docker
import pytest
from redis.cluster import RedisCluster
from redis.exceptions import RedisError

from cachewright.agents.planning.labels import INSTANCE
from tests.e2e.cloud import Cloud, member_places, place, primary_of, redis_at
from tests.e2e.plane import Plane, assert_ended, lent, run
from tests.e2e.sharded import Sharded
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

SETTINGS = {"CACHEWRIGHT_KEEP_DATA": "on"}
ENGINES = [("redis", "6.2"), ("redis", "7.1"), ("valkey", "8.0"), ("valkey", "9.0")]
KEYS = 1000


@pytest.fixture(scope="module")
def keeping(machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A control plane whose caches keep their data."""
    with lent(machine, tmp_path_factory.mktemp("kept") / "data", SETTINGS) as plane:
        yield plane


@pytest.fixture
def cloud(keeping: Plane, machine: docker.DockerClient, account: str) -> Iterator[Cloud]:
    """An account there with nothing in it; nothing of it is left afterwards, no volume either."""
    keeping.up()
    cloud = Cloud(keeping, machine, account)
    yield cloud

    def is_left() -> bool:
        cloud.leave()  # what is still being mended cannot be deleted yet
        return not volumes(machine, keeping)

    until("no volume is left", is_left)


def volumes(machine: docker.DockerClient, plane: Plane) -> list[str]:
    return [one.name for one in machine.volumes.list(filters={"label": f"{INSTANCE}={plane.instance}"})]


def fill(client: Any) -> None:
    for number in range(KEYS):
        client.set(f"key:{number}", number)


def is_full(client: Any) -> bool:
    """Whether everything is there; not while nobody serves, or somebody loads."""
    with suppress(RedisError):
        return all(int(client.get(f"key:{number}") or -1) == number for number in range(KEYS))
    return False


def ends(group: dict[str, Any]) -> list[Any]:
    """Clients of both endpoints of a group."""
    return [redis_at(place(group[end])) for end in ("PrimaryEndpoint", "ReaderEndpoint")]


def end_all(cloud: Cloud, way: str) -> None:
    """The end of all containers of the account's nodes at once."""
    for container in cloud.containers().values():
        container.kill() if way == "kill" else container.remove(force=True)


def is_full_again(cloud: Cloud, name: str) -> bool:
    """Whether a group is available, and has everything at both endpoints."""
    available = cloud.whole_group(name)["Status"] == "available"
    return available and all(is_full(client) for client in ends(cloud.shown_group(name)))


@pytest.mark.parametrize("version", ["6.2", "7.1"])
def test_a_node_keeps_its_data(cloud: Cloud, version: str) -> None:
    node = place(cloud.cluster("one", EngineVersion=version)["CacheNodes"][0]["Endpoint"])
    fill(redis_at(node))
    for way in ("kill", "remove"):
        end_all(cloud, way)
        until("it has everything again", lambda: is_full(redis_at(node)))
        cloud.available_cluster("one")
    cloud.api.reboot_cache_cluster(CacheClusterId="one", CacheNodeIdsToReboot=["0001"])
    cloud.await_reason("one", "Cache node 0001 has kept its data: CACHEWRIGHT_KEEP_DATA is on.")
    assert is_full(redis_at(node))


@pytest.mark.parametrize(("engine", "version"), ENGINES)
def test_a_group_keeps_its_data(cloud: Cloud, engine: str, version: str) -> None:
    """As when the machine ends: nobody sees one die before the other."""
    group = cloud.group("rg", 2, Engine=engine, EngineVersion=version, AtRestEncryptionEnabled=False)
    fill(redis_at(place(group["PrimaryEndpoint"])))
    cloud.plane.kill()
    end_all(cloud, "kill")
    cloud.plane.up()
    until("it has everything again", lambda: is_full_again(cloud, "rg"))
    assert primary_of(cloud.shown_group("rg")) == "rg-001"
    assert member_places(cloud.shown_group("rg")) == member_places(group)


def test_a_former_primary_returns_as_a_replica(cloud: Cloud) -> None:
    group = cloud.group("rg", 2)
    fill(redis_at(place(group["PrimaryEndpoint"])))
    cloud.containers()["rg-001.0001"].kill()
    until("the other one leads", lambda: primary_of(cloud.shown_group("rg")) == "rg-002")
    cloud.available_group("rg")
    (leader, _) = ends(cloud.shown_group("rg"))
    leader.set("key:0", "0")
    leader.set("later", "yes")
    end_all(cloud, "kill")
    until("it has everything again", lambda: is_full_again(cloud, "rg"))
    assert [client.get("later") for client in ends(cloud.shown_group("rg"))] == ["yes", "yes"]


@pytest.mark.parametrize(("engine", "version"), [("redis", "7.1"), ("valkey", "9.0")])
def test_shards_keep_their_data(cloud: Cloud, engine: str, version: str) -> None:
    source = Sharded(cloud, "rg").create(2, 1, Engine=engine, EngineVersion=version, AtRestEncryptionEnabled=False)
    with RedisCluster(*source.entrance) as client:
        fill(client)
    end_all(cloud, "kill")
    cloud.api.get_waiter("replication_group_available").wait(ReplicationGroupId="rg")
    source.available()
    with RedisCluster(*source.entrance) as client:
        until("it has everything again", lambda: is_full(client))


def test_a_restored_cache_keeps_its_data(cloud: Cloud) -> None:
    node = place(cloud.cluster("source")["CacheNodes"][0]["Endpoint"])
    fill(redis_at(node))
    cloud.api.create_snapshot(SnapshotName="snap", CacheClusterId="source")
    cloud.await_reason("source", "Snapshot succeeded")
    group = cloud.group("rg", 2, SnapshotName="snap")
    assert all(is_full(client) for client in ends(group))
    redis_at(place(group["PrimaryEndpoint"])).set("later", "yes")
    end_all(cloud, "kill")
    until("it has everything again", lambda: is_full_again(cloud, "rg"))
    assert redis_at(place(group["PrimaryEndpoint"])).get("later") == "yes"


def test_caches_come_back_after_down(machine: docker.DockerClient, tmp_path: Path) -> None:
    mine = Plane(tmp_path / "data", settings=SETTINGS)
    mine.up()
    try:
        guest = Cloud(mine, machine, "000000000001")
        group = guest.group("rg", 2)
        fill(redis_at(place(group["PrimaryEndpoint"])))
        mine.stop()
        assert run("down", "--keep-data", "--data-dir", str(mine.data_dir)).returncode == 0
        assert guest.containers() == {}
        assert len(volumes(machine, mine)) == 2
        mine.up()
        until("it has everything again", lambda: is_full_again(guest, "rg"))
        assert guest.shown_group("rg") == group
    finally:
        ended = mine.down()
    assert_ended(machine, mine, ended)

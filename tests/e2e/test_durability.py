"""No write that was acknowledged is lost in `sync`, whatever dies and however many at once."""

from collections.abc import Iterator
from threading import Thread
from typing import Any

import docker
import pytest

from cachewright.agents.planning.labels import INSTANCE
from tests.e2e.cloud import Cloud
from tests.e2e.cluster_clients import crowding, pythons
from tests.e2e.encrypted import insider, verifying
from tests.e2e.plane import Plane, lent
from tests.e2e.sharded import Sharded
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

DURABLE: dict[str, Any] = {
    "ClusterMode": "enabled",
    "Engine": "valkey",
    "EngineVersion": "9.0",
    "CacheNodeType": "cache.m7g.large",
    "MultiAZEnabled": True,
    "TransitEncryptionEnabled": True,
}
ROUNDS = 4


@pytest.fixture(scope="module")
def mine(machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A control plane that is killed now and then."""
    with lent(machine, tmp_path_factory.mktemp("durable") / "data") as plane:
        yield plane


@pytest.fixture
def cloud(mine: Plane, machine: docker.DockerClient, account: str) -> Iterator[Cloud]:
    """An account there with nothing in it."""
    mine.up()
    cloud = Cloud(mine, machine, account)
    yield cloud
    mine.up()
    cloud.leave()


def durable(cloud: Cloud, durability: str, shards: int) -> Sharded:
    """A durable group, available."""
    group = Sharded(cloud, "rg", verifying(cloud.plane))
    return group.create(shards, 1, **DURABLE, Durability=durability)


def kill_at_once(cloud: Cloud, nodes: list[str]) -> None:
    """SIGKILL for all of them, none waiting for another."""
    every = cloud.containers()
    killers = [Thread(target=every[node].kill) for node in nodes]
    for killer in killers:
        killer.start()
    for killer in killers:
        killer.join()


def flushed(group: Sharded) -> set[str]:
    """How often logs of the nodes reach the disk, as the engines say."""
    told = set()
    for where in group.places.values():
        with Sharded(group.cloud, group.name, {**group.options, **insider(group.cloud.plane)}).connected(
            where
        ) as client:
            told.add(str(client.config_get("append*")["appendfsync"]))
    return told


def test_sync_loses_nothing_with_all_nodes_of_a_shard(cloud: Cloud) -> None:
    group = durable(cloud, "sync", 2)
    assert flushed(group) == {"always"}
    shard = [f"{name}.0001" for name in group.members["0001"]]
    with crowding(*pythons(group)) as crowd:
        for number in range(ROUNDS):
            if number % 2:
                cloud.plane.kill()
            kill_at_once(cloud, shard)
            cloud.plane.up()
            crowd.progress()
            group.available()
    assert crowd.lost(group) == {}


def test_sync_loses_nothing_with_its_primaries(cloud: Cloud) -> None:
    """The replicas live, and may lack what was written last."""
    group = durable(cloud, "sync", 1)
    leader = group.leader("0001")
    with crowding(*pythons(group)) as crowd:
        for _ in range(ROUNDS):
            kill_at_once(cloud, [f"{leader}.0001"])
            crowd.progress()
            assert group.available().leader("0001") == leader
        cloud.api.test_failover(ReplicationGroupId="rg", NodeGroupId="0001")
        until("another one leads", lambda: group.leader("0001") != leader)
        group.available()
        crowd.progress()
    assert crowd.lost(group) == {}


def test_durability_changes_while_it_runs(cloud: Cloud) -> None:
    group = durable(cloud, "async", 1)
    shown = group.shown
    assert (shown["Durability"], shown["EffectiveDurability"], shown["AtRestEncryptionEnabled"]) == (
        "async",
        "async",
        True,
    )
    assert flushed(group) == {"everysec"}
    before = {name: container.id for name, container in cloud.containers().items()}
    group.modify(Durability="sync")
    assert flushed(group) == {"always"}
    assert {name: container.id for name, container in cloud.containers().items()} == before
    cloud.await_reason("rg", "the logs of this durable cache lie on volumes")


def test_durability_ends_and_begins_while_clients_write(cloud: Cloud) -> None:
    group = durable(cloud, "async", 1)
    with crowding(*pythons(group)) as crowd:
        group.modify(Durability="disabled")
        assert group.shown["EffectiveDurability"] == "disabled"
        assert _volumes(cloud) == []
        crowd.progress()
        group.modify(Durability="sync")
        assert group.shown["EffectiveDurability"] == "sync"
        crowd.progress()
        kill_at_once(cloud, list(cloud.containers()))
        crowd.progress()
    assert crowd.lost(group) == {}


def _volumes(cloud: Cloud) -> list[str]:
    """Those of all caches of the control plane that are on a disk."""
    mine = {"label": f"{INSTANCE}={cloud.plane.instance}"}
    every = cloud.machine.volumes.list(filters=mine)
    return [volume.name for volume in every if (volume.attrs["Options"] or {}).get("type") != "tmpfs"]

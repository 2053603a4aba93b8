"""Snapshots of serverless caches of Memcached on the pretend machine: all of it is there again, whoever dies."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.engines.memcached.items import read
from cachewright.agents.planning.sizing import OVERHEAD
from cachewright.controlplane.automatic_snapshots import AutomaticSnapshots
from cachewright.controlplane.model.cache import Cache, Key, Kind
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.node_types import MIB
from tests.agents.test_crashes import Crash, Fuse, fused
from tests.agents.test_refusing_engines import look_for
from tests.agents.test_serverless_snapshots import ARN, gone, saved, serverless, shown
from tests.house import ACCOUNT, REGION, House, house

DATA = {f"key {number}": str(number) for number in range(30)} | {"plain": "value", "empty": ""}
SNAPSHOT = f"{ARN}:serverlesscachesnapshot:snap"
TOO_LARGE = "Restore from snap failed for node 0001: what it held is larger than the node."


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A house with a snapshot `snap` of a cache `sc`."""
    home = house(tmp_path)
    written(home)
    return home


def written(home: House) -> None:
    fill(home, memcached(home, "sc"))
    saved(home)


def memcached(home: House, name: str, **params: Any) -> Cache:
    return serverless(home, name, Engine="memcached", **params)


def fill(home: House, cache: Cache) -> None:
    held(home, cache).update(DATA)


def held(home: House, cache: Cache) -> dict[str, str]:
    """What its node holds."""
    (node,) = cache.status.nodes.values()
    return home.machine.processes.at(node.address.host).data


def content(home: House, name: str = "snap") -> dict[str, str]:
    """What is in the file of a snapshot."""
    snapshot = home.snapshot(name, serverless=True)
    assert snapshot
    (node,) = snapshot.nodes
    items = read(home.files.read(snapshot.id, node.shard))
    return {item.key.decode(): item.value.decode() for item in items}


def ask(home: House, name: str = "two") -> None:
    home.call("CreateServerlessCache", ServerlessCacheName=name, Engine="memcached", SnapshotArnsToRestore=[SNAPSHOT])


def two(home: House) -> Cache:
    return home.cache(Kind.SERVERLESS_CACHE, "two")


def assert_restored(home: House, cache: Cache) -> None:
    """It is available with everything, and its node does not tell any more that it was told so."""
    assert cache.phase is Phase.AVAILABLE, cache.status
    assert held(home, cache) == DATA
    assert cache.unseeded == {}


def assert_says_nothing(home: House, cache: Cache) -> None:
    (node,) = cache.status.nodes.values()
    assert "filled" not in home.machine.processes.at(node.address.host).settings


def test_a_cache_begins_with_what_another_one_held(home: House) -> None:
    assert content(home) == DATA
    assert shown(home)["ServerlessCacheConfiguration"]["Engine"] == "memcached"
    cache = memcached(home, "two", SnapshotArnsToRestore=[SNAPSHOT])
    assert_restored(home, cache)
    assert_says_nothing(home, cache)
    words = "Cache two is created and data was restored from snapshot. Your cache is ready to use."
    assert f"two: {words}" in home.messages()


def test_one_that_holds_nothing_is_saved_and_restored(tmp_path: Path) -> None:
    home = house(tmp_path)
    memcached(home, "sc")
    saved(home)
    assert content(home) == {}
    cache = memcached(home, "two", SnapshotArnsToRestore=[SNAPSHOT])
    assert (cache.phase, held(home, cache)) == (Phase.AVAILABLE, {})


def test_it_is_for_a_new_cache_alone(home: House) -> None:
    cache = memcached(home, "two", SnapshotArnsToRestore=[SNAPSHOT])
    home.machine.kill(home.container(cache.spec.nodes[0].name))
    home.settle()
    assert held(home, two(home)) == {}


def test_a_copy_is_the_same(home: House) -> None:
    names = {"SourceServerlessCacheSnapshotName": "snap", "TargetServerlessCacheSnapshotName": "copy"}
    home.call("CopyServerlessCacheSnapshot", **names)
    home.settle_snapshot("copy", serverless=True)
    assert content(home, "copy") == DATA


def test_a_cache_ends_when_its_last_snapshot_is_safe(home: House) -> None:
    home.call("DeleteServerlessCache", ServerlessCacheName="sc", FinalSnapshotName="last")
    home.settle_snapshot("last", serverless=True)
    home.settle()
    assert gone(home, "sc")
    assert content(home, "last") == DATA


def test_the_days_snapshot(tmp_path: Path) -> None:
    home = house(tmp_path)
    fill(home, memcached(home, "sc", SnapshotRetentionLimit=2, DailySnapshotTime=f"{home.clock():%H:%M}"))
    AutomaticSnapshots(home.store, home.clock, home.random).look()
    name = f"automatic.sc-{home.clock():%Y-%m-%d-%H-%M}"
    home.settle_snapshot(name, serverless=True)
    assert (content(home, name), shown(home, name)["SnapshotType"]) == (DATA, "automated")


def finish(home: House) -> None:
    home.restart()
    home.settle()


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_every_prefix_of_a_restore_comes_to_rest_with_everything(before: bool, tmp_path: Path) -> None:
    for number in range(1, 100):
        directory = tmp_path / str(number)
        directory.mkdir()
        home = house(directory)
        written(home)
        ask(home)
        home.restart(fused(home.backend, Fuse(number, before)))
        with suppress(Crash):
            home.reconcile(two(home).key)
            assert number > 3
            assert_says_nothing(home, two(home))
            return
        finish(home)
        assert_restored(home, two(home))
    raise AssertionError("it never ends")


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_every_prefix_of_a_snapshot_comes_to_rest_with_everything(before: bool, tmp_path: Path) -> None:
    for number in range(1, 100):
        directory = tmp_path / str(number)
        directory.mkdir()
        home = house(directory)
        fill(home, memcached(home, "sc"))
        home.call("CreateServerlessCacheSnapshot", ServerlessCacheSnapshotName="snap", ServerlessCacheName="sc")
        home.restart(fused(home.backend, Fuse(number, before)))
        with suppress(Crash):
            home.settle_snapshot("snap", serverless=True)
            assert number > 1
            return
        finish(home)
        home.settle_snapshot("snap", serverless=True)
        assert content(home) == DATA
    raise AssertionError("it never ends")


@pytest.mark.parametrize("fault", ["kill", "pause", "remove", "restart"])
def test_a_node_that_dies_while_it_is_told_begins_anew(fault: str, home: House) -> None:
    faults = iter([fault])

    def filling(address: str) -> None:
        for way in faults:
            getattr(home.machine, way)(home.machine.holder(address))

    home.machine.filling = filling
    ask(home)
    home.settle()
    assert_restored(home, two(home))


@pytest.mark.parametrize("fault", ["kill", "remove", "restart"])
@pytest.mark.parametrize("deeds", range(1, 7))
def test_a_node_that_dies_before_the_cache_is_available_begins_anew(fault: str, deeds: int, home: House) -> None:
    ask(home)
    home.restart(fused(home.backend, Fuse(deeds, before=True)))
    with suppress(Crash):
        home.reconcile(two(home).key)
    assert two(home).phase is Phase.CREATING or deeds > 4
    was_available = two(home).phase is Phase.AVAILABLE
    for container in home.containers():
        if container.labels["cachewright.node"].startswith("two"):
            getattr(home.machine, fault)(container.name)
    finish(home)
    assert held(home, two(home)) == ({} if was_available else DATA)


def test_a_node_that_dies_in_the_middle_of_a_snapshot_is_asked_again(tmp_path: Path) -> None:
    home = house(tmp_path)
    fill(home, memcached(home, "sc"))
    deaths = iter([1])

    def saving(address: str) -> None:
        for _ in deaths:
            home.machine.kill(str(home.machine.holder(address)))
            home.settle()
            home.machine.processes.write(address, "later", "yes")

    home.machine.saving = saving
    saved(home)
    assert content(home) == {"later": "yes"}


def test_a_killed_agent_takes_it_all_the_same(tmp_path: Path) -> None:
    home = house(tmp_path)
    fill(home, memcached(home, "sc"))
    home.call("CreateServerlessCacheSnapshot", ServerlessCacheSnapshotName="snap", ServerlessCacheName="sc")
    finish(home)
    home.settle_snapshot("snap", serverless=True)
    assert content(home) == DATA


def failing(home: House) -> str:
    """Why a cache fails that is made of the snapshot; it has told so, and can be deleted."""
    ask(home)
    cache = look_for(home, timedelta(minutes=1), Kind.SERVERLESS_CACHE, "two")
    assert cache.status.phase is Phase.FAILED
    assert {"two: Failed to create cache two.", f"two: {cache.status.reason}"} <= set(home.messages())
    assert shown(home)["Status"] == "available"
    home.call("DeleteServerlessCache", ServerlessCacheName="two")
    home.settle()
    assert gone(home, "two")
    return cache.status.reason


def _cut(content: bytes) -> bytes:
    return content[:-40]


def _changed(content: bytes) -> bytes:
    return content[:-40] + bytes(reversed(content[-40:]))


@pytest.mark.parametrize("damage", [_cut, _changed])
def test_a_file_that_is_damaged_fails_it(damage: Callable[[bytes], bytes], home: House) -> None:
    snapshot = home.snapshot("snap", serverless=True)
    assert snapshot
    path = home.directory / "snapshots" / snapshot.id / "0001.rdb"
    path.write_bytes(damage(path.read_bytes()))
    assert "damaged" in failing(home)


def test_more_than_a_node_may_hold_fails_it(home: House) -> None:
    held(home, home.cache(Kind.SERVERLESS_CACHE, "sc"))["large"] = "x" * 5 * MIB
    home.call("DeleteServerlessCacheSnapshot", ServerlessCacheSnapshotName="snap")
    home.settle_snapshot("snap", serverless=True)
    saved(home)
    home.machine.memory = 2 * (OVERHEAD + 4 * MIB)
    home.restart()
    assert failing(home) == TOO_LARGE


@pytest.mark.parametrize("engine", ["valkey", "redis"])
def test_an_engine_of_another_kind_is_refused(engine: str, home: House) -> None:
    with pytest.raises(Fault, match="was taken with memcached"):
        home.call("CreateServerlessCache", ServerlessCacheName="two", Engine=engine, SnapshotArnsToRestore=[SNAPSHOT])
    with home.store.read() as transaction:
        assert transaction.caches.get(Key(ACCOUNT, REGION, Kind.SERVERLESS_CACHE, "two")) is None

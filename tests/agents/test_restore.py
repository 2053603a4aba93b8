"""Caches that begin with a snapshot, on the pretend machine: they are available with all of it, whoever dies."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.memory.rdb import PATH, loaded
from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.planning.labels import NODE
from cachewright.agents.planning.nodes.lifecycle import SLOW_START
from cachewright.agents.planning.sizing import OVERHEAD
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.pace import Deed, Pace
from cachewright.controlplane.model.slots import intersection, parsed, slot_of
from tests.agents.test_cluster_mode import reshard, settled
from tests.agents.test_crashes import Crash, Fuse, fused, moments
from tests.agents.test_reconcile import assert_sound, home_key
from tests.agents.test_refusing_engines import look_for
from tests.house import PATIENCE, House, house

DATA = {f"key {number}": str(number) for number in range(30)}
TOO_LARGE = "Restore from snap failed for node 0001: what it held is larger than the node."
CLUSTERED: dict[str, Any] = {"CacheParameterGroupName": "default.redis7.cluster.on", "AutomaticFailoverEnabled": True}


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A house with a snapshot of a cluster."""
    home = house(tmp_path)
    alone(home)
    return home


def alone(home: House) -> None:
    """A snapshot `snap` of a cluster that is gone."""
    cache = home.cluster("source")
    fill(home, cache)
    taken(home, CacheClusterId="source")
    home.call("DeleteCacheCluster", CacheClusterId="source")
    home.settle()


def shards(home: House, count: int = 2) -> None:
    """A snapshot `snap` of a group in cluster mode that is gone."""
    home.group("source", NumNodeGroups=count, ReplicasPerNodeGroup=1, NumCacheClusters=None, **CLUSTERED)
    fill(home, home.cache(Kind.REPLICATION_GROUP, "source"))
    taken(home, ReplicationGroupId="source")
    home.call("DeleteReplicationGroup", ReplicationGroupId="source")
    home.settle()


def taken(home: House, **what: str) -> None:
    home.call("CreateSnapshot", SnapshotName="snap", **what)
    home.settle_snapshot("snap")


def fill(home: House, cache: Cache) -> None:
    """Each key is where its slot is."""
    for shard in cache.spec.shards:
        host = cache.status.nodes[cache.status.shards[shard.id].primary].address.host
        for key, value in DATA.items():
            if not shard.slots or intersection(((slot_of(key), slot_of(key)),), parsed(shard.slots)):
                home.machine.processes.write(host, key, value)


def held(home: House, cache: Cache, name: str) -> dict[str, str]:
    """What a node holds."""
    return dict(home.machine.processes.at(cache.status.nodes[name].address.host).data)


def assert_restored(home: House, cache: Cache) -> None:
    """Every node of a shard has the keys of its slots, and nothing else."""
    assert cache.phase is Phase.AVAILABLE, cache.status
    for shard in cache.spec.shards:
        served = parsed(shard.slots) if shard.slots else ((0, 16383),)
        own = {key: value for key, value in DATA.items() if intersection(((slot_of(key), slot_of(key)),), served)}
        assert [held(home, cache, node.name) for node in shard.nodes] == [own] * len(shard.nodes)


def assert_no_file_left(home: House) -> None:
    """An agent that dies in the wrong moment leaves it there until the node is restarted."""
    for container in home.containers():
        assert not loaded(home.machine.files(container.name).get(PATH, b"REDIS0006\xff" + bytes(8)))


def ask(home: House, **params: Any) -> None:
    usual = {"ReplicationGroupId": "rg", "ReplicationGroupDescription": "d", "SnapshotName": "snap"}
    home.call("CreateReplicationGroup", **usual, **params)


def restored(home: House, **params: Any) -> Cache:
    """A group that begins with the snapshot, available."""
    ask(home, **params)
    return settled(home)


def test_a_cluster_begins_with_a_snapshot_and_forgets_it_with_a_reboot(home: House) -> None:
    home.call("CreateCacheCluster", CacheClusterId="one", SnapshotName="snap")
    home.settle()
    cache = home.cache(Kind.CACHE_CLUSTER, "one")
    assert_restored(home, cache)
    assert_no_file_left(home)
    home.call("RebootCacheCluster", CacheClusterId="one", CacheNodeIdsToReboot=["0001"])
    home.settle()
    assert held(home, cache, "one.0001") == {}
    home.machine.remove(home.container("one.0001"))
    home.settle()
    assert held(home, cache, "one.0001") == {}


def test_nobody_waits_until_its_file_is_out_of_the_way(tmp_path: Path) -> None:
    phases: list[Phase] = []
    for number in range(1, 20):
        directory = tmp_path / str(number)
        directory.mkdir()
        home = house(directory)
        alone(home)
        home.call("CreateCacheCluster", CacheClusterId="one", SnapshotName="snap")
        home.restart(fused(home.backend, Fuse(number, before=True)))
        with suppress(Crash):
            home.reconcile(home.cache(Kind.CACHE_CLUSTER, "one").key)
            break
        phases.append(home.cache(Kind.CACHE_CLUSTER, "one").phase)
    assert phases[-1] is Phase.AVAILABLE
    assert set(phases[:-1]) == {Phase.CREATING}


def test_one_that_is_held_back_has_its_file_out_of_the_way(home: House) -> None:
    home.reconciler = replace(home.reconciler, pace=lambda: Pace({Deed.CREATE: 300.0}))
    home.call("CreateCacheCluster", CacheClusterId="one", SnapshotName="snap")
    assert home.reconcile(home.cache(Kind.CACHE_CLUSTER, "one").key)
    cache = home.cache(Kind.CACHE_CLUSTER, "one")
    assert cache.phase is Phase.CREATING
    assert held(home, cache, "one.0001") == DATA
    assert_no_file_left(home)


def test_nobody_is_launched_beside_a_primary_that_loads_however_long_it_takes(home: House) -> None:
    home.machine.load_time = 1000
    left: list[int] = []

    def launching(made: Blueprint) -> None:
        if made.labels[NODE] != "rg-001.0001":
            known = home.cache(Kind.REPLICATION_GROUP, "rg").status.nodes["rg-001.0001"]
            left.append(home.machine.processes.at(known.address.host).loading)

    home.machine.refusal = launching
    begun = home.clock.moment
    cache = restored(home, NumCacheClusters=3, AutomaticFailoverEnabled=True)
    assert left == [0, 0]
    assert home.clock.moment - begun > SLOW_START * PATIENCE
    assert {node.life for node in cache.status.nodes.values()} == {1}
    assert_sound(home, cache)
    assert_restored(home, cache)
    assert_no_file_left(home)


@pytest.mark.parametrize(
    "params", [{}, {"NumNodeGroups": 1}, {"NumNodeGroups": 3}, {"NumNodeGroups": 5, "ReplicasPerNodeGroup": 1}]
)
def test_shards_begin_with_their_own_keys_or_get_them(params: dict[str, Any], tmp_path: Path) -> None:
    home = house(tmp_path)
    shards(home)
    cache = restored(home, **params)
    assert len(cache.spec.shards) == params.get("NumNodeGroups", 2)
    assert_restored(home, cache)
    assert_no_file_left(home)


def test_shards_that_shall_serve_other_slots_get_their_keys(tmp_path: Path) -> None:
    home = house(tmp_path)
    shards(home)
    assert_restored(home, restored(home, NodeGroupConfiguration=[{"Slots": "0-99"}, {"Slots": "100-16383"}]))


@pytest.mark.parametrize("count", [1, 3])
def test_what_one_node_held_is_dealt_out_to_shards(count: int, home: House) -> None:
    cache = restored(home, NumNodeGroups=count, **CLUSTERED)
    assert cache.spec.clustered
    assert_restored(home, cache)


def test_a_shard_that_comes_later_begins_with_nothing(tmp_path: Path) -> None:
    home = house(tmp_path)
    shards(home)
    cache = restored(home)
    reshard(home, 1, "0002")
    settled(home)
    for name in cache.status.nodes:
        if name.startswith("rg-0001"):
            home.machine.processes.at(cache.status.nodes[name].address.host).data.clear()
    reshard(home, 2)
    after = settled(home)
    assert [held(home, after, node.name) for node in after.spec.nodes] == [{}] * 4


def group(home: House) -> None:
    alone(home)
    ask(home, NumCacheClusters=3, AutomaticFailoverEnabled=True)


def hidden(home: House) -> None:
    alone(home)
    ask(home, NumCacheClusters=2, AutomaticFailoverEnabled=True, Engine="valkey", EngineVersion="8.1")


def resharded(home: House) -> None:
    shards(home)
    ask(home, NumNodeGroups=3, ReplicasPerNodeGroup=1)


def merged(home: House) -> None:
    shards(home)
    ask(home, NumNodeGroups=1, ReplicasPerNodeGroup=1)


@pytest.mark.parametrize("way", [group, resharded, merged, hidden], ids=lambda way: way.__name__)
def test_every_prefix_comes_to_rest_with_everything(way: Callable[[House], None], tmp_path: Path) -> None:
    home = house(tmp_path)
    home.machine.load_time = 2
    way(home)
    for _ in moments(home, lambda: home.reconcile(home_key(home)), fewest=3):
        assert_restored(home, settled(home))


@pytest.mark.parametrize("fault", ["kill", "pause", "remove"])
@pytest.mark.parametrize("looks", [1, 3, 4, 5, 6, 7, 8])
def test_a_primary_that_dies_before_the_group_is_available_begins_anew(fault: str, looks: int, home: House) -> None:
    home.machine.load_time = 3
    ask(home, NumCacheClusters=2, AutomaticFailoverEnabled=True)
    home.restart(fused(home.backend, Fuse(looks, before=True)))
    try:
        home.reconcile(home_key(home))
    except Crash:
        names = [one.name for one in home.containers() if one.labels["cachewright.node"] == "rg-001.0001"]
        for name in names:
            getattr(home.machine, fault)(name)
    home.restart()
    assert_restored(home, settled(home))


def launched(home: House) -> None:
    """A group whose primary has been loading for a while."""
    home.machine.load_time = 10**6
    ask(home, NumCacheClusters=2)
    home.reconcile(home_key(home))
    home.restart()


def statuses(home: House) -> set[str]:
    clusters = home.call("DescribeCacheClusters")["CacheClusters"]
    groups = home.call("DescribeReplicationGroups")["ReplicationGroups"]
    return {each["CacheClusterStatus"] for each in clusters} | {each["Status"] for each in groups}


def failing(home: House) -> Cache:
    """The group `rg` after a while: it has failed, and that and its reason have been told of it, once."""
    ask(home, NumCacheClusters=2)
    cache = look_for(home, timedelta(minutes=1))
    assert statuses(home) == {"restore-failed", "create-failed"}
    failed = "rg: Failed to create replication group rg due to unsuccessful creation of its cache cluster(s)."
    restore = "rg-001: Restore from snap failed for node 0001"
    assert sorted(home.messages()[-3:]) == sorted([restore, failed, f"rg: {cache.status.reason}"])
    assert home.call("DescribeSnapshots")["Snapshots"][0]["SnapshotStatus"] == "available"
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.settle()
    assert home.containers() == []
    return cache


def test_a_file_that_is_not_what_was_written_fails_it(home: House) -> None:
    snapshot = home.snapshot("snap")
    assert snapshot
    path = home.directory / "snapshots" / snapshot.id / "0001.rdb"
    path.write_bytes(path.read_bytes().replace(b"key 1", b"key 2"))
    reason = failing(home).status.reason
    assert reason == "cannot restore shard 0001: the file of shard 0001 of its snapshot is damaged"


def test_a_file_that_the_engine_does_not_read_fails_it_and_is_not_tried_for_ever(home: House) -> None:
    home.machine.stillbirth = lambda made: "Can't handle RDB format version 99" if made.streams else ""
    cache = failing(home)
    assert cache.status.nodes["rg-001.0001"].life == 2
    assert cache.status.reason == (
        "Node rg-001.0001 ended before it answered: exit code 1: Can't handle RDB format version 99."
    )


def test_more_than_a_node_may_hold_fails_it(home: House) -> None:
    home.machine.memory = 2 * (OVERHEAD + 10)
    home.restart()
    assert failing(home).status.reason == TOO_LARGE


def test_no_slot_moves_before_everything_is_there(tmp_path: Path) -> None:
    home = house(tmp_path)
    shards(home)
    home.machine.memory = 2 * (OVERHEAD + 15)
    home.restart()
    ask(home, NumNodeGroups=5)
    cache = look_for(home, timedelta(minutes=1))
    assert (cache.status.phase, cache.status.reason) == (Phase.FAILED, TOO_LARGE)
    assert {known.slots for known in cache.status.shards.values()} == {"0-8191", "8192-16383", ""}


def test_a_node_that_loads_has_not_answered_yet(home: House) -> None:
    launched(home)
    cache = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert (cache.status.nodes["rg-001.0001"].answered, cache.status.shards["0001"].seeded) == (0, False)


def test_an_engine_that_needs_more_memory_than_there_is_fails_it(home: House) -> None:
    launched(home)
    home.machine.stop(home.container("rg-001.0001"), "out of memory")
    cache = look_for(home, timedelta(minutes=1))
    assert cache.status.phase is Phase.FAILED
    assert cache.status.nodes["rg-001.0001"].life == 1
    assert cache.status.reason == TOO_LARGE


def test_a_file_that_is_gone_is_waited_for(home: House) -> None:
    snapshot = home.snapshot("snap")
    assert snapshot
    path = home.directory / "snapshots" / snapshot.id / "0001.rdb"
    path.rename(path.with_suffix(".away"))
    ask(home, NumCacheClusters=1)
    assert look_for(home, timedelta(seconds=10)).status.phase is Phase.CREATING
    assert any("No such file" in message for message in home.messages())
    path.with_suffix(".away").rename(path)
    home.clock.moment += timedelta(minutes=1)
    assert_restored(home, settled(home))


def test_what_is_made_of_a_restored_group_begins_with_nothing_of_it(home: House) -> None:
    cache = restored(home, NumCacheClusters=2)
    home.machine.processes.write(cache.status.nodes["rg-001.0001"].address.host, "more", "later")
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg", RetainPrimaryCluster=True)
    home.settle()
    kept = home.cache(Kind.CACHE_CLUSTER, "rg-001")
    assert held(home, kept, "rg-001.0001") == {**DATA, "more": "later"}


def test_one_that_is_deleted_while_it_loads_goes(home: House) -> None:
    launched(home)
    with home.store.write() as transaction:
        transaction.caches.mark_deleted(home_key(home))
    home.settle()
    assert home.containers() == []


def test_a_cache_of_an_earlier_release_has_no_seed(home: House) -> None:
    cache = home.cluster("plain")
    assert (cache.spec.seed, cache.unseeded, replace(cache, deleting=True).restoring) == (None, {}, False)

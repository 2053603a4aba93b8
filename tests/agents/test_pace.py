"""Deeds that take as long as at AWS: what is told meanwhile, and who is served."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cachewright.agents.planning.containers import State
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.pace import AS_IT_IS, Deed, Pace
from tests.agents.test_durability import DURABLE
from tests.agents.test_reconcile import assert_sound
from tests.house import House, house

SECONDS = 30.0
A_MOMENT = timedelta(seconds=2)  # that the clock of a house moves on by itself, at most


@pytest.fixture
def home(tmp_path: Path) -> House:
    return house(tmp_path)


def keep(home: House, *deeds: Deed) -> None:
    pace = Pace(dict.fromkeys(deeds, SECONDS))
    home.reconciler = replace(home.reconciler, pace=lambda: pace)


def group(home: House) -> Cache:
    return home.cache(Kind.REPLICATION_GROUP, "rg")


def wait(home: House, cache: Cache, phase: Phase) -> None:
    """Until the time is over: what is told until then, and what afterwards."""
    start = home.clock.moment
    left = home.reconcile(cache.key)
    assert left
    assert SECONDS - A_MOMENT.total_seconds() < left <= SECONDS
    assert group(home).phase is phase
    home.clock.moment = start + timedelta(seconds=SECONDS)
    home.settle()


def ask(home: House) -> Cache:
    """A group that nobody has looked at."""
    home.call(
        "CreateReplicationGroup",
        ReplicationGroupId="rg",
        ReplicationGroupDescription="d",
        CacheNodeType="cache.t3.micro",
        Engine="redis",
        NumCacheClusters=3,
        AutomaticFailoverEnabled=True,
    )
    return group(home)


def test_a_cache_is_creating_for_as_long(home: House) -> None:
    keep(home, Deed.CREATE)
    wait(home, ask(home), Phase.CREATING)
    assert_sound(home, group(home))
    assert home.messages()[-2] == "rg: Replication group rg created"


def test_a_cache_is_modifying_for_as_long_also_if_there_is_nothing_to_do(home: House) -> None:
    cache = home.group()
    keep(home, Deed.MODIFY)
    home.call("ModifyReplicationGroup", ReplicationGroupId="rg", AutomaticFailoverEnabled=False, ApplyImmediately=True)
    wait(home, cache, Phase.MODIFYING)
    assert_sound(home, group(home))


def test_a_cache_reboots_for_as_long(home: House) -> None:
    cache = home.group()
    keep(home, Deed.REBOOT)
    home.call("RebootCacheCluster", CacheClusterId="rg-002", CacheNodeIdsToReboot=["0001"])
    wait(home, cache, Phase.REBOOTING)
    assert_sound(home, group(home))


def test_a_cache_is_deleting_for_as_long(home: House) -> None:
    cache = home.group()
    keep(home, Deed.DELETE)
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    wait(home, cache, Phase.DELETING)
    assert home.messages()[-1] == "rg: Replication group rg deleted"
    assert home.containers() == []


def test_what_is_mended_takes_no_longer(home: House) -> None:
    cache = home.group()
    keep(home, Deed.CREATE, Deed.MODIFY, Deed.REBOOT, Deed.DELETE)
    home.machine.kill(next(box.name for box in home.containers() if "rg-003" in box.name))
    home.settle(cache.key)
    assert_sound(home, group(home))


def test_another_pace_counts_for_what_is_under_way(home: House) -> None:
    keep(home, Deed.CREATE)
    cache = ask(home)
    assert home.reconcile(cache.key)
    home.reconciler = replace(home.reconciler, pace=lambda: AS_IT_IS)
    home.settle()
    assert_sound(home, group(home))


def leads(home: House) -> list[str]:
    """The processes that live and follow nobody."""
    running = {box.labels.get("cachewright.node") for box in home.containers() if box.state is State.RUNNING}
    nodes = {name: known for name, known in group(home).status.nodes.items() if name in running}
    return [name for name, known in nodes.items() if not home.machine.processes.at(known.address.host).leader]


@pytest.mark.parametrize("how", ["TestFailover", "killed", "paused"])
def test_a_shard_has_no_primary_for_as_long(home: House, how: str) -> None:
    cache = home.group()
    keep(home, Deed.FAILOVER)
    (box,) = [box.name for box in home.containers() if "rg-001" in box.name]
    start = home.clock.moment
    match how:
        case "TestFailover":
            home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId="0001")
        case "killed":
            home.machine.kill(box)
        case "paused":
            home.machine.pause(box)
    while home.clock.moment < start + timedelta(seconds=SECONDS - 1.0):
        assert home.reconcile(cache.key)
        assert group(home).status.shards["0001"].primary == "rg-001.0001"
        assert leads(home) == []
        home.clock.moment += timedelta(seconds=5)
        home.clock.moment = min(home.clock.moment, start + timedelta(seconds=SECONDS - 0.9))
    home.clock.moment = start + timedelta(seconds=SECONDS + 1.0)
    home.settle()
    assert group(home).status.shards["0001"].primary == "rg-002.0001"
    assert group(home).status.shards["0001"].lost_since is None
    assert_sound(home, group(home))


def test_a_primary_without_replicas_is_not_waited_for(home: House) -> None:
    cache = home.group(nodes=1)
    keep(home, Deed.FAILOVER)
    home.machine.kill(next(box.name for box in home.containers() if "rg-001" in box.name))
    home.settle(cache.key)
    assert_sound(home, group(home))


def test_a_sync_primary_hands_over_because_its_log_would_bring_it_back(home: House) -> None:
    cache = home.group("rg", **DURABLE)
    keep(home, Deed.FAILOVER)
    home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId="0001")
    home.settle(cache.key)
    assert group(home).status.shards["0001"].primary != cache.status.shards["0001"].primary
    assert group(home).phase is Phase.AVAILABLE


@pytest.mark.parametrize("kept", [False, True])
def test_a_lost_primary_comes_back_when_nobody_is_left_to_wait_for(tmp_path: Path, kept: bool) -> None:
    home = house(tmp_path, keep_data=kept)
    cache = home.group()
    keep(home, Deed.FAILOVER)
    home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId="0001")
    assert home.reconcile(cache.key)
    assert group(home).status.shards["0001"].lost_since
    for box in home.containers():
        if "rg-00" in box.name:
            home.machine.kill(box.name)
    home.settle(cache.key)
    assert_sound(home, group(home))

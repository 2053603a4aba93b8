"""What nodes with volumes hold stays, whatever dies, and never yields to a node that holds nothing."""

from ipaddress import IPv4Network
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachewright.agents.planning.containers import Blueprint, State
from cachewright.agents.planning.labels import NODE
from cachewright.controlplane.model.cache import Cache, Kind, Shard
from cachewright.controlplane.model.lifecycle import Phase
from tests.agents.test_crashes import Crash, Fuse, fused, moments
from tests.agents.test_reconcile import assert_sound, home_key
from tests.house import House, house

EVERYTHING = "0-16383"
WITHOUT_FAILOVER = {"AutomaticFailoverEnabled": False}
CLUSTERED: dict[str, Any] = {
    "CacheParameterGroupName": "default.redis7.cluster.on",
    "NumNodeGroups": 2,
    "ReplicasPerNodeGroup": 1,
    "NumCacheClusters": None,
}
SHAPES: dict[str, dict[str, Any]] = {
    "failover": {},
    "no failover": WITHOUT_FAILOVER,
    "shards": CLUSTERED,
    "alone": {"nodes": 1},
}


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A house in which data are kept."""
    return house(tmp_path, keep_data=True)


def group(home: House, **params: Any) -> Cache:
    """A group that holds something."""
    cache = home.group("rg", **{"nodes": 2, **params})
    for shard in cache.spec.shards:
        write(home, cache.status.shards[shard.id].primary, key_of(shard), shard.id)
    return cache


def key_of(shard: Shard) -> str:
    """A key in its slots."""
    return "b" if shard.slots.startswith("0-") and shard.slots != EVERYTHING else "key"


def shown(home: House) -> Cache:
    return home.cache(Kind.REPLICATION_GROUP, "rg")


def write(home: House, node: str, key: str, value: str) -> None:
    home.machine.processes.write(shown(home).status.nodes[node].address.host, key, value)


def volumes(home: House) -> set[str]:
    return {volume.name for volume in home.backend.runtime.volumes()}


def lose(home: House, node: str) -> None:
    """Somebody removes a node with its volume."""
    home.machine.remove(home.container(node))
    home.backend.runtime.remove_volume(shown(home).status.nodes[node].volume)


def kill_everything(home: House) -> None:
    for container in home.containers():
        home.machine.kill(container.name)


def assert_kept(home: House, **more: str) -> None:
    """Every node has what its shard held, and so has its volume."""
    cache = shown(home)
    assert cache.phase is Phase.AVAILABLE, cache.status
    if not cache.spec.clustered:
        assert_sound(home, cache)
    for shard in cache.spec.shards:
        nodes = [cache.status.nodes[node.name] for node in shard.nodes]
        held = [home.machine.processes.at(known.address.host).data for known in nodes]
        assert held == [{key_of(shard): shard.id, **more}] * len(nodes)
        assert all(known.logged for known in nodes)
    assert volumes(home) == {known.volume for known in cache.status.nodes.values()}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("fault", ["kill", "remove"])
def test_all_nodes_return_with_what_they_held(fault: str, shape: str, home: House) -> None:
    before = group(home, **SHAPES[shape])
    for container in home.containers():
        getattr(home.machine, fault)(container.name)
    home.restart()
    home.settle()
    assert_kept(home)
    leaders = {shard: known.primary for shard, known in before.status.shards.items()}
    assert {shard: known.primary for shard, known in shown(home).status.shards.items()} == leaders


def test_a_former_primary_follows_whatever_is_in_its_log(home: House) -> None:
    group(home)
    home.machine.kill(home.container("rg-001.0001"))
    home.settle()
    write(home, "rg-002.0001", "later", "yes")
    kill_everything(home)
    home.settle()
    assert shown(home).status.shards["0001"].primary == "rg-002.0001"
    assert_kept(home, later="yes")


def test_a_primary_without_failover_leads_again_with_its_log(home: House) -> None:
    group(home, **WITHOUT_FAILOVER)
    home.machine.kill(home.container("rg-001.0001"))
    home.settle()
    assert shown(home).status.shards["0001"].primary == "rg-001.0001"
    assert_kept(home)


@pytest.mark.parametrize("shape", ["failover", "no failover", "shards"])
@pytest.mark.parametrize("others", ["alive", "dead"])
def test_a_primary_whose_volume_is_gone_yields_to_who_has_one(others: str, shape: str, home: House) -> None:
    primary = group(home, **SHAPES[shape]).status.shards["0001"].primary
    if others == "dead":
        kill_everything(home)
    lose(home, primary)
    home.settle()
    assert shown(home).status.shards["0001"].primary not in ("", primary)
    assert_kept(home)


def test_a_replica_that_has_copied_nothing_yet_never_leads(home: House) -> None:
    """The primary dies as the new one starts."""
    group(home)
    lose(home, "rg-002.0001")

    def launching(made: Blueprint) -> None:
        if made.labels[NODE] == "rg-002.0001":
            home.machine.kill(home.container("rg-001.0001"))
            home.machine.refusal = lambda _: None

    home.machine.refusal = launching
    home.settle()
    assert shown(home).status.shards["0001"].primary == "rg-001.0001"
    assert_kept(home)


def test_a_replica_whose_log_no_engine_reads_copies_its_primary(home: House) -> None:
    group(home)
    name = home.container("rg-002.0001")
    home.machine.kill(name)
    known = shown(home).status.nodes["rg-002.0001"]
    home.machine.volumes.files(known.volume)["/tmp/appendonly.aof"] = b"nonsense"
    home.settle()
    assert_kept(home)


def test_a_reboot_keeps_the_data_and_says_why(home: House) -> None:
    address = home.cluster("one").status.nodes["one.0001"].address.host
    home.machine.processes.write(address, "key", "value")
    home.machine.load_time = 50
    home.call("RebootCacheCluster", CacheClusterId="one", CacheNodeIdsToReboot=["0001"])
    home.settle()
    cache, process = home.cache(Kind.CACHE_CLUSTER, "one"), home.machine.processes.at(address)
    assert (process.data, process.loading, process.boot) == ({"key": "value"}, 0, 2)
    assert cache.status.nodes["one.0001"].life == 1
    assert home.messages()[-2:] == [
        "one: Cache node 0001 restarted",
        "one: Cache node 0001 has kept its data: CACHEWRIGHT_KEEP_DATA is on.",
    ]


def test_a_volume_goes_with_its_node(home: House) -> None:
    group(home, nodes=3)
    home.call("DecreaseReplicaCount", ReplicationGroupId="rg", NewReplicaCount=1, ApplyImmediately=True)
    home.settle()
    assert_kept(home)
    home.call("ModifyReplicationGroup", ReplicationGroupId="rg", CacheNodeType="cache.m5.large", ApplyImmediately=True)
    home.settle()
    assert_kept(home)
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.settle()
    assert volumes(home) == set()


def test_a_node_that_changes_hands_takes_its_volume_along(home: House) -> None:
    address = home.cluster("one").status.nodes["one.0001"].address.host
    home.machine.processes.write(address, "key", "0001")
    home.call(
        "CreateReplicationGroup", ReplicationGroupId="rg", ReplicationGroupDescription="d", PrimaryClusterId="one"
    )
    home.settle()
    kill_everything(home)
    home.settle()
    assert_kept(home)
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg", RetainPrimaryCluster=True)
    home.settle()
    kill_everything(home)
    home.settle()
    assert home.machine.processes.at(address).data == {"key": "0001"}
    home.call("DeleteCacheCluster", CacheClusterId="one")
    home.settle()
    assert volumes(home) == set()


def test_the_same_name_again_begins_with_nothing(home: House) -> None:
    group(home)
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.settle()
    again = home.group("rg", nodes=2)
    assert [home.machine.processes.at(known.address.host).data for known in again.status.nodes.values()] == [{}, {}]


def test_what_is_kept_nowhere_has_no_volume(home: House) -> None:
    home.cluster("mc", Engine="memcached")
    home.group("secret", nodes=1, AtRestEncryptionEnabled=True)
    assert volumes(home) == set()
    assert home.messages()[-1] == (
        "secret: CACHEWRIGHT_KEEP_DATA does not keep what this cache holds: with AtRestEncryptionEnabled nothing of it "
        "is written to a disk."
    )


def test_caches_come_back_at_their_addresses_or_say_why_they_cannot(home: House) -> None:
    before = group(home).status
    home.backend.runtime.raze(keep_volumes=True)
    taken = home.machine.open_network("theirs", [IPv4Network("10.200.0.0/16")])
    home.restart()
    home.reconcile(home_key(home))
    assert f"their addresses are of {taken}, which another network has taken" in home.messages()[-1]
    home.machine.remove_network("theirs")
    home.backend.runtime.raze(keep_volumes=True)
    home.restart()
    home.settle()
    assert_kept(home)
    after = shown(home).status
    assert after.endpoints == before.endpoints
    assert {name: node.address for name, node in after.nodes.items()} == {
        name: node.address for name, node in before.nodes.items()
    }


def test_nothing_has_a_volume_unless_it_is_asked_for(tmp_path: Path) -> None:
    home = house(tmp_path)
    home.group("rg")
    assert volumes(home) == set()


def test_nodes_keep_their_volumes_when_the_setting_is_gone(home: House) -> None:
    group(home)
    home.keep_data = False
    home.restart()
    kill_everything(home)
    home.settle()
    assert_kept(home)
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.settle()
    assert volumes(home) == set()


@pytest.mark.parametrize("shape", ["failover", "no failover", "alone"])
@pytest.mark.parametrize("way", ["kill everything", "lose the primary", "reboot", "roll"])
def test_nothing_is_lost_when_the_agent_dies_as_well(way: str, shape: str, tmp_path: Path) -> None:
    if (way, shape) == ("lose the primary", "alone"):
        return  # nobody else has it
    home = house(tmp_path, keep_data=True)
    group(home, **SHAPES[shape])
    begin(home, way)
    for _ in moments(home, lambda: home.reconcile(home_key(home))):
        kill_everything(home)
        home.settle()
        assert_kept(home)


def begin(home: House, way: str) -> None:
    if way == "kill everything":
        kill_everything(home)
    elif way == "lose the primary":
        lose(home, "rg-001.0001")
    elif way == "reboot":
        home.call("RebootCacheCluster", CacheClusterId="rg-001", CacheNodeIdsToReboot=["0001"])
    else:
        home.call("ModifyReplicationGroup", ReplicationGroupId="rg", CacheNodeType="cache.m5.large",
                  ApplyImmediately=True)  # fmt: skip


FAULTS = st.sampled_from(["", "kill", "remove", "lose", "pause"])


@settings(max_examples=60, deadline=None)
@given(
    rounds=st.lists(st.tuples(st.lists(FAULTS, min_size=3, max_size=3), st.integers(0, 12)), min_size=1, max_size=4),
    failover=st.booleans(),
)
def test_no_node_that_holds_something_yields_to_an_empty_one(
    rounds: list[tuple[list[str], int]], failover: bool
) -> None:
    with TemporaryDirectory() as directory:
        home = house(Path(directory), keep_data=True)
        group(home, nodes=3, AutomaticFailoverEnabled=failover)
        for number, (faults, deeds) in enumerate(rounds):
            write(home, shown(home).status.shards["0001"].primary, "round", str(number))
            if faults.count("lose") < len(faults):  # somebody is left
                break_nodes(home, faults)
            home.restart(fused(home.backend, Fuse(deeds + 1, before=False)))
            try:
                home.reconcile(home_key(home))
            except Crash:
                break_nodes(home, [fault for fault in faults if fault != "lose"])
            home.restart()
            home.settle()
            assert_kept(home, round=str(number))
        home.pool.shutdown()
        home.store.close()


def break_nodes(home: House, faults: list[str]) -> None:
    there = {one.labels[NODE]: one.name for one in home.containers() if one.state is State.RUNNING}
    for node, fault in zip(sorted(there), faults, strict=False):
        if fault == "lose":
            lose(home, node)
        elif fault:
            getattr(home.machine, fault)(there[node])

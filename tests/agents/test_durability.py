"""Durable shards lose no write that was acknowledged: their logs are there, and in `sync` no copy overrules one."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachewright.agents.memory.processes import Process
from cachewright.controlplane.model.cache import Cache
from tests.agents.test_crashes import Crash, Fuse, fused, moments
from tests.agents.test_kept_data import assert_kept, break_nodes, kill_everything, lose, shown, volumes, write
from tests.agents.test_reconcile import home_key
from tests.agents.test_restore import assert_restored, fill
from tests.house import House, house

DURABLE: dict[str, Any] = {
    "Engine": "valkey",
    "EngineVersion": "9.0",
    "CacheNodeType": "cache.m7g.large",
    "NumCacheClusters": None,
    "NumNodeGroups": 1,
    "ClusterMode": "enabled",
    "ReplicasPerNodeGroup": 2,
    "AutomaticFailoverEnabled": True,
    "MultiAZEnabled": True,
    "TransitEncryptionEnabled": True,
    "Durability": "sync",
}
SHARD = "0001"


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A house in which data are not kept unless a cache is durable."""
    return house(tmp_path)


def durable(home: House, **params: Any) -> Cache:
    """A durable group that holds something."""
    cache = home.group("rg", **DURABLE | params)
    write(home, primary(home), "key", SHARD)
    return cache


def primary(home: House) -> str:
    return shown(home).status.shards[SHARD].primary


def process(home: House, node: str) -> Process:
    return home.machine.processes.at(shown(home).status.nodes[node].address.host)


def write_alone(home: House, value: str, node: str = "") -> None:
    """A write that is acknowledged, and in the log of the primary, before any replica has it."""
    leading = process(home, node or primary(home))
    leading.data["last"] = value
    leading.offset += 1


@pytest.mark.parametrize("value", ["sync", "async"])
def test_a_durable_cache_has_logs_and_tells_where(value: str, home: House) -> None:
    durable(home, Durability=value)
    assert len(volumes(home)) == 3
    assert home.messages()[-1] == (
        "rg: AtRestEncryptionEnabled is shown, but the logs of this durable cache lie on volumes of Docker's, not "
        "encrypted by Cachewright."
    )
    flushed = {process(home, node).configuration["appendfsync"] for node in shown(home).status.nodes}
    assert flushed == {{"sync": "always", "async": "everysec"}[value]}
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.settle()
    assert volumes(home) == set()


@pytest.mark.parametrize("fault", ["kill", "remove", "pause", "disconnect"])
def test_no_copy_overrules_the_log_of_a_lost_primary(fault: str, home: House) -> None:
    durable(home)
    before = primary(home)
    write_alone(home, "yes")
    getattr(home.machine, fault)(home.container(before))
    home.settle()
    assert primary(home) == before
    assert_kept(home, last="yes")


def test_a_copy_leads_where_some_writes_may_be_lost(home: House) -> None:
    durable(home, Durability="async")
    before = primary(home)
    home.machine.kill(home.container(before))
    home.settle()
    assert primary(home) != before
    assert_kept(home)


def test_a_copy_leads_where_the_log_is_gone(home: House) -> None:
    durable(home)
    before = primary(home)
    lose(home, before)
    home.settle()
    assert primary(home) != before
    assert_kept(home)


def test_a_running_cache_is_told_how_its_log_reaches_the_disk(home: House) -> None:
    lives = [known.life for known in durable(home).status.nodes.values()]
    for value, flushed in (("async", "everysec"), ("sync", "always")):
        home.call("ModifyReplicationGroup", ReplicationGroupId="rg", Durability=value, ApplyImmediately=True)
        home.settle()
        nodes = shown(home).status.nodes
        assert {process(home, node).configuration["appendfsync"] for node in nodes} == {flushed}
        assert [known.life for known in nodes.values()] == lives


def test_an_old_primary_that_dies_before_its_candidate_leads_goes_on(home: House) -> None:
    durable(home)
    before = primary(home)

    def dying(_: str) -> None:
        write_alone(home, "yes", before)
        home.machine.kill(home.container(before))
        home.machine.holding = lambda _: None
        raise ConnectionError("it is dead")

    home.machine.holding = dying
    home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId=SHARD)
    home.settle()
    assert primary(home) == before
    assert_kept(home, last="yes")


@pytest.mark.parametrize("way", ["primary", "everything"])
def test_nothing_is_lost_when_the_agent_dies_as_well(way: str, tmp_path: Path) -> None:
    home = house(tmp_path)
    durable(home)
    write_alone(home, "yes")
    kill_everything(home) if way == "everything" else home.machine.kill(home.container(primary(home)))
    for _ in moments(home, lambda: home.reconcile(home_key(home))):
        kill_everything(home)
        home.settle()
        assert_kept(home, last="yes")


def leaders(home: House) -> list[str]:
    """The nodes that take writes."""
    addresses = {node: known.address.host for node, known in shown(home).status.nodes.items()}
    every = [(node, process(home, node)) for node, host in addresses.items() if host in home.machine.processes]
    return [node for node, found in every if found.member and not found.member.own.follows and not found.held]


def test_nothing_is_lost_when_all_die_in_a_planned_failover(tmp_path: Path) -> None:
    """At any deed of it, the agent as well; the one that led then has taken a write that nobody else has."""
    home = house(tmp_path)
    durable(home)
    home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId=SHARD)
    for _ in moments(home, home.settle, fewest=3):
        taken = {"last": "yes"} if leaders(home) else {}
        for node in leaders(home):
            write_alone(home, "yes", node)
        kill_everything(home)
        home.settle()
        assert_kept(home, **taken)


def test_nothing_is_lost_when_all_die_in_a_resharding(tmp_path: Path) -> None:
    """After any deed of it, the agent as well: keys may have arrived where nobody has written down that they are."""
    home = house(tmp_path)
    home.group("rg", **DURABLE | {"NumNodeGroups": 2, "ReplicasPerNodeGroup": 1})
    fill(home, shown(home))
    home.call("ModifyReplicationGroupShardConfiguration", ReplicationGroupId="rg", NodeGroupCount=3,
              ApplyImmediately=True)  # fmt: skip
    for _ in moments(home, home.settle, fewest=5):
        kill_everything(home)
        home.settle()
        assert_restored(home, shown(home))


FAULTS = st.sampled_from(["", "kill", "remove", "pause"])


@settings(max_examples=40, deadline=None)
@given(rounds=st.lists(st.tuples(st.lists(FAULTS, min_size=3, max_size=3), st.integers(0, 12)), min_size=1, max_size=3))
def test_no_acknowledged_write_is_lost_whatever_dies(rounds: list[tuple[list[str], int]]) -> None:
    with TemporaryDirectory() as directory:
        home = house(Path(directory))
        durable(home)
        for number, (faults, deeds) in enumerate(rounds):
            write_alone(home, str(number))
            break_nodes(home, faults)
            home.restart(fused(home.backend, Fuse(deeds + 1, before=False)))
            try:
                home.reconcile(home_key(home))
            except Crash:
                break_nodes(home, faults)
            home.restart()
            home.settle()
            assert_kept(home, last=str(number))
        home.pool.shutdown()
        home.store.close()

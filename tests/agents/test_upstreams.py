"""A cache that follows somebody outside of it as a whole."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cachewright.agents.memory.processes import Process
from cachewright.agents.planning.links import reach
from cachewright.agents.planning.pulse import Inquiry, expected
from cachewright.controlplane.model.cache import Cache, Key, Kind
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.upstreams import Upstream
from cachewright.controlplane.model.versions import Engine
from tests import outside
from tests.agents.test_reconcile import assert_sound, home_key
from tests.house import ACCOUNT, REGION, House, house

OUTSIDE = Upstream(outside.HOST, outside.PORT)


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A new house."""
    return house(tmp_path)


def follow(home: House, upstream: Upstream | None, name: str = "rg") -> None:
    """Have a group follow it from now on."""
    cache = home.cache(Kind.REPLICATION_GROUP, name)
    with home.store.write() as transaction:
        transaction.caches.write_spec(cache, replace(cache.spec, upstream=upstream))


def group(home: House, name: str = "rg") -> Cache:
    """The group as it is."""
    return home.cache(Kind.REPLICATION_GROUP, name)


def primary(home: House, name: str = "rg") -> str:
    """The node that leads it."""
    return group(home, name).status.shards["0001"].primary


def processes(home: House, name: str = "rg") -> dict[str, Process]:
    """What runs, by node."""
    return {node: home.machine.processes.at(k.address.host) for node, k in group(home, name).status.nodes.items()}


def assert_follows(home: House, host: str, name: str = "rg", **data: str) -> None:
    """The primary follows that host, everybody else the primary, and all have its data."""
    cache, every = group(home, name), processes(home, name)
    assert (cache.status.phase, cache.status.generation) == (Phase.AVAILABLE, cache.generation), cache.status
    leader = primary(home, name)
    assert every[leader].leader == host
    assert {p.leader for node, p in every.items() if node != leader} == {every[leader].address}
    assert all(process.data == data for process in every.values())
    assert home.routes()[cache.status.endpoints["primary"]] == (cache.status.nodes[leader].address,)


def test_the_primary_follows_and_its_replicas_follow_it(home: House) -> None:
    outside.source(home.machine, k="v")
    home.group("rg")
    follow(home, OUTSIDE)
    home.settle()
    assert_follows(home, outside.HOST, k="v")
    home.machine.processes.write(outside.HOST, "more", "w")
    assert_follows(home, outside.HOST, k="v", more="w")
    with pytest.raises(ConnectionError, match="it takes no writes"):
        home.machine.processes.write(processes(home)[primary(home)].address, "k", "x")


def test_without_its_upstream_it_is_promoted_with_what_it_has(home: House) -> None:
    outside.source(home.machine, k="v")
    home.group("rg")
    follow(home, OUTSIDE)
    home.settle()
    follow(home, None)
    home.settle()
    assert_sound(home, group(home))
    home.machine.processes.write(processes(home)[primary(home)].address, "mine", "x")
    assert all(process.data == {"k": "v", "mine": "x"} for process in processes(home).values())


@pytest.mark.parametrize("fault", ["kill", "pause", "remove"])
def test_whoever_takes_the_place_of_a_lost_primary_follows_the_upstream(home: House, fault: str) -> None:
    outside.source(home.machine, k="v")
    home.group("rg")
    follow(home, OUTSIDE)
    home.settle()
    before = primary(home)
    getattr(home.machine, fault)(home.container(before))
    home.settle()
    assert primary(home) != before
    assert_follows(home, outside.HOST, k="v")


def test_a_failover_on_request_promotes_nobody(home: House) -> None:
    home.group("first")
    home.group("rg")
    follow(home, Upstream(group="first", region=REGION))
    home.settle()
    home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId="0001")
    before = primary(home)
    home.settle()
    assert primary(home) != before
    assert_follows(home, processes(home, "first")[primary(home, "first")].address)


def test_another_node_type_rolls_through_a_group_that_follows(home: House) -> None:
    outside.source(home.machine, k="v")
    home.group("rg")
    follow(home, OUTSIDE)
    home.settle()
    cache = group(home)
    with home.store.write() as transaction:
        transaction.caches.write_spec(cache, replace(cache.spec, node_type="cache.m5.large"))
    home.settle()
    assert_follows(home, outside.HOST, k="v")


def test_a_primary_that_is_rebooted_without_its_upstream_does_not_follow_it_again(home: House) -> None:
    outside.source(home.machine, k="v")
    home.group("rg", nodes=1)
    follow(home, OUTSIDE)
    home.settle()
    home.machine.kill(home.container(primary(home)))  # it is launched while there is an upstream
    home.settle()
    follow(home, None)
    home.settle()
    home.call("RebootCacheCluster", CacheClusterId="rg-001", CacheNodeIdsToReboot=["0001"])
    home.settle()
    assert_sound(home, group(home))
    assert processes(home)[primary(home)].data == {}


def test_a_primary_that_follows_takes_no_write_when_it_is_rebooted(home: House) -> None:
    home.group("first")
    home.group("rg")
    follow(home, Upstream(group="first", region=REGION))
    home.settle()
    assert "--replicaof" not in processes(home)[primary(home)].blueprint.command
    home.call("RebootCacheCluster", CacheClusterId="rg-001", CacheNodeIdsToReboot=["0001"])
    home.settle()
    assert primary(home) == "rg-001.0001"
    assert "--replicaof" in processes(home)[primary(home)].blueprint.command
    assert_follows(home, processes(home, "first")[primary(home, "first")].address)


def test_an_upstream_that_is_away_is_told_and_followed_when_it_is_back(home: House) -> None:
    gone = outside.source(home.machine, k="v")
    home.group("rg")
    follow(home, OUTSIDE)
    home.settle()
    outside.ends(home.machine, gone)
    lives = {name: node.life for name, node in group(home).status.nodes.items()}
    for _ in range(40):  # longer than a replica has that reaches its primary no more
        home.reconcile(home_key(home))
        home.clock.moment += timedelta(seconds=1)
    reason = f"Node {primary(home)} receives nothing from {OUTSIDE}, which it is to follow."
    assert (group(home).status.phase, group(home).reason) == (Phase.MODIFYING, reason)
    assert home.messages().count(f"rg: {reason}") == 1
    assert {name: node.life for name, node in group(home).status.nodes.items()} == lives
    assert all(process.leader for process in processes(home).values())
    outside.source(home.machine, k="v", more="w")
    home.settle()
    assert_follows(home, outside.HOST, k="v", more="w")
    assert group(home).reason == ""


def test_a_group_follows_whoever_leads_another_group(home: House) -> None:
    home.group("first")
    home.group("rg")
    home.machine.processes.write(processes(home, "first")[primary(home, "first")].address, "k", "v")
    follow(home, Upstream(group="first", region=REGION))
    home.settle()
    assert_follows(home, processes(home, "first")[primary(home, "first")].address, k="v")
    home.call("TestFailover", ReplicationGroupId="first", NodeGroupId="0001")
    with home.store.write() as transaction:
        cache = group(home, "first")
        due = {follower.key for follower in transaction.caches.following(cache.key)}
    assert due == {Key(ACCOUNT, REGION, Kind.REPLICATION_GROUP, "rg")}
    home.settle()
    home.settle()
    assert_follows(home, processes(home, "first")[primary(home, "first")].address, k="v")


def test_a_commit_that_changes_who_leads_makes_followers_due(home: House) -> None:
    home.group("first")
    home.group("rg")
    follow(home, Upstream(group="first", region=REGION))
    home.settle()
    home.call("TestFailover", ReplicationGroupId="first", NodeGroupId="0001")
    woken: set[object] = set()
    home.store.wake(woken.update)
    home.settle(group(home, "first").key)
    assert group(home).key in woken


def test_while_nobody_is_known_nobody_takes_writes(home: House) -> None:
    home.group("rg")
    follow(home, Upstream(group="nowhere", region=REGION))
    for _ in range(5):
        home.reconcile(home_key(home))
    assert all(process.leader for process in processes(home).values())
    assert group(home).phase is Phase.MODIFYING


def test_nodes_that_rest_say_what_is_expected_of_them_until_the_upstream_is_gone(home: House) -> None:
    followed = outside.source(home.machine, k="v")
    home.group("rg")
    follow(home, OUTSIDE)
    home.settle()
    cache, driver = group(home), home.backend.drivers[Engine.REDIS]

    def strange() -> set[str]:
        ways = {name: reach(cache.status, name) for name in cache.status.nodes}
        said = driver.pulses([Inquiry(way, thorough=True) for way in ways.values()])
        wanted = [expected(cache, name, login=way.login) for name, way in ways.items()]
        return {name for name, pulse, right in zip(ways, said, wanted, strict=True) if pulse != right}

    assert strange() == set()
    outside.ends(home.machine, followed)
    assert strange() == {primary(home)}

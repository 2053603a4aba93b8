"""Regions that are slow, on a pretend machine: who follows by a relay, and what becomes of it."""

from pathlib import Path

import pytest

from cachewright.agents.explaining import explained
from cachewright.agents.planning.containers import Blueprint, Container
from cachewright.agents.planning.explain import AS_WISHED
from cachewright.agents.planning.labels import DELAYED, NODE
from cachewright.agents.planning.links import door
from cachewright.agents.planning.outages import Outages
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.reconcile.slow_regions import delays_in, followers, slow_down
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.drills import DrillKind, Order, Progress
from cachewright.controlplane.model.lifecycle import Phase
from tests.agents.test_crashes import moments
from tests.agents.test_drills import ended, made
from tests.agents.test_global_clusters import pair as clusters
from tests.agents.test_global_datastores import (
    AWAY,
    add,
    fail_over,
    leader,
    member,
    pair,
    processes,
    write,
)
from tests.agents.test_global_datastores import (
    ID as DATASTORE,
)
from tests.house import REGION, House


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A house with a datastore whose secondary is 80 ms away."""
    home = pair(tmp_path)
    slow(home, 80)
    return home


def slow(home: House, delay: int, region: str = AWAY) -> None:
    with home.store.write() as transaction:
        slow_down(transaction, region, delay)
    home.settle()


def relays(home: House) -> dict[str, Container]:
    """By the node that each is beside."""
    return {each.labels[NODE]: each for each in home.containers() if DELAYED in each.labels}


def refuse(blueprint: Blueprint) -> Later | None:
    """No relay can be had."""
    return Later("no room") if DELAYED in blueprint.labels else None


def primary(home: House, name: str) -> Address:
    return member(home, name).status.nodes[leader(home, name)].address


def followed(home: House, name: str) -> str:
    """Where the primary of a member finds whom it follows."""
    return processes(home, name)[leader(home, name)].leader


def arrived(home: House, name: str) -> dict[str, str]:
    """What the primary of a member holds once all that is on its way has arrived, and then its replicas."""
    for _ in ("it is on its way", "it is there"):
        home.machine.processes.at(primary(home, name).host)
    (data,) = {tuple(process.data.items()) for process in processes(home, name).values()}
    return dict(data)


def assert_late(home: House, name: str, other: str, delay: int = 80) -> None:
    """A member follows another one by a relay beside its primary, the only one there is."""
    (node,) = relays(home)
    assert (node, followed(home, name)) == (leader(home, name), door(primary(home, other)).host)
    assert relays(home)[node].labels[DELAYED] == f"{primary(home, other)} {delay}"
    assert {member(home, each).phase for each in (name, other)} == {Phase.AVAILABLE}


def assert_direct(home: House) -> None:
    assert (relays(home), followed(home, "away")) == ({}, primary(home, "home").host)
    assert member(home, "away").phase is Phase.AVAILABLE


@pytest.mark.parametrize("region", [AWAY, REGION])
def test_the_primary_of_a_secondary_follows_by_a_relay_whichever_of_the_two_regions_is_slow(
    region: str, tmp_path: Path
) -> None:
    home = pair(tmp_path)
    assert_direct(home)
    slow(home, 80, region)
    assert_late(home, "away", "home")
    slow(home, 0, region)
    assert_direct(home)


def test_a_write_arrives_later_and_at_replicas_with_their_primary(home: House) -> None:
    first = primary(home, "away").host
    write(home, "home", "more", "x")
    assert "more" not in home.machine.processes.at(first).data
    assert arrived(home, "away") == {"k": "v", "more": "x"}


def test_regions_that_are_not_slow_follow_directly(home: House) -> None:
    add(home, "third")
    home.settle()
    assert_late(home, "away", "home")
    assert followed(home, "third") == primary(home, "home").host


def test_of_two_slow_regions_the_slower_one_counts(home: House) -> None:
    slow(home, 200, REGION)
    assert_late(home, "away", "home", 200)
    slow(home, 0, REGION)
    assert_late(home, "away", "home", 80)


def test_another_delay_rebuilds_nobody(home: House) -> None:
    lives = {name: known.life for name, known in member(home, "away").status.nodes.items()}
    slow(home, 200)
    assert_late(home, "away", "home", 200)
    assert {name: known.life for name, known in member(home, "away").status.nodes.items()} == lives


@pytest.mark.parametrize("fault", ["kill", "remove"])
def test_a_relay_that_dies_is_replaced(fault: str, home: House) -> None:
    (relay,) = relays(home).values()
    getattr(home.machine, fault)(relay.name)
    write(home, "home", "more", "x")
    home.settle()
    assert_late(home, "away", "home")
    assert arrived(home, "away") == {"k": "v", "more": "x"}


def test_while_a_relay_cannot_be_had_nobody_is_cut_off(tmp_path: Path) -> None:
    home = pair(tmp_path)
    home.machine.refusal = refuse
    with home.store.write() as transaction:
        slow_down(transaction, AWAY, 80)
    for _ in range(4):
        home.reconcile(member(home, "away").key)
    assert followed(home, "away") == primary(home, "home").host
    assert "no room" in member(home, "away").reason
    home.machine.refusal = lambda _: None
    home.settle()
    assert_late(home, "away", "home")


def test_nobody_is_told_to_follow_by_a_relay_that_is_not_there(home: House) -> None:
    before = followed(home, "away")
    home.machine.refusal = refuse
    home.machine.kill(home.container(leader(home, "home")))
    for _ in range(4):
        home.reconcile(member(home, "home").key)
        home.reconcile(member(home, "away").key)
    assert followed(home, "away") == before != door(primary(home, "home")).host
    home.machine.refusal = lambda _: None
    home.settle()
    assert_late(home, "away", "home")


def test_a_relay_stays_until_nobody_follows_by_it(home: House) -> None:
    first = primary(home, "away").host
    home.machine.unteachable.add(first)
    with home.store.write() as transaction:
        slow_down(transaction, AWAY, 0)
    for _ in range(4):
        home.reconcile(member(home, "away").key)
    assert (list(relays(home)), followed(home, "away")) == ([leader(home, "away")], door(primary(home, "home")).host)
    home.machine.unteachable.clear()
    home.settle()
    assert_direct(home)


@pytest.mark.parametrize("name", ["home", "away"])
def test_after_a_failover_the_new_primaries_are_followed_and_follow(name: str, home: House) -> None:
    before = leader(home, name)
    home.machine.kill(home.container(before))
    home.settle()
    home.settle()
    assert leader(home, name) != before
    assert_late(home, "away", "home")
    assert arrived(home, "away") == {"k": "v"}


def test_another_start_of_the_agent_finds_everything_as_it_was(home: House) -> None:
    before = {each.name: each.started_at for each in home.containers()}
    home.restart()
    home.settle()
    assert {each.name: each.started_at for each in home.containers()} == before
    slow(home, 0)
    assert_direct(home)


def test_a_slow_region_that_goes_down_comes_back_slow(home: House) -> None:
    home.restart(zones_down=frozenset(f"{AWAY}{letter}" for letter in "abc"))
    for node in tuple(member(home, "away").status.nodes):
        home.machine.kill(home.container(node))
    for _ in range(4):
        home.reconcile(member(home, "away").key)
    home.restart()
    home.settle()
    assert_late(home, "away", "home")
    assert arrived(home, "away") == {"k": "v"}


def test_a_drill_takes_a_slow_region_down_though_nobody_writes_there(home: House) -> None:
    drills = made(home)
    drills.start()
    report = ended(home, drills, Order(DrillKind.REGION_DOWN, AWAY, 0.1))
    drills.stop()
    assert (report.progress, report.reason) == (Progress.DONE, "")
    assert [(outcome.cache, outcome.writes) for outcome in report.outcomes] == [("away", None)]
    home.settle()
    assert_late(home, "away", "home")


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_slow_region_takes_over_with_everything_and_is_followed_later(nodes: int, tmp_path: Path) -> None:
    home = pair(tmp_path, nodes)
    slow(home, 80)

    def write_last(host: str) -> None:
        """Somebody's write was acknowledged just before others are held back."""
        process = home.machine.processes.at(host)
        process.data["last"] = "x"
        process.offset += 1
        home.machine.holding = lambda _: None

    home.machine.holding = write_last
    fail_over(home)
    home.settle()
    home.settle()
    assert_late(home, "home", "away")
    assert processes(home, "away")[leader(home, "away")].data == {"k": "v", "last": "x"}
    fail_over(home, "home")
    home.settle()
    home.settle()
    assert_late(home, "away", "home")
    assert arrived(home, "away") == {"k": "v", "last": "x"}


@pytest.mark.parametrize("delays", [(0, 80), (80, 200), (80, 0)], ids=lambda told: f"{told[0]}-{told[1]}")
def test_every_prefix_of_a_slow_down_comes_to_rest(delays: tuple[int, int], tmp_path: Path) -> None:
    home = pair(tmp_path, 1)
    slow(home, delays[0])
    with home.store.write() as transaction:
        slow_down(transaction, AWAY, delays[1])
    for _ in moments(home, lambda: home.reconcile(member(home, "away").key)):
        home.settle()
        assert_late(home, "away", "home", delays[1]) if delays[1] else assert_direct(home)
        assert arrived(home, "away") == {"k": "v"}


def test_whoever_slows_a_region_down_is_told_who_follows_later_for_it(home: House) -> None:
    add(home, "third")
    with home.store.read() as transaction:
        told = [followers(transaction, region) for region in (AWAY, REGION, "sa-east-1")]
    assert told == [("eu-west-1/away",), ("eu-west-1/away", "ap-south-1/third"), ()]


def test_a_cache_that_follows_later_is_explained(home: House) -> None:
    def told(name: str) -> tuple[str, ...]:
        return explained(member(home, name), home.tools, home.store, Outages(), home.clock())

    late = "What us-east-1 sends arrives 80 ms later: a region was slowed down."
    assert (told("away"), told("home")) == ((late,), (AS_WISHED,))


def test_in_cluster_mode_nobody_follows_later_nor_is_told_to(tmp_path: Path) -> None:
    home = clusters(tmp_path)
    containers = [each.name for each in home.containers()]
    slow(home, 80)
    assert [each.name for each in home.containers()] == containers
    assert explained(member(home, "away"), home.tools, home.store, Outages(), home.clock()) == (AS_WISHED,)
    with home.store.read() as transaction:
        assert followers(transaction, AWAY) == ()


def test_who_leaves_the_datastore_leaves_no_relay(home: House) -> None:
    asked = {"ReplicationGroupId": "away", "ReplicationGroupRegion": AWAY}
    home.call("DisassociateGlobalReplicationGroup", GlobalReplicationGroupId=DATASTORE, **asked)
    home.settle()
    assert (relays(home), followed(home, "away")) == ({}, "")
    home.call_in(AWAY, "DeleteReplicationGroup", ReplicationGroupId="away")
    home.settle()
    assert not [each for each in home.containers() if each.labels[NODE].startswith("away")]


def test_the_members_of_datastores_are_due_and_nobody_else(home: House) -> None:
    home.group("rg", nodes=1)
    woken: set[object] = set()
    home.store.wake(woken.update)
    with home.store.write() as transaction:
        assert slow_down(transaction, AWAY, 80) == 80
    assert woken == set()
    with home.store.write() as transaction:
        assert slow_down(transaction, AWAY, 0) == 80
    assert woken == {member(home, name).key for name in ("home", "away")}
    with home.store.read() as transaction:
        assert delays_in(transaction).of == {}

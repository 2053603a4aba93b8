"""Global datastores on a pretend machine: who copies whom, and who takes whose place, whatever breaks meanwhile."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cachewright.agents.memory.processes import Process
from cachewright.agents.planning.containers import State
from cachewright.agents.planning.labels import LIFE, NODE
from cachewright.agents.planning.outside import with_others
from cachewright.agents.planning.world import World
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.global_replication_groups import Membership, Role
from cachewright.controlplane.model.lifecycle import Phase
from tests.agents.test_crashes import moments
from tests.house import REGION, House, house

AWAY, THIRD = "eu-west-1", "ap-south-1"
ID = "ldgnf-world"
PLACES = {"home": REGION, "away": AWAY, "third": THIRD}


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A house with a datastore of two members, `home` and `away`."""
    return pair(tmp_path)


def pair(directory: Path, nodes: int = 2) -> House:
    """A house with a datastore of two members of so many nodes, of which the primary holds a key."""
    home = house(directory)
    home.group("home", nodes, CacheNodeType="cache.r6g.large")
    home.call("CreateGlobalReplicationGroup", GlobalReplicationGroupIdSuffix="world", PrimaryReplicationGroupId="home")
    add(home, "away", nodes)
    home.settle()
    write(home, "home", "k", "v")
    return home


def add(home: House, name: str, nodes: int = 2) -> None:
    """A secondary, not settled."""
    asked = {"ReplicationGroupId": name, "ReplicationGroupDescription": "d", "GlobalReplicationGroupId": ID}
    home.call_in(PLACES[name], "CreateReplicationGroup", **asked, NumCacheClusters=nodes)


def fail_over(home: House, name: str = "away") -> None:
    place = {"PrimaryRegion": PLACES[name], "PrimaryReplicationGroupId": name}
    home.call("FailoverGlobalReplicationGroup", GlobalReplicationGroupId=ID, **place)


def member(home: House, name: str) -> Cache:
    return home.cache(Kind.REPLICATION_GROUP, name, PLACES[name])


def processes(home: House, name: str) -> dict[str, Process]:
    """What runs, by node."""
    nodes = member(home, name).status.nodes
    return {node: home.machine.processes.at(known.address.host) for node, known in nodes.items()}


def leader(home: House, name: str) -> str:
    """The node that leads a member."""
    return member(home, name).status.shards["0001"].primary


def write(home: House, name: str, key: str, value: str) -> None:
    host = member(home, name).status.nodes[leader(home, name)].address.host
    home.machine.processes.write(host, key, value)


def assert_led_by(home: House, name: str, **data: str) -> None:
    """One member takes writes, the others copy it, and all have the data."""
    first = processes(home, name)[leader(home, name)]
    assert first.leader == ""
    for other in PLACES:
        if other not in (name, *named(home)):
            continue
        cache, every = member(home, other), processes(home, other)
        own = every[leader(home, other)]
        assert cache.phase is Phase.AVAILABLE, cache.status
        assert own.leader == ("" if other == name else first.address)
        assert {p.leader for p in every.values() if p is not own} <= {own.address}
        assert not any(p.held for p in every.values())
        assert all(p.data == data for p in every.values())
    shown = home.call("DescribeGlobalReplicationGroups", GlobalReplicationGroupId=ID, ShowMemberInfo=True)
    (datastore,) = shown["GlobalReplicationGroups"]
    assert datastore["Status"] == "available"
    assert [m["ReplicationGroupId"] for m in datastore["Members"] if m["Role"] == "PRIMARY"] == [name]


def named(home: House) -> list[str]:
    """The members by name."""
    shown = home.call("DescribeGlobalReplicationGroups", GlobalReplicationGroupId=ID, ShowMemberInfo=True)
    (datastore,) = shown["GlobalReplicationGroups"]
    return [one["ReplicationGroupId"] for one in datastore["Members"]]


def test_a_secondary_copies_the_primary_and_takes_no_writes(home: House) -> None:
    assert_led_by(home, "home", k="v")
    with pytest.raises(ConnectionError, match="it takes no writes"):
        write(home, "away", "k", "x")


def test_a_secondary_comes_with_all_that_the_primary_holds(home: House) -> None:
    add(home, "third", 3)
    home.settle()
    assert_led_by(home, "home", k="v")


@pytest.mark.parametrize("fault", ["kill", "pause", "remove"])
@pytest.mark.parametrize("name", ["home", "away"])
def test_a_member_that_loses_its_primary_mends_itself(home: House, name: str, fault: str) -> None:
    before = leader(home, name)
    getattr(home.machine, fault)(home.container(before))
    home.settle()
    home.settle()
    assert leader(home, name) != before
    assert_led_by(home, "home", k="v")


def test_a_secondary_becomes_a_group_of_its_own(home: House) -> None:
    asked = {"ReplicationGroupId": "away", "ReplicationGroupRegion": AWAY}
    home.call("DisassociateGlobalReplicationGroup", GlobalReplicationGroupId=ID, **asked)
    home.settle()
    write(home, "away", "own", "x")
    write(home, "home", "more", "y")
    assert processes(home, "away")[leader(home, "away")].data == {"k": "v", "own": "x"}
    home.call("DeleteGlobalReplicationGroup", GlobalReplicationGroupId=ID, RetainPrimaryReplicationGroup=True)
    home.settle()
    assert processes(home, "home")[leader(home, "home")].data == {"k": "v", "more": "y"}


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_secondary_takes_over_and_gives_it_back(nodes: int, tmp_path: Path) -> None:
    home = pair(tmp_path, nodes)
    lives = {node: known.life for node, known in member(home, "home").status.nodes.items()}
    fail_over(home)
    home.settle()
    home.settle()
    assert_led_by(home, "away", k="v")
    assert {node: known.life for node, known in member(home, "home").status.nodes.items()} == lives, "nobody is rebuilt"
    write(home, "away", "more", "x")
    fail_over(home, "home")
    home.settle()
    home.settle()
    assert_led_by(home, "home", k="v", more="x")


def test_everybody_follows_whoever_took_over(home: House) -> None:
    add(home, "third")
    home.settle()
    fail_over(home)
    home.settle()
    home.settle()
    assert_led_by(home, "away", k="v")


def test_who_took_over_makes_the_others_due(home: House) -> None:
    fail_over(home)
    woken: set[object] = set()
    home.store.wake(woken.update)
    home.settle(member(home, "away").key)
    assert member(home, "home").key in woken


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_region_that_is_down_is_not_waited_for(nodes: int, tmp_path: Path) -> None:
    home = pair(tmp_path, nodes)
    zones = frozenset(f"{REGION}{letter}" for letter in "abc")
    home.restart(zones_down=zones)
    for node in tuple(member(home, "home").status.nodes):
        home.machine.kill(home.container(node))
    for _ in range(4):
        home.reconcile(member(home, "home").key)
    assert member(home, "home").phase is Phase.MODIFYING
    fail_over(home)
    for _ in range(4):
        home.reconcile(member(home, "home").key)
        home.reconcile(member(home, "away").key)
    write(home, "away", "more", "x")
    home.restart()
    home.settle()
    home.settle()
    assert_led_by(home, "away", k="v", more="x")


def nothing(_home: House) -> None:
    """All is well."""


def kill(name: str) -> Callable[[House], None]:
    """The primary of a member dies."""

    def do(home: House) -> None:
        home.machine.kill(home.container(leader(home, name)))

    do.__name__ = f"kill_{name}"
    return do


@pytest.mark.parametrize(("nodes", "turns"), [(1, ("home", "away")), (2, ("away",)), (2, ("home", "away"))])
@pytest.mark.parametrize("fault", [nothing, kill("home"), kill("away")], ids=lambda fault: fault.__name__)
def test_every_prefix_of_a_failover_comes_to_rest_with_one_primary(
    fault: Callable[[House], None], nodes: int, turns: tuple[str, ...], tmp_path: Path
) -> None:
    home = pair(tmp_path, nodes)
    fail_over(home)
    for _ in moments(home, lambda: [home.reconcile(member(home, name).key) for name in turns]):
        fault(home)
        home.settle()
        home.settle()
        kept = {} if fault.__name__ == "kill_away" and nodes == 1 and lost_all(home) else {"k": "v"}
        assert_led_by(home, "away", **kept)


def lost_all(home: House) -> bool:
    """Whether the only node that led had died with all that it held, which no replica had yet."""
    return not processes(home, "away")[leader(home, "away")].data


def may_write(home: House, node: str) -> bool:
    """Whether the first life of a node is in reach, whether it answers or not."""
    lives = [c for c in home.containers() if c.labels[NODE] == node and c.labels[LIFE] == "1"]
    return any(c.connected and c.state in (State.RUNNING, State.PAUSED) for c in lives)


@pytest.mark.parametrize("turns", [("home", "away"), ("away", "home")], ids=lambda turns: turns[0])
@pytest.mark.parametrize("fault", ["pause", "disconnect"])
def test_nobody_takes_over_while_a_primary_that_does_not_answer_may_take_writes(
    fault: str, turns: tuple[str, ...], home: House
) -> None:
    first = leader(home, "home")
    getattr(home.machine, fault)(home.container(first))
    fail_over(home)
    for name in turns * 3:
        home.reconcile(member(home, name).key)
        led = not processes(home, "away")[leader(home, "away")].leader
        assert not (led and may_write(home, first))
    home.settle()
    home.settle()
    assert_led_by(home, "away", k="v")


@pytest.mark.parametrize("datastore", ["", "ldgnf-other"])
def test_who_only_has_the_name_of_a_predecessor_is_not_copied(datastore: str, home: House) -> None:
    """It was a member that left and was deleted, before the successor took its place."""
    fail_over(home)
    away, other = member(home, "away"), member(home, "home")
    assert with_others(away, World(), other).predecessors["0001"] is not None
    elsewhere = Membership(datastore, Role.PRIMARY) if datastore else None
    namesake = replace(other, spec=replace(other.spec, upstream=None, datastore=elsewhere))
    assert with_others(away, World(), namesake).predecessors["0001"] is None


def test_a_change_rolls_through_all_members_and_loses_nothing(home: House) -> None:
    asked = {"CacheNodeType": "cache.r6g.xlarge", "ApplyImmediately": True}
    home.call("ModifyGlobalReplicationGroup", GlobalReplicationGroupId=ID, **asked)
    home.settle()
    home.settle()
    assert_led_by(home, "home", k="v")
    kinds = {home.call_in(PLACES[name], "DescribeReplicationGroups")["ReplicationGroups"][0]["CacheNodeType"]
             for name in ("home", "away")}  # fmt: skip
    assert kinds == {"cache.r6g.xlarge"}


def test_members_run_on_when_they_get_parameter_groups_of_their_own_and_are_told_alike(home: House) -> None:
    lives = {name: [node.life for node in member(home, name).status.nodes.values()] for name in ("home", "away")}
    assert {life for known in lives.values() for life in known} == {1}
    group = member(home, "away").spec.parameter_group
    asked = [{"ParameterName": "timeout", "ParameterValue": "60"}]
    home.call_in(AWAY, "ModifyCacheParameterGroup", CacheParameterGroupName=group, ParameterNameValues=asked)
    home.settle()
    told = {p.configuration["timeout"] for name in lives for p in processes(home, name).values()}
    assert told == {"60"}
    assert lives == {name: [node.life for node in member(home, name).status.nodes.values()] for name in lives}
    assert_led_by(home, "home", k="v")


def give_way_in_vain(home: House) -> None:
    """The successor dies for good while writes are held back: the predecessor waits for it."""
    fail_over(home)
    fallen: list[str] = []

    def fall(_address: str) -> None:
        if not fallen:
            fallen.append(AWAY)
            for node in tuple(member(home, "away").status.nodes):
                home.machine.kill(home.container(node))

    home.machine.holding = fall
    home.restart(zones_down=frozenset(f"{AWAY}{letter}" for letter in "abc"))
    for _ in range(4):
        home.reconcile(member(home, "away").key)
        home.reconcile(member(home, "home").key)
    assert fallen
    home.clock.moment += timedelta(seconds=3)
    home.reconcile(member(home, "home").key)
    assert member(home, "home").reason.endswith("which has not taken its place yet.")


def goes_on(home: House) -> None:
    """The predecessor is asked to lead, and the other region is back."""
    fail_over(home, "home")
    home.restart()
    home.settle()
    home.settle()


def test_whoever_gave_way_goes_on_when_it_is_asked_for_once_more(home: House) -> None:
    give_way_in_vain(home)
    with pytest.raises(ConnectionError, match="holds writes back"):
        write(home, "home", "lost", "x")
    goes_on(home)
    assert_led_by(home, "home", k="v")
    write(home, "home", "more", "x")
    assert_led_by(home, "home", k="v", more="x")


def test_nobody_takes_over_from_one_that_was_chosen_as_long_as_its_rival_may_take_writes(home: House) -> None:
    """The agent of the primary region has decided who leads, and died before the old primary was out of reach."""
    first, waited = leader(home, "home"), False
    home.machine.pause(home.container(first))
    for _ in moments(home, lambda: home.settle(member(home, "home").key)):
        if leader(home, "home") == first or not may_write(home, first):
            continue
        fail_over(home)
        home.reconcile(member(home, "away").key)
        assert processes(home, "away")[leader(home, "away")].leader, "it goes on to copy"
        waited = True
    assert waited

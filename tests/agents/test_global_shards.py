"""Shards of a global datastore that come and go, and slots that move, on a pretend machine."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cachewright.agents.planning.labels import NODE
from cachewright.controlplane.model.slots import parsed, size
from tests.agents.test_crashes import moments
from tests.agents.test_global_clusters import (
    HOUSES,
    ID,
    assert_cluster,
    assert_copies,
    fail_over,
    lives,
    member,
    of_any_engine,
    pair,
    processes,
    write,
)
from tests.house import House


@pytest.fixture(params=HOUSES)
def home(tmp_path: Path, request: pytest.FixtureRequest) -> House:
    """A house with a datastore of two members of two shards, `home` and `away`."""
    return pair(tmp_path, **HOUSES[request.param])


def regroup(home: House, operation: str, **params: object) -> None:
    home.call(f"{operation}InGlobalReplicationGroup", GlobalReplicationGroupId=ID, ApplyImmediately=True, **params)


def increase(home: House) -> None:
    """A third shard."""
    regroup(home, "IncreaseNodeGroups", NodeGroupCount=3)


def decrease(home: House) -> None:
    """The first of three shards goes."""
    regroup(home, "DecreaseNodeGroups", NodeGroupCount=2, GlobalNodeGroupsToRemove=[f"{ID}-0001"])


def settle(home: House) -> None:
    """Nobody may be as desired before the other is."""
    home.settle()
    home.settle()


def status(home: House) -> str:
    return str(home.call("DescribeGlobalReplicationGroups")["GlobalReplicationGroups"][0]["Status"])


def shards(home: House, name: str) -> dict[str, str]:
    return {shard: known.slots for shard, known in member(home, name).status.shards.items()}


@of_any_engine
@pytest.mark.parametrize("replicas", [0, 1])
def test_shards_come_and_go(replicas: int, engine: Mapping[str, str], tmp_path: Path) -> None:
    home = pair(tmp_path, replicas, engine=engine)
    increase(home)
    assert status(home) == "modifying"
    settle(home)
    assert status(home) == "available"
    assert set(shards(home, "away")) == {"0001", "0002", "0003"}
    assert shards(home, "away") == shards(home, "home")
    assert_cluster(home, "home")
    assert_copies(home, "away", "home")
    assert set(lives(home, "home")) == {1}
    write(home, "home", "more", "x")
    decrease(home)
    settle(home)
    assert set(shards(home, "away")) == {"0002", "0003"}
    assert_cluster(home, "home", more="x")
    assert_copies(home, "away", "home", more="x")


def test_slots_are_dealt_out_evenly(tmp_path: Path) -> None:
    home = pair(tmp_path, slots=["0-99", "100-16383"])
    regroup(home, "RebalanceSlots")
    settle(home)
    assert {size(parsed(slots)) for slots in shards(home, "home").values()} == {8192}
    assert_cluster(home, "home")
    assert_copies(home, "away", "home")


def test_a_failover_afterwards_loses_nothing(home: House) -> None:
    increase(home)
    settle(home)
    fail_over(home)
    settle(home)
    assert_cluster(home, "away")
    assert_copies(home, "home", "away")
    decrease(home)
    settle(home)
    assert_cluster(home, "away")
    assert_copies(home, "home", "away")


def test_one_node_after_the_other_is_told(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is rebuilt while another node of the secondary is away."""
    increase(home)
    first = member(home, "away").status.nodes
    removed: set[str] = set()

    def remove(container: str) -> None:
        if begun := [name for name in first if container.endswith(name)]:
            others = [known.address.host for name, known in first.items() if name not in begun]
            assert [home.machine.processes.at(host) for host in others], "all of them answer"
            removed.update(begun)
        machine_remove(container)

    machine_remove = home.machine.remove
    monkeypatch.setattr(home.machine, "remove", remove)
    settle(home)
    assert removed == set(first)
    after = member(home, "away").status.nodes
    assert {known.life for known in after.values()} == {2}, "those of the new shard, too, which were there before slots"
    assert_copies(home, "away", "home")


def test_nobody_is_told_before_all_slots_have_arrived(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Meanwhile the new shard of the secondary receives what arrives in the primary's."""
    increase(home)
    seen: list[set[int]] = []

    def look(_address: str) -> None:
        home.reconcile(member(home, "away").key)
        seen.append(set(lives(home, "away")))

    monkeypatch.setattr(home.machine, "moving", look)
    home.reconcile(member(home, "away").key)
    settle(home)
    assert seen
    assert all(each == {1} for each in seen)
    assert_copies(home, "away", "home")


def nothing(_home: House) -> None:
    """All is well."""


def kill(name: str) -> Callable[[House], None]:
    """A node of the first shard of a member dies."""

    def do(home: House) -> None:
        cache = member(home, name)
        node = cache.spec.shards[0].nodes[0].name
        for container in (c.name for c in home.containers() if c.labels[NODE] == node):
            home.machine.kill(container)

    do.__name__ = f"kill_{name}"
    return do


@pytest.mark.parametrize(
    ("deed", "fault"),
    [(increase, nothing), (increase, kill("home")), (increase, kill("away")), (decrease, nothing)],
    ids=lambda each: each.__name__,
)
def test_every_prefix_of_it_comes_to_rest(
    deed: Callable[[House], None], fault: Callable[[House], None], tmp_path: Path
) -> None:
    home = pair(tmp_path, shards=2 if deed is increase else 3)
    deed(home)
    for _ in moments(home, lambda: settle(home)):
        fault(home)
        settle(home)
        assert_cluster(home, "home")
        assert_copies(home, "away", "home")


@pytest.mark.parametrize("after", [2, 5, 8, 12])
def test_a_region_that_is_lost_meanwhile_is_replaced(after: int, tmp_path: Path) -> None:
    """The other region goes on from wherever it was."""
    home = pair(tmp_path)
    increase(home)
    for _ in range(after):
        home.reconcile(member(home, "home").key)
        home.reconcile(member(home, "away").key)
    held = {key for process in processes(home, "away").values() for key in process.data}
    home.restart(zones_down=frozenset(f"us-east-1{letter}" for letter in "abc"))
    for node in tuple(member(home, "home").status.nodes):
        home.machine.kill(home.container(node))
    for _ in range(4):
        home.reconcile(member(home, "home").key)
    fail_over(home)
    for _ in range(30):
        home.reconcile(member(home, "home").key)
        home.reconcile(member(home, "away").key)
    home.restart()
    settle(home)
    assert held
    assert_cluster(home, "away")
    assert_copies(home, "home", "away")

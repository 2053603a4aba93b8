"""Global datastores on a pretend machine: whoever is left with what a shard holds leads it, whoever else is lost."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from cachewright.agents.planning.explain import explain
from cachewright.agents.planning.outages import Outages
from cachewright.agents.planning.placement import Sites
from cachewright.controlplane.model.slots import slot_of
from tests.agents.test_crashes import moments
from tests.agents.test_global_clusters import (
    AWAY,
    KEYS,
    PLACES,
    assert_cluster,
    assert_copies,
    assert_held,
    disassociate,
    fail_over,
    kill,
    leaders,
    lives,
    member,
    of_any_engine,
    pair,
    processes,
    write,
)
from tests.house import House

TURNS = 12  # of a look at a member, and of what follows from it
of_either_deed = pytest.mark.parametrize("deed", [fail_over, disassociate], ids=lambda deed: deed.__name__)
of_either_order = pytest.mark.parametrize("order", [("home", "away"), ("away", "home")], ids=lambda order: order[0])


def settle(home: House) -> None:
    home.settle()
    home.settle()


def lose(home: House, name: str = "home") -> None:
    """The region of a member is down, and all nodes there have died."""
    home.restart(zones_down=frozenset(f"{PLACES[name]}{letter}" for letter in "abc"))
    for known in member(home, name).status.nodes.values():
        if holder := home.machine.holder(known.address.host):
            home.machine.kill(holder)


def look(home: House, names: Sequence[str] = ("home", "away"), count: int = 6) -> None:
    """Members are looked at, in turn, for as long as it takes to do what can be done: at the latest until all rest in a
    round in which nothing was written. The next round would be the same.
    """
    for _ in range(count):
        before = [member(home, name) for name in names]
        delays = [home.reconcile(cache.key, turns=TURNS) for cache in before]
        if delays == [None] * len(names) and [member(home, name) for name in names] == before:
            return


@of_any_engine
@pytest.mark.parametrize("shards", [1, 2])
@of_either_order
@pytest.mark.parametrize("also", [kill("home"), lose], ids=["primary", "region"])
def test_every_prefix_of_a_failover_survives_the_loss_of_both_primaries(
    also: Callable[[House], None], order: Sequence[str], shards: int, engine: Mapping[str, str], tmp_path: Path
) -> None:
    home = pair(tmp_path, shards=shards, engine=engine)
    fail_over(home)
    for _ in moments(home, lambda: look(home, order, 2)):
        kill("away")(home)
        also(home)
        look(home, order)
        assert_held(home, "away")
        home.restart()
        settle(home)
        assert_cluster(home, "away")
        assert_copies(home, "home", "away")


@of_any_engine
@pytest.mark.parametrize("shards", [1, 2])
@of_either_order
def test_what_a_new_primary_took_survives_it_though_nobody_has_seen_it_lead(
    order: Sequence[str], shards: int, engine: Mapping[str, str], tmp_path: Path
) -> None:
    home = pair(tmp_path, shards=shards, engine=engine)
    key, first = next(key for key in KEYS if slot_of(key) < 8192), leaders(home, "home")[0]
    old = member(home, "home").status.nodes[first].address.host
    fail_over(home)
    unseen = 0
    for _ in moments(home, lambda: home.reconcile(member(home, "away").key)):
        if not takes_writes(home, leaders(home, "away")[0]) or old in home.machine.processes:
            continue
        unseen += member(home, "away").status.shards["0001"].upstream is not None
        write(home, "away", key, "x")
        kill("away")(home)
        look(home, order)
        settle(home)
        assert_cluster(home, "away", **{key: "x"})
        assert_copies(home, "home", "away", **{key: "x"})
    assert unseen


@of_any_engine
@pytest.mark.parametrize("shards", [1, 2])
@of_either_deed
def test_a_replica_leads_whose_primary_has_lost_everything_with_the_other_region(
    deed: Callable[[House], None], shards: int, engine: Mapping[str, str], tmp_path: Path
) -> None:
    home = pair(tmp_path, shards=shards, engine=engine)
    first = leaders(home, "away")[0]
    lose(home)
    kill("away")(home)
    look(home)
    assert not processes(home, "away")[first].data, "it has begun anew"
    deed(home)
    look(home)
    write(home, "away", "more", "x")
    assert leaders(home, "away")[0] != first
    home.settle(member(home, "away").key)
    assert_cluster(home, "away", more="x")


@of_either_deed
def test_it_is_explained_why(deed: Callable[[House], None], tmp_path: Path) -> None:
    home = pair(tmp_path)
    first, second = (node.name for node in member(home, "away").spec.shards[0].nodes)
    lose(home)
    kill("away")(home)
    look(home)
    deed(home)
    told: set[str] = set()
    for _ in moments(home, lambda: look(home)):
        told |= {*explain(member(home, "away"), Sites(), (), Outages(), home.clock.moment)}
    why = f"it has what the shard held, and nobody is left whom {first} could copy."
    assert f"Node {second} takes the place of {first}: {why}" in told


@of_any_engine
def test_every_prefix_of_a_disassociation_survives_the_loss_of_a_primary(
    engine: Mapping[str, str], tmp_path: Path
) -> None:
    home = pair(tmp_path, engine=engine)
    disassociate(home)
    for _ in moments(home, lambda: home.settle(member(home, "away").key)):
        kill("away")(home)
        lose(home)
        home.settle(member(home, "away").key)
        assert_cluster(home, "away")


@of_any_engine
@pytest.mark.parametrize("replicas", [0, 1])
def test_a_shard_that_leads_already_loses_its_primary_while_another_one_does_not(
    replicas: int, engine: Mapping[str, str], tmp_path: Path
) -> None:
    home = pair(tmp_path, replicas, engine=engine)
    first, second = leaders(home, "away")
    processes(home, "away")[second].stalled = True
    fail_over(home)
    look(home)
    shards = member(home, "away").status.shards.values()
    assert [known.upstream is None for known in shards] == [True, False]
    write(home, "away", "k2", "x")
    kill("away")(home)
    look(home)
    assert (leaders(home, "away")[0] != first) is bool(replicas)
    processes(home, "away")[second].stalled = False
    settle(home)
    if replicas:
        assert_cluster(home, "away", k2="x")
        assert_copies(home, "home", "away", k2="x")


@pytest.mark.parametrize("begun", [False, True])
@of_either_deed
def test_nobody_leads_with_nothing_while_a_replica_may_answer_again(
    deed: Callable[[House], None], begun: bool, tmp_path: Path
) -> None:
    home = pair(tmp_path)
    first, second = (node.name for node in member(home, "away").spec.shards[0].nodes)
    lose(home)
    look(home)
    kill("away")(home)
    if begun:  # the primary has begun anew before its replica is busy
        look(home, count=1)
    replica = home.machine.processes.at(member(home, "away").status.nodes[second].address.host)
    replica.busy = True
    deed(home)
    look(home)
    assert leaders(home, "away")[0] == first
    assert not takes_writes(home, first)
    replica.busy = False
    home.settle(member(home, "away").key)
    assert leaders(home, "away")[0] == second
    assert_cluster(home, "away")


def takes_writes(home: House, node: str) -> bool:
    """Whether a node of the second region runs, and leads."""
    host = member(home, "away").status.nodes[node].address.host
    return host in home.machine.processes and not home.machine.processes.at(host).leader


def test_no_primary_begins_anew_on_demand_while_it_reaches_nobody_to_copy(tmp_path: Path) -> None:
    home = pair(tmp_path)
    processes(home, "away")[leaders(home, "away")[0]].stalled = True
    home.call_in(AWAY, "TestFailover", ReplicationGroupId="away", NodeGroupId="0001")
    look(home)
    assert lives(home, "away") == [1, 1, 1, 1]
    processes(home, "away")[leaders(home, "away")[0]].stalled = False
    settle(home)
    assert lives(home, "away") == [2, 1, 1, 1]
    assert_copies(home, "away", "home")

"""A node that works and does not answer is not one that hangs: what it holds is not thrown away."""

from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cachewright.agents.memory.processes import Process
from cachewright.agents.planning.world import Sight, World
from cachewright.agents.reconcile.observe import ASKERS, Look
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.lifecycle import Phase
from tests.agents.test_reconcile import assert_sound, home_key
from tests.house import PATIENCE, House, house


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A new house."""
    return house(tmp_path)


def process(home: House, cache: Cache, name: str) -> Process:
    return home.machine.processes.at(cache.status.nodes[name].address.host)


def wait(home: House, patiences: float) -> Cache:
    """Look now and then for some time."""
    until = home.clock.moment + patiences * PATIENCE
    while home.clock.moment < until:
        home.reconcile(home_key(home), turns=100)
    return home.cache(Kind.REPLICATION_GROUP, "rg")


def late(cache: Cache, count: int, running: int) -> Look:
    """A look in which nothing is missing but the answers of so many silent nodes, some of which are being asked."""
    futures = [Future[list[tuple[str, Sight]]]() for _ in range(count)]
    for future in futures[:running]:
        future.set_running_or_notify_cancel()
    return Look(cache, World(), datetime.now(UTC), (), tuple(futures), ())


@pytest.mark.parametrize(("count", "running", "suffices"), [(1, 1, True), (2, 1, False), (ASKERS, ASKERS, False)])
def test_the_patience_ends_a_look_only_when_every_silent_node_is_being_asked(
    home: House, count: int, running: int, suffices: bool
) -> None:
    assert late(home.cluster("one"), count, running).suffices is suffices


def test_the_only_copy_outlives_any_work(home: House) -> None:
    before = home.group("rg", nodes=1)
    node = process(home, before, "rg-001.0001")
    node.data["key"], node.busy = "value", True
    during = wait(home, 11)
    assert during.status.nodes["rg-001.0001"].life == 1
    assert during.status.phase is Phase.MODIFYING
    node.busy = False
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert after.status.phase is Phase.AVAILABLE
    assert process(home, after, "rg-001.0001").data == {"key": "value"}
    assert after.status.nodes["rg-001.0001"].busy_since is None


def test_others_stand_in_for_a_node_that_works_for_too_long(home: House) -> None:
    before = home.group("rg", nodes=2)
    process(home, before, "rg-001.0001").busy = True
    since = home.clock.moment
    home.settle()
    assert home.cache(Kind.REPLICATION_GROUP, "rg").status.shards["0001"].primary == "rg-002.0001"
    assert home.clock.moment - since > 10 * PATIENCE


def test_a_node_that_neither_answers_nor_works_is_rebuilt(home: House) -> None:
    before = home.group("rg", nodes=1)
    process(home, before, "rg-001.0001").reached = False
    assert wait(home, 2).status.nodes["rg-001.0001"].life == 2


def test_a_node_that_stops_working_is_rebuilt_after_the_patience(home: House) -> None:
    before = home.group("rg", nodes=1)
    node = process(home, before, "rg-001.0001")
    node.busy = True
    assert wait(home, 3).status.nodes["rg-001.0001"].life == 1
    node.busy, node.reached = False, False
    assert wait(home, 2).status.nodes["rg-001.0001"].life == 2


def test_without_automatic_failover_a_replica_is_no_copy(home: House) -> None:
    """Nobody takes the place of a primary that is rebuilt; its replicas would copy the empty one."""
    before = home.group("rg", nodes=2, AutomaticFailoverEnabled=False)
    node = process(home, before, "rg-001.0001")
    node.busy = True
    assert wait(home, 12).status.nodes["rg-001.0001"].life == 1


def test_a_replica_that_is_busy_while_its_primary_dies_leads_when_it_is_done(home: House) -> None:
    before = home.group("rg", nodes=2)
    home.machine.processes.write(before.status.nodes["rg-001.0001"].address.host, "key", "value")
    node = process(home, before, "rg-002.0001")
    node.busy = True
    home.machine.kill(home.container("rg-001.0001"))
    during = wait(home, 12)
    assert during.status.nodes["rg-002.0001"].life == 1
    node.busy = False
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert after.status.shards["0001"].primary == "rg-002.0001"
    assert process(home, after, "rg-001.0001").data == {"key": "value"}


def test_a_busy_node_is_rebooted_when_that_is_asked_for(home: House) -> None:
    before = home.group("rg", nodes=1)
    process(home, before, "rg-001.0001").busy = True
    wait(home, 1)
    with home.store.write() as transaction:
        cache = home.cache(Kind.REPLICATION_GROUP, "rg")
        shard = cache.spec.shards[0]
        nodes = tuple(replace(node, reboots=node.reboots + 1) for node in shard.nodes)
        transaction.caches.write_spec(cache, replace(cache.spec, shards=(replace(shard, nodes=nodes),)))
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert after.status.nodes["rg-001.0001"].reboots == 1
    assert after.status.nodes["rg-001.0001"].life == 1


def test_a_script_that_may_be_ended_is_ended(home: House) -> None:
    before = home.group("rg", nodes=1)
    node = process(home, before, "rg-001.0001")
    node.data["key"], node.busy, node.script = "value", True, True
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert process(home, after, "rg-001.0001").data == {"key": "value"}

"""Parameter values on their way to the nodes: what is told to running ones, and what waits for a reboot."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from cachewright.agents.memory.processes import Process
from cachewright.agents.queries.engines import LiveEngines
from cachewright.agents.toolbox import LazyTools
from cachewright.controlplane.model.cache import Cache, Kind, NodeStatus
from cachewright.controlplane.model.fingerprints import fingerprints_of
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.parameter_status import ApplyStatus, apply_status
from tests.agents.test_crashes import Crash, Fuse, fused
from tests.agents.test_reconcile import assert_sound, home_key
from tests.house import House, house

FAMILY = "redis7"


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A house with a parameter group that sets nothing."""
    return prepared(tmp_path)


def prepared(directory: Path) -> House:
    new = house(directory)
    new.call(
        "CreateCacheParameterGroup", CacheParameterGroupName="own", CacheParameterGroupFamily=FAMILY, Description="d"
    )
    return new


def modify(home: House, **values: str) -> None:
    pairs = [{"ParameterName": name.replace("_", "-"), "ParameterValue": value} for name, value in values.items()]
    home.call("ModifyCacheParameterGroup", CacheParameterGroupName="own", ParameterNameValues=pairs)


def group(home: House) -> Cache:
    return home.cache(Kind.REPLICATION_GROUP, "rg")


def processes(home: House, cache: Cache) -> list[Process]:
    return [home.machine.processes.at(node.address.host) for node in cache.status.nodes.values()]


def shown(home: House, cache: Cache, directive: str) -> set[str]:
    """The values of a directive, at all nodes."""
    return {process.configuration[directive] for process in processes(home, cache)}


def starts(home: House, cache: Cache) -> list[str]:
    return [process.run_id for process in processes(home, cache)]


def statuses(cache: Cache) -> set[ApplyStatus]:
    return {apply_status(cache, node) for node in cache.spec.nodes}


def test_nodes_begin_with_the_values_of_their_group(home: House) -> None:
    modify(home, timeout="30", databases="3", maxmemory_policy="allkeys-lru")
    cache = home.group("rg", CacheParameterGroupName="own")
    assert shown(home, cache, "timeout") == {"30"}
    assert shown(home, cache, "databases") == {"3"}
    assert shown(home, cache, "maxmemory-policy") == {"allkeys-lru"}
    assert statuses(cache) == {ApplyStatus.IN_SYNC}


def test_immediate_values_reach_running_nodes(home: House) -> None:
    before = home.group("rg", CacheParameterGroupName="own")
    began = starts(home, before)
    modify(home, timeout="30", reserved_memory_percent="50")
    assert statuses(group(home)) == {ApplyStatus.APPLYING}
    home.settle()
    after = group(home)
    assert shown(home, after, "timeout") == {"30"}
    assert shown(home, after, "maxmemory") == {str(536_870_912 // 2)}
    assert starts(home, after) == began
    assert statuses(after) == {ApplyStatus.IN_SYNC}
    assert_sound(home, after)


def test_values_come_back_with_a_reset(home: House) -> None:
    modify(home, timeout="30")
    cache = home.group("rg", CacheParameterGroupName="own")
    began = starts(home, cache)
    home.call("ResetCacheParameterGroup", CacheParameterGroupName="own", ResetAllParameters=True)
    home.settle()
    assert shown(home, cache, "timeout") == {"0"}
    assert starts(home, cache) == began


@pytest.mark.parametrize("value", ["31", "0"])
def test_a_cache_is_available_while_its_values_change(home: House, value: str) -> None:
    """Also when a value goes back to the default of the family, which is no value of the group's own."""
    home.group("rg", CacheParameterGroupName="own")
    modify(home, timeout="30")
    home.settle()
    seen: list[tuple[Phase, set[ApplyStatus]]] = []

    def look(_name: str, _value: str) -> str:
        cache = group(home)
        seen.append((cache.phase, statuses(cache)))
        return ""

    home.machine.objection = look
    modify(home, timeout=value)
    home.settle()
    assert seen
    assert all(each == (Phase.AVAILABLE, {ApplyStatus.APPLYING}) for each in seen)
    assert statuses(group(home)) == {ApplyStatus.IN_SYNC}


def test_another_group_does_not_rebuild_the_nodes(home: House) -> None:
    modify(home, timeout="30")
    before = home.group("rg")
    began = starts(home, before)
    home.call("ModifyReplicationGroup", ReplicationGroupId="rg", CacheParameterGroupName="own", ApplyImmediately=True)
    home.settle()
    assert shown(home, group(home), "timeout") == {"30"}
    assert starts(home, before) == began


def test_what_needs_a_reboot_waits_for_it(home: House) -> None:
    home.group("rg", CacheParameterGroupName="own")
    ask_static(home, "rename-commands", "KEYS HIDDEN")
    home.settle()
    waiting = group(home)
    assert statuses(waiting) == {ApplyStatus.PENDING_REBOOT}
    assert waiting.phase.value == "available"
    home.call("RebootCacheCluster", CacheClusterId="rg-002", CacheNodeIdsToReboot=["0001"])
    home.settle()
    after = group(home)
    assert [apply_status(after, node).value for node in after.spec.nodes] == [
        "pending-reboot",
        "in-sync",
        "pending-reboot",
    ]
    assert (
        home.machine.processes.at(after.status.nodes["rg-002.0001"].address.host).configuration["rename-command"]
        == "KEYS HIDDEN"
    )
    assert_sound(home, after)


def ask_static(home: House, name: str, value: str) -> None:
    with home.store.write() as transaction:
        cache = group(home)
        transaction.caches.write_spec(cache, replace(cache.spec, parameters=((name, value),)))


def test_a_reboot_leaves_immediate_values_as_they_are_wished(home: House) -> None:
    """A restarted container begins with its old command line."""
    home.group("rg", CacheParameterGroupName="own")
    modify(home, timeout="30")
    home.settle()
    home.call("RebootCacheCluster", CacheClusterId="rg-002", CacheNodeIdsToReboot=["0001"])
    home.settle()
    after = group(home)
    rebooted = home.machine.processes.at(after.status.nodes["rg-002.0001"].address.host)
    assert rebooted.boot == 2
    assert shown(home, after, "timeout") == {"30"}


def test_a_node_that_is_replaced_begins_with_everything(home: House) -> None:
    home.group("rg", CacheParameterGroupName="own")
    ask_static(home, "rename-commands", "KEYS HIDDEN")
    home.settle()
    home.machine.kill(home.container("rg-003.0001"))
    home.settle()
    after = group(home)
    assert apply_status(after, after.spec.nodes[2]) is ApplyStatus.IN_SYNC


def test_a_refused_value_says_so_and_is_tried_again(home: House) -> None:
    home.group("rg", CacheParameterGroupName="own")
    home.machine.objection = lambda name, value: "no such timeout" if (name, value) == ("timeout", "30") else ""
    modify(home, timeout="30")
    assert home.reconcile(home_key(home)) is not None
    assert home.reconcile(home_key(home)) is not None
    stuck = group(home)
    assert "no such timeout" in stuck.status.reason
    assert statuses(stuck) == {ApplyStatus.APPLYING}
    home.machine.objection = lambda _name, _value: ""
    home.settle()
    assert statuses(group(home)) == {ApplyStatus.IN_SYNC}


def test_a_dry_run_tells_what_an_engine_says(home: House) -> None:
    cache = home.group("rg")
    tried: list[tuple[str, str]] = []

    def objection(name: str, value: str) -> str:
        tried.append((name, value))
        return "it cannot" if name == "activedefrag" else ""

    home.machine.objection = objection
    engines = LiveEngines(LazyTools(home.store, "test", home.backend, home.files, home.buckets).tools, home.buckets)
    assert engines.dry_run(cache, {"activedefrag": "yes"}) == "it cannot"
    assert engines.dry_run(cache, {"timeout": "30", "reserved-memory-percent": "90"}) == ""
    assert tried == [("activedefrag", "yes"), ("timeout", "30")]
    home.machine.away = True
    again = LiveEngines(LazyTools(home.store, "test", home.backend, home.files, home.buckets).tools, home.buckets)
    assert again.dry_run(cache, {"activedefrag": "yes"}) == ""


def test_values_that_came_and_went_unseen_are_read(home: House) -> None:
    """The run that told them ended before it wrote anything down."""
    before = home.group("rg", CacheParameterGroupName="own")
    modify(home, timeout="30")
    for process in processes(home, before):
        process.configuration["timeout"] = "30"
    modify(home, timeout="0")
    home.settle()
    assert shown(home, group(home), "timeout") == {"0"}


def reboot_with_static(home: House) -> None:
    ask_static(home, "rename-commands", "KEYS HIDDEN")
    home.settle()
    home.call("RebootCacheCluster", CacheClusterId="rg-002", CacheNodeIdsToReboot=["0001"])


CHANGES: dict[str, Callable[[House], None]] = {
    "immediate": lambda home: modify(home, timeout="30"),
    "static": reboot_with_static,
}


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_is_cut_off_anywhere_comes_to_rest(change: str, before: bool, tmp_path: Path) -> None:
    for number in range(1, 50):
        directory = tmp_path / str(number)
        directory.mkdir()
        home = prepared(directory)
        home.group("rg", CacheParameterGroupName="own")
        CHANGES[change](home)
        home.restart(fused(home.backend, Fuse(number, before)))
        try:
            while home.reconcile(home_key(home)) is not None:
                pass
            return  # the plan has fewer deeds
        except Crash:
            pass
        home.restart()
        home.settle()
        after = group(home)
        fingerprints = fingerprints_of(after.spec)
        assert_sound(home, after)
        assert {node.parameters for node in after.status.nodes.values()} == {fingerprints.immediate}
        assert_as_told(home, after, after.status.nodes)
    raise AssertionError("the plan never ends")


def assert_as_told(home: House, cache: Cache, nodes: Mapping[str, NodeStatus]) -> None:
    """What is said of each node is what it has."""
    wanted = dict(cache.spec.parameters)
    for node in nodes.values():
        process = home.machine.processes.at(node.address.host)
        assert process.configuration["timeout"] == wanted.get("timeout", "0")
        if node.static == fingerprints_of(cache.spec).static:
            assert process.configuration.get("rename-command", "") == wanted.get("rename-commands", "")

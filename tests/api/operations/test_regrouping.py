"""What caches make of parameter groups: which they may use, and what they hear of changes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

import pytest

from cachewright.controlplane.api.dispatch import ASKING, QUESTIONS, Dispatch
from cachewright.controlplane.model.cache import Cache, NodeStatus, Status
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.fingerprints import fingerprints_of
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.questions import NoEngines
from tests.api.operations.test_parameter_groups import (
    COMBINATION,
    INVALID,
    NOT_FOUND,
    STATE,
    create,
    modifiable,
    modify,
    pairs,
    reset,
    values,
)
from tests.api.world import World, fulfilled

CANNOT_CHANGE = (
    "The parameter {} has a different value in the requested parameter group than the current parameter group. This"
    " parameter value cannot be changed for a cache cluster"
)


@pytest.fixture
def world() -> World:
    """An account with the group `mine` of redis7, and the cluster `one` that uses it."""
    world = World()
    create(world)
    modify(world, maxmemory_policy="allkeys-lru")
    world.cluster("one", CacheParameterGroupName="Mine")
    world.settle("one")
    return world


def parameters(world: World, name: str = "one") -> dict[str, str]:
    return dict(world.cache(name).spec.parameters)


def messages(world: World) -> list[str]:
    events = world.ask("DescribeEvents")["Events"]
    return [f"{event['SourceIdentifier']}: {event['Message']}" for event in events]


def tuned(world: World, name: str, status: Status | None = None) -> None:
    """Say that every node runs with all values."""
    cache = world.cache(name)
    fingerprints, status = fingerprints_of(cache.spec), status or fulfilled(cache, world.now)

    def done(node: NodeStatus) -> NodeStatus:
        return replace(node, parameters=fingerprints.immediate, static=fingerprints.static)

    world.report(name, replace(status, nodes={key: done(node) for key, node in status.nodes.items()}))


def test_a_cache_has_the_values_of_its_group(world: World) -> None:
    spec = world.cache("one").spec
    assert (spec.parameter_group, spec.parameters) == ("mine", (("maxmemory-policy", "allkeys-lru"),))
    assert world.shown_cluster("one")["CacheParameterGroup"]["CacheParameterGroupName"] == "mine"


def test_a_change_reaches_every_cache_of_the_group(world: World) -> None:
    create(world, "other")
    world.cluster("two", CacheParameterGroupName="mine")
    world.group("rg", Engine="redis", CacheParameterGroupName="mine", NumCacheClusters=2)
    world.cluster("else", CacheParameterGroupName="other")
    before = world.cache("else")
    modify(world, timeout="30")
    expected = {"maxmemory-policy": "allkeys-lru", "timeout": "30"}
    assert parameters(world) == parameters(world, "two") == parameters(world, "rg") == expected
    assert world.cache("else") == before
    told = [message for message in messages(world) if "Updated parameter" in message]
    assert sorted(told) == [f"{name}: Updated parameter timeout to 30" for name in ("one", "rg-001", "rg-002", "two")]
    reset(world, "maxmemory-policy")
    assert parameters(world, "rg") == {"timeout": "30"}
    reset(world)
    assert parameters(world, "two") == {}


def test_a_change_is_a_new_wish(world: World) -> None:
    before = world.cache("one").generation
    modify(world, timeout="30")
    assert world.cache("one").generation == before + 1
    modify(world, timeout="30")
    assert world.cache("one").generation == before + 1


def test_what_the_family_has_anyway_changes_nothing(world: World) -> None:
    before = world.cache("one")
    modify(world, timeout="0")
    assert values(world, Source="user") == {"maxmemory-policy": "allkeys-lru", "timeout": "0"}
    assert world.cache("one") == before


def test_a_cache_stays_available_while_its_values_change(world: World) -> None:
    modify(world, timeout="30")
    modify(world, timeout="60")
    assert world.shown_cluster("one")["CacheClusterStatus"] == "available"
    world.ask("ModifyCacheCluster", CacheClusterId="one", CacheNodeType="cache.t3.small", ApplyImmediately=True)
    assert world.shown_cluster("one")["CacheClusterStatus"] == "modifying"
    modify(world, timeout="90")
    assert world.shown_cluster("one")["CacheClusterStatus"] == "modifying"
    world.settle("one")
    modify(world, timeout="30")
    world.ask("RebootCacheCluster", CacheClusterId="one", CacheNodeIdsToReboot=["0001"])
    assert world.shown_cluster("one")["CacheClusterStatus"] == "rebooting cluster nodes"


def test_what_is_under_way_stays_noted(world: World) -> None:
    world.group("rg", Engine="redis", CacheParameterGroupName="mine", NumCacheClusters=2)
    world.settle("rg")
    world.ask("ModifyReplicationGroup", ReplicationGroupId="rg", AutomaticFailoverEnabled=True, ApplyImmediately=True)
    assert world.shown_group("rg")["AutomaticFailover"] == "enabling"
    modify(world, timeout="30")
    assert world.shown_group("rg")["AutomaticFailover"] == "enabling"
    world.settle("rg")
    assert world.shown_group("rg")["AutomaticFailover"] == "enabled"


def test_a_group_in_use_stays(world: World) -> None:
    shape, message = world.refusal("DeleteCacheParameterGroup", CacheParameterGroupName="mine")
    assert shape == STATE
    assert message.startswith("One or more cache clusters are still members of this parameter group mine")
    world.ask("DeleteCacheCluster", CacheClusterId="one")
    assert world.refusal("DeleteCacheParameterGroup", CacheParameterGroupName="mine")[0] == STATE
    world.gone("one")
    world.ask("DeleteCacheParameterGroup", CacheParameterGroupName="mine")


def test_a_cache_that_is_being_deleted_hears_nothing(world: World) -> None:
    world.ask("DeleteCacheCluster", CacheClusterId="one")
    before = world.cache("one")
    modify(world, timeout="30")
    assert world.cache("one") == before


def test_some_parameters_are_fixed_once_the_group_is_used(world: World) -> None:
    create(world, "unused")
    modify(world, "unused", cluster_enabled="yes", timeout="30")
    assert modifiable(world, "unused")["databases"]
    assert not modifiable(world)["databases"]
    asked = {"CacheParameterGroupName": "mine", "ParameterNameValues": pairs(databases="32")}
    assert world.refusal("ModifyCacheParameterGroup", **asked) == (
        INVALID,
        "The parameter databases cannot be modified.",
    )
    world.group("rg", Engine="redis", CacheParameterGroupName="unused", AutomaticFailoverEnabled=True)
    assert world.refusal("ResetCacheParameterGroup", CacheParameterGroupName="unused", ResetAllParameters=True) == (
        INVALID,
        "The parameter cluster-enabled cannot be modified.",
    )


def test_a_group_with_cluster_mode_makes_a_cluster(world: World) -> None:
    create(world, "clustered")
    modify(world, "clustered", cluster_enabled="yes", timeout="30")
    world.group("rg", Engine="redis", CacheParameterGroupName="clustered", AutomaticFailoverEnabled=True)
    spec = world.cache("rg").spec
    assert spec.clustered
    assert spec.parameters == (("timeout", "30"),)
    asked = {"CacheClusterId": "new", "Engine": "redis", "CacheNodeType": "cache.t3.micro"}
    assert world.refusal("CreateCacheCluster", **asked, CacheParameterGroupName="clustered") == (
        COMBINATION,
        "Cluster mode should be disabled in parameter group, but found it is enabled.",
    )


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("no", NOT_FOUND, "CacheParameterGroup not found: no"),
        ("six", COMBINATION, "Expected a parameter group of family redis7 but found one of family redis6.x"),
        ("eight", COMBINATION, "valkey parameter group is not applicable to engine redis"),
    ],
)
def test_a_group_must_fit(world: World, name: str, shape: str, message: str) -> None:
    create(world, "six", "redis6.x")
    create(world, "eight", "valkey8")
    asked = {"CacheClusterId": "new", "Engine": "redis", "CacheNodeType": "cache.t3.micro"}
    assert world.refusal("CreateCacheCluster", **asked, CacheParameterGroupName=name) == (shape, message)
    change = {"CacheClusterId": "one", "CacheParameterGroupName": name}
    assert world.refusal("ModifyCacheCluster", **change) == (shape, message)


def test_a_cache_moves_to_another_group(world: World) -> None:
    create(world, "other")
    modify(world, "other", timeout="60")
    world.ask("ModifyCacheCluster", CacheClusterId="one", CacheParameterGroupName="other")
    assert world.cache("one").spec.parameter_group == "other"
    assert parameters(world) == {"timeout": "60"}
    assert "one: Updated to use a CacheParameterGroup other" in messages(world)
    world.ask("DeleteCacheParameterGroup", CacheParameterGroupName="mine")
    world.settle("one")
    world.ask("ModifyCacheCluster", CacheClusterId="one", CacheParameterGroupName="default.redis7")
    assert parameters(world) == {}


@pytest.mark.parametrize(
    ("name", "value", "refusal"),
    [
        ("databases", "32", (INVALID, "The parameter databases cannot be modified.")),
        ("cluster-enabled", "yes", (COMBINATION, CANNOT_CHANGE.format("cluster-enabled"))),
    ],
)
def test_what_lasts_must_be_equal_in_both(world: World, name: str, value: str, refusal: tuple[str, str]) -> None:
    create(world, "other")
    modify(world, "other", **{name: value})
    change = {"CacheClusterId": "one", "CacheParameterGroupName": "other"}
    assert world.refusal("ModifyCacheCluster", **change) == refusal
    assert world.cache("one").spec.parameter_group == "mine"


def test_an_upgrade_needs_a_group_of_the_next_family(world: World) -> None:
    world.group("rg", Engine="redis", CacheParameterGroupName="mine")
    world.settle("rg")
    create(world, "eight", "valkey8")
    modify(world, "eight", timeout="60")
    upgrade = {"ReplicationGroupId": "rg", "Engine": "valkey", "EngineVersion": "8.1"}
    assert world.refusal("ModifyReplicationGroup", **upgrade) == (
        COMBINATION,
        "redis parameter group is not applicable to engine valkey",
    )
    world.ask("ModifyReplicationGroup", **upgrade, CacheParameterGroupName="eight")
    assert world.cache("rg").spec.parameter_group == "mine"
    assert world.refusal("DeleteCacheParameterGroup", CacheParameterGroupName="eight")[0] == STATE
    generation = world.cache("rg").generation
    modify(world, "eight", timeout="90")
    assert world.cache("rg").generation == generation  # it does not concern the nodes yet
    world.ask("ModifyReplicationGroup", ReplicationGroupId="rg", ApplyImmediately=True)
    assert world.cache("rg").spec.parameter_group == "eight"
    assert parameters(world, "rg") == {"timeout": "90"}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"slab_chunk_max": "2097152"}, "slab_chunk_max 2097152 must not be greater than max_item_size 1048576."),
        ({"slab_chunk_max": "500000"}, "max_item_size 1048576 must be a multiple of slab_chunk_max 500000."),
        (
            {"max_item_size": "134217728"},
            "max_item_size 134217728 must not be greater than a quarter of max_cache_memory without"
            " memcached_connections_overhead.",
        ),
    ],
)
def test_sizes_of_memcached_go_together(value: Mapping[str, str], message: str) -> None:
    world = World()
    create(world, family="memcached1.6")
    asked: dict[str, Any] = {"CacheParameterGroupName": "mine"}
    asked["ParameterNameValues"] = [{"ParameterName": n, "ParameterValue": v} for n, v in value.items()]
    world.cluster("one", Engine="memcached", NumCacheNodes=1, CacheParameterGroupName="mine")
    assert world.refusal("ModifyCacheParameterGroup", **asked) == (COMBINATION, message)
    assert values(world, Source="user") == {}
    world.gone("one")
    world.ask("ModifyCacheParameterGroup", **asked)
    cluster = {"CacheClusterId": "two", "Engine": "memcached", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": 1}
    assert world.refusal("CreateCacheCluster", **cluster, CacheParameterGroupName="mine") == (COMBINATION, message)


def test_tiered_nodes_have_fewer_policies() -> None:
    world = World()
    create(world)
    modify(world, maxmemory_policy="allkeys-random")
    asked = {"ReplicationGroupId": "rg", "ReplicationGroupDescription": "of a test", "Engine": "redis"}
    asked |= {"CacheNodeType": "cache.r6gd.xlarge", "CacheParameterGroupName": "mine"}
    assert world.refusal("CreateReplicationGroup", **asked, DataTieringEnabled=True) == (
        COMBINATION,
        "The maxmemory-policy allkeys-random is not supported with data tiering.",
    )


def test_values_are_applied_at_once_or_wait_for_a_reboot() -> None:
    world = World()
    create(world, family="memcached1.6")
    create(world, "redis", "redis7")
    world.cluster("pages", Engine="memcached", NumCacheNodes=2, CacheParameterGroupName="mine")
    world.cluster("one", CacheParameterGroupName="redis")
    for name in ("pages", "one"):
        assert world.shown_cluster(name)["CacheParameterGroup"]["ParameterApplyStatus"] == "in-sync"
        tuned(world, name)
    modify(world, "redis", timeout="30")
    group = world.shown_cluster("one")["CacheParameterGroup"]
    assert (group["ParameterApplyStatus"], group["CacheNodeIdsToReboot"]) == ("applying", [])
    tuned(world, "one")
    assert world.shown_cluster("one")["CacheParameterGroup"]["ParameterApplyStatus"] == "in-sync"
    asked = [{"ParameterName": "max_item_size", "ParameterValue": "2097152"}]
    world.ask("ModifyCacheParameterGroup", CacheParameterGroupName="mine", ParameterNameValues=asked)
    status = world.cache("pages").status
    world.report("pages", replace(status, generation=world.cache("pages").generation))
    shown = world.shown_cluster("pages")
    assert shown["CacheParameterGroup"] == {
        "CacheParameterGroupName": "mine",
        "ParameterApplyStatus": "pending-reboot",
        "CacheNodeIdsToReboot": ["0001", "0002"],
    }
    assert [node["ParameterGroupStatus"] for node in shown["CacheNodes"]] == ["pending-reboot"] * 2
    tuned(world, "pages")
    assert world.shown_cluster("pages")["CacheParameterGroup"]["CacheNodeIdsToReboot"] == []


class Engineer(NoEngines):
    """Refuses one value, and remembers what was tried."""

    def __init__(self, world: World, refused: str) -> None:
        self.world, self.refused = world, refused
        self.tried: list[tuple[str, dict[str, str]]] = []
        self.meanwhile: list[Callable[[], object]] = []  # what happens while it is asked, one after the other

    def dry_run(self, cache: Cache, values: Mapping[str, str]) -> str:
        self.tried.append((cache.key.id, dict(values)))
        if self.meanwhile:
            self.meanwhile.pop()()
        return "ERR CONFIG SET failed - argument must be an integer" if self.refused in values.values() else ""

    def ask(self, operation: str, **params: Any) -> None:
        dispatch = Dispatch(self.world.store, ("a",), lambda: self.world.now, Random(7), self)
        dispatch(operation, params, self.world.caller)


def test_what_an_engine_refuses_is_an_error_in_its_words(world: World) -> None:
    engineer = Engineer(world, "31")
    before = world.cache("one")
    asked = {"CacheParameterGroupName": "mine", "ParameterNameValues": pairs(timeout="31", maxmemory_samples="5")}
    with pytest.raises(Fault, match="CONFIG SET failed") as refused:
        engineer.ask("ModifyCacheParameterGroup", **asked)
    assert refused.value.shape == INVALID
    assert engineer.tried == [("one", {"timeout": "31", "maxmemory-samples": "5"})]
    assert values(world, Source="user") == {"maxmemory-policy": "allkeys-lru"}
    assert world.cache("one") == before


def test_one_cache_tries_for_all_of_its_version(world: World) -> None:
    world.phase("one", Phase.CREATING)
    world.cluster("two", CacheParameterGroupName="mine")
    world.settle("two")
    world.cluster("older", EngineVersion="7.0", CacheParameterGroupName="mine")
    engineer = Engineer(world, "nothing")
    engineer.ask("ModifyCacheParameterGroup", CacheParameterGroupName="mine", ParameterNameValues=pairs(timeout="30"))
    assert engineer.tried == [("two", {"timeout": "30"}), ("older", {"timeout": "30"})]


def test_a_cache_tries_the_values_of_the_group_that_it_goes_to(world: World) -> None:
    create(world, "other")
    modify(world, "other", timeout="31")
    engineer = Engineer(world, "31")
    with pytest.raises(Fault, match="CONFIG SET failed"):
        engineer.ask("ModifyCacheCluster", CacheClusterId="one", CacheParameterGroupName="other")
    assert engineer.tried == [("one", {"maxmemory-policy": "volatile-lru", "timeout": "31"})]
    assert world.cache("one").spec.parameter_group == "mine"


def test_what_waits_for_a_start_is_not_tried(world: World) -> None:
    engineer = Engineer(world, "nothing")
    asked = {"CacheParameterGroupName": "mine", "ParameterNameValues": pairs(rename_commands="KEYS K")}
    engineer.ask("ModifyCacheParameterGroup", **asked)
    assert engineer.tried == []


def test_a_spec_that_moves_while_an_engine_is_asked_is_asked_about_again(world: World) -> None:
    engineer = Engineer(world, "nothing")
    engineer.meanwhile = [lambda: modify(world, maxmemory_samples="5")]
    engineer.ask("ModifyCacheParameterGroup", CacheParameterGroupName="mine", ParameterNameValues=pairs(timeout="30"))
    assert engineer.tried == [("one", {"timeout": "30"})] * 2
    expected = {"maxmemory-policy": "allkeys-lru", "maxmemory-samples": "5", "timeout": "30"}
    assert parameters(world) == values(world, Source="user") == expected


def test_what_was_refused_meanwhile_is_refused(world: World) -> None:
    engineer = Engineer(world, "nothing")
    engineer.meanwhile = [lambda: world.ask("DeleteCacheCluster", CacheClusterId="one")]
    before = world.cache("one").spec
    with pytest.raises(Fault, match="not in available state"):
        engineer.ask("ModifyCacheCluster", CacheClusterId="one", CacheParameterGroupName="default.redis7")
    assert (world.cache("one").deleting, world.cache("one").spec) == (True, before)


def test_a_spec_that_never_rests_is_asked_about_no_more_in_the_end(world: World) -> None:
    engineer = Engineer(world, "nothing")
    engineer.meanwhile = [partial(modify, world, maxmemory_samples=str(number)) for number in range(6, 99)]
    engineer.ask("ModifyCacheParameterGroup", CacheParameterGroupName="mine", ParameterNameValues=pairs(timeout="30"))
    assert len(engineer.tried) == QUESTIONS
    assert parameters(world)["timeout"] == "30"


def test_nobody_is_asked_for_ever(world: World) -> None:
    engineer = Engineer(world, "nothing")
    engineer.meanwhile = [
        lambda: modify(world, maxmemory_samples="5"),
        lambda: world.wait(seconds=ASKING.total_seconds() + 1),
    ]
    engineer.ask("ModifyCacheParameterGroup", CacheParameterGroupName="mine", ParameterNameValues=pairs(timeout="30"))
    assert len(engineer.tried) == 1
    engineer.meanwhile = [lambda: modify(world, maxmemory_samples="6", timeout="0")] * 2
    engineer.meanwhile += [lambda: world.wait(seconds=ASKING.total_seconds() + 1)]
    engineer.ask("ModifyCacheParameterGroup", CacheParameterGroupName="mine", ParameterNameValues=pairs(timeout="31"))
    assert len(engineer.tried) == 2
    assert parameters(world)["timeout"] == "31"

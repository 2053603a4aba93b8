"""The parameter groups that members of a global datastore get of their own, and who changes and ends them."""

import re
from dataclasses import replace
from typing import Any

import pytest

from cachewright.controlplane.model.changes import Consequence, consequence
from tests.api.operations.test_global_replication_groups import (
    AWAY,
    COMBINATION,
    HOME,
    ID,
    STATE,
    VALUE,
    add,
    create,
    joining,
    leaving,
    settle,
    shown,
    within,
)
from tests.api.world import World

PLACES = {"home": HOME, "away": AWAY}
MISSING = "CacheParameterGroupNotFoundFault"


@pytest.fixture
def world() -> World:
    """A group `home` that can be a primary, whose nodes end idle connections."""
    world = World()
    parameters(world, "mine", "redis6.x", timeout="30")
    kind = {"Engine": "redis", "EngineVersion": "6.2", "CacheNodeType": "cache.r6g.large"}
    world.group("home", **kind, CacheParameterGroupName="mine")
    world.settle("home")
    return world


@pytest.fixture
def pair(world: World) -> World:
    """The same as the primary of a global datastore, with a secondary `away`."""
    create(world)
    add(world, AWAY, "away")
    return world


def parameters(world: World, name: str, family: str, **values: str) -> None:
    asked = {"CacheParameterGroupName": name, "CacheParameterGroupFamily": family, "Description": "d"}
    world.ask("CreateCacheParameterGroup", **asked)
    modify(world, name, **values)


def modify(world: World, name: str, **values: str) -> None:
    world.ask("ModifyCacheParameterGroup", CacheParameterGroupName=name, ParameterNameValues=pairs(**values))


def pairs(**values: str) -> list[dict[str, str]]:
    return [{"ParameterName": name, "ParameterValue": value} for name, value in values.items()]


def used(world: World, name: str) -> str:
    """The parameter group of a member."""
    return within(world, PLACES[name]).cache(name).spec.parameter_group


def described(world: World, region: str, name: str) -> dict[str, Any]:
    (found,) = within(world, region).ask("DescribeCacheParameterGroups", CacheParameterGroupName=name)[
        "CacheParameterGroups"
    ]
    return dict(found)


def named(world: World, region: str) -> list[str]:
    """The parameter groups of a region that somebody made."""
    every = within(world, region).ask("DescribeCacheParameterGroups")["CacheParameterGroups"]
    return [group["CacheParameterGroupName"] for group in every if "default." not in group["CacheParameterGroupName"]]


def values(world: World, region: str, name: str) -> dict[str, str]:
    """What a parameter group sets."""
    asked = {"CacheParameterGroupName": name, "Source": "user"}
    rows = within(world, region).ask("DescribeCacheParameters", **asked)["Parameters"]
    return {row["ParameterName"]: row["ParameterValue"] for row in rows}


def settle_both(world: World) -> None:
    for name, region in PLACES.items():
        settle(world, region, name)


def test_every_member_has_a_copy_of_what_the_primary_used(pair: World) -> None:
    for name, region in PLACES.items():
        group = used(pair, name)
        assert re.fullmatch(f"global-datastore-{name}[a-z]{{4}}", group)
        shown_node = within(pair, region).shown_cluster(f"{name}-001")
        assert shown_node["CacheParameterGroup"]["CacheParameterGroupName"] == group
        found = described(pair, region, group)
        assert found["Description"] == f"Created by ElastiCache to be used by global cluster {ID}"
        assert (found["CacheParameterGroupFamily"], found["IsGlobal"]) == ("redis6.x", True)
        assert values(pair, region, group) == {"timeout": "30"}
        assert within(pair, region).cache(name).spec.parameters == (("timeout", "30"),)
    assert named(pair, HOME) == [used(pair, "home"), "mine"]
    assert not described(pair, HOME, "mine")["IsGlobal"]


def test_a_primary_has_nothing_to_do_when_it_gets_its_own(world: World) -> None:
    before = world.cache("home").spec
    create(world)
    after = world.cache("home").spec
    assert consequence(before, after) is Consequence.LOOK
    assert shown(world)["Status"] == "primary-only"


def test_the_group_of_before_is_free(pair: World) -> None:
    pair.ask("DeleteCacheParameterGroup", CacheParameterGroupName="mine")
    assert named(pair, HOME) == [used(pair, "home")]


def test_a_secondary_that_is_refused_leaves_no_group(world: World) -> None:
    create(world)
    within(world, AWAY).refusal("CreateReplicationGroup", **joining("away", NetworkType="dual_stack"))
    assert named(world, AWAY) == []


@pytest.mark.parametrize("name", PLACES)
def test_whoever_is_changed_all_are(pair: World, name: str) -> None:
    asked = within(pair, PLACES[name])
    modify(asked, used(pair, name), timeout="60")
    for other, region in PLACES.items():
        assert values(pair, region, used(pair, other)) == {"timeout": "60"}
        assert within(pair, region).cache(other).spec.parameters == (("timeout", "60"),)
    assert values(pair, HOME, "mine") == {"timeout": "30"}
    settle_both(pair)
    asked.ask("ResetCacheParameterGroup", CacheParameterGroupName=used(pair, name), ResetAllParameters=True)
    assert [values(pair, region, used(pair, other)) for other, region in PLACES.items()] == [{}, {}]


def test_nothing_is_changed_while_a_member_changes(pair: World) -> None:
    group = used(pair, "home")
    modify(pair, group, timeout="60")
    asked = {"CacheParameterGroupName": group, "ParameterNameValues": pairs(timeout="90")}
    assert pair.refusal("ModifyCacheParameterGroup", **asked)[0] == STATE
    assert values(pair, HOME, group) == {"timeout": "60"}


def test_a_members_group_is_used(pair: World) -> None:
    for name, region in PLACES.items():
        shape, _ = within(pair, region).refusal("DeleteCacheParameterGroup", CacheParameterGroupName=used(pair, name))
        assert shape == "InvalidCacheParameterGroupStateFault"


def test_whoever_leaves_keeps_its_own_until_it_is_deleted(pair: World) -> None:
    group = used(pair, "away")
    pair.ask("DisassociateGlobalReplicationGroup", **leaving())
    settle_both(pair)
    assert not described(pair, AWAY, group)["IsGlobal"]
    assert used(pair, "away") == group
    modify(within(pair, AWAY), group, timeout="60")
    assert values(pair, HOME, used(pair, "home")) == {"timeout": "30"}
    asked = {"GlobalReplicationGroupId": ID, "RetainPrimaryReplicationGroup": True}
    pair.ask("DeleteGlobalReplicationGroup", **asked)
    assert not described(pair, HOME, used(pair, "home"))["IsGlobal"]


UPGRADE = {"GlobalReplicationGroupId": ID, "ApplyImmediately": True, "EngineVersion": "7.1"}


def test_another_major_version_brings_copies_of_another_group(pair: World) -> None:
    parameters(pair, "seven", "redis7", timeout="25")
    before = {name: used(pair, name) for name in PLACES}
    pair.ask("ModifyGlobalReplicationGroup", **UPGRADE, CacheParameterGroupName="Seven")
    for name, region in PLACES.items():
        group = used(pair, name)
        assert group != before[name]
        assert values(pair, region, group) == {"timeout": "25"}
        assert described(pair, region, group)["IsGlobal"]
        assert not described(pair, region, before[name])["IsGlobal"]
        assert within(pair, region).cache(name).spec.parameters == (("timeout", "25"),)


@pytest.mark.parametrize(
    ("params", "shape", "words"),
    [
        ({}, COMBINATION, "Expected a parameter group of family redis7 but found one of family redis6.x"),
        ({"CacheParameterGroupName": "nobody"}, MISSING, "nobody"),
        ({"CacheParameterGroupName": "default.valkey8"}, COMBINATION, "is not applicable to engine redis"),
        ({"CacheParameterGroupName": "mine", "EngineVersion": "6.2"}, VALUE, "without a change in major"),
    ],
)
def test_what_group_no_version_takes(pair: World, params: dict[str, Any], shape: str, words: str) -> None:
    before = [named(pair, region) for region in PLACES.values()]
    refused, message = pair.refusal("ModifyGlobalReplicationGroup", **UPGRADE | params)
    assert refused == shape
    assert words in message
    assert [named(pair, region) for region in PLACES.values()] == before


def test_a_member_of_before_keeps_the_group_that_it_was_made_with(pair: World) -> None:
    """It joined when members had no groups of their own: what others have is not forced on a group of a user's."""
    home = pair.cache("home")
    with pair.store.write() as transaction:
        transaction.caches.write_spec(home, replace(home.spec, parameter_group="mine"))
    settle_both(pair)
    modify(within(pair, AWAY), used(pair, "away"), timeout="60")
    assert values(pair, HOME, "mine") == {"timeout": "30"}

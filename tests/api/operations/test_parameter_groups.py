"""Parameter groups: creating, looking at, changing and deleting them, and what caches make of it."""

from collections.abc import Mapping
from typing import Any

import pytest

from cachewright.controlplane.model.parameter_groups import DEFAULT_GROUPS
from cachewright.controlplane.model.parameters import family_parameters, node_type_parameters
from cachewright.controlplane.model.versions import FAMILIES
from tests.api.world import World

INVALID, COMBINATION = "InvalidParameterValueException", "InvalidParameterCombinationException"
NOT_FOUND, STATE = "CacheParameterGroupNotFoundFault", "InvalidCacheParameterGroupStateFault"
IDENTIFIER = (
    "The parameter CacheParameterGroupName is not a valid identifier. Identifiers must begin with a letter; must"
    " contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive"
    " hyphens."
)


def pairs(**values: str) -> list[dict[str, str]]:
    return [{"ParameterName": name.replace("_", "-"), "ParameterValue": value} for name, value in values.items()]


def create(world: World, name: str = "mine", family: str = "redis7", **params: Any) -> dict[str, Any]:
    asked = {"CacheParameterGroupName": name, "CacheParameterGroupFamily": family, "Description": "of a test"}
    answer: dict[str, Any] = world.ask("CreateCacheParameterGroup", **asked | params)["CacheParameterGroup"]
    return answer


def modify(world: World, name: str = "mine", **values: str) -> Mapping[str, Any]:
    return world.ask("ModifyCacheParameterGroup", CacheParameterGroupName=name, ParameterNameValues=pairs(**values))


def reset(world: World, *names: str, name: str = "mine") -> None:
    named: dict[str, Any] = {"ParameterNameValues": [{"ParameterName": each} for each in names]}
    everything: dict[str, Any] = {"ResetAllParameters": True}
    world.ask("ResetCacheParameterGroup", CacheParameterGroupName=name, **named if names else everything)


def values(world: World, name: str = "mine", **params: Any) -> dict[str, str | None]:
    answer = world.ask("DescribeCacheParameters", CacheParameterGroupName=name, **params)
    return {row["ParameterName"]: row.get("ParameterValue") for row in answer["Parameters"]}


def modifiable(world: World, name: str = "mine") -> dict[str, bool]:
    answer = world.ask("DescribeCacheParameters", CacheParameterGroupName=name)
    return {row["ParameterName"]: row["IsModifiable"] for row in answer["Parameters"]}


@pytest.fixture
def world() -> World:
    """An account with the group `mine` of redis7."""
    world = World()
    create(world)
    return world


def test_a_group_is_created(world: World) -> None:
    assert create(world, "Other-1", "Valkey8") == {
        "CacheParameterGroupName": "other-1",
        "CacheParameterGroupFamily": "valkey8",
        "Description": "of a test",
        "IsGlobal": False,
        "ARN": f"arn:aws:elasticache:us-east-1:{world.caller.account}:parametergroup:other-1",
    }
    (shown,) = world.ask("DescribeCacheParameterGroups", CacheParameterGroupName="OTHER-1")["CacheParameterGroups"]
    assert shown["CacheParameterGroupFamily"] == "valkey8"


@pytest.mark.parametrize(
    ("change", "shape", "message"),
    [
        ({"CacheParameterGroupName": "default.redis7"}, INVALID, IDENTIFIER),
        ({"CacheParameterGroupName": "a--b"}, INVALID, IDENTIFIER),
        (
            {"CacheParameterGroupName": "x" * 256},
            INVALID,
            "Cache Parameter Group Name cannot be longer than 255 characters.",
        ),
        (
            {"CacheParameterGroupFamily": "redis9"},
            INVALID,
            "CacheParameterGroupFamily redis9 is not a valid parameter group family.",
        ),
        ({"Description": ""}, INVALID, "The parameter Description must be provided and must not be null."),
        (
            {"CacheParameterGroupName": "Mine"},
            "CacheParameterGroupAlreadyExistsFault",
            "Parameter group mine already exists",
        ),
    ],
)
def test_what_cannot_be_created(world: World, change: dict[str, str], shape: str, message: str) -> None:
    asked = {"CacheParameterGroupName": "new", "CacheParameterGroupFamily": "redis7", "Description": "of a test"}
    assert world.refusal("CreateCacheParameterGroup", **asked | change) == (shape, message)


def test_there_is_a_quota() -> None:
    world = World()
    for number in range(300):
        create(world, f"group-{number}")
    asked = {"CacheParameterGroupName": "new", "CacheParameterGroupFamily": "redis7", "Description": "of a test"}
    assert world.refusal("CreateCacheParameterGroup", **asked)[0] == "CacheParameterGroupQuotaExceededFault"


def test_groups_come_in_pages_with_the_defaults_among_them(world: World) -> None:
    create(world, "another")
    create(world, "zz")
    names: list[str] = []
    marker: dict[str, str] = {}
    while True:
        answer = world.ask("DescribeCacheParameterGroups", MaxRecords=20, **marker)
        names += [group["CacheParameterGroupName"] for group in answer["CacheParameterGroups"]]
        if "Marker" not in answer:
            break
        marker = {"Marker": answer["Marker"]}
    assert names == sorted({*DEFAULT_GROUPS, "another", "mine", "zz"})


def test_a_group_belongs_to_its_account() -> None:
    assert World().refusal("DescribeCacheParameterGroups", CacheParameterGroupName="mine") == (
        NOT_FOUND,
        "CacheParameterGroup mine not found.",
    )


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_the_parameters_of_every_family(family: str) -> None:
    world = World()
    answer = world.ask("DescribeEngineDefaultParameters", CacheParameterGroupFamily=family)["EngineDefaults"]
    assert answer["CacheParameterGroupFamily"] == family
    assert [row["ParameterName"] for row in answer["Parameters"]] == [row.name for row in family_parameters(family)]
    by_node_type = answer["CacheNodeTypeSpecificParameters"]
    assert [row["ParameterName"] for row in by_node_type] == [row.name for row in node_type_parameters(family)]
    assert {row["Source"] for row in (*answer["Parameters"], *by_node_type)} == {"system"}
    group = world.ask("DescribeCacheParameters", CacheParameterGroupName=f"default.{family}")
    assert group["Parameters"] == answer["Parameters"]
    assert group["CacheNodeTypeSpecificParameters"] == by_node_type


def test_one_parameter_in_full(world: World) -> None:
    answer = world.ask("DescribeEngineDefaultParameters", CacheParameterGroupFamily="redis7")["EngineDefaults"]
    rows = {row["ParameterName"]: row for row in answer["Parameters"]}
    assert rows["timeout"] == {
        "ParameterName": "timeout",
        "ParameterValue": "0",
        "Description": "Seconds after which an idle client is disconnected; 0 for never.",
        "Source": "system",
        "DataType": "integer",
        "AllowedValues": "0,20-",
        "IsModifiable": True,
        "MinimumEngineVersion": "7.0.0",
        "ChangeType": "immediate",
    }
    assert not {"ParameterValue", "AllowedValues"} & set(rows["notify-keyspace-events"])
    assert not rows["databases"]["IsModifiable"]
    (memory,) = (r for r in answer["CacheNodeTypeSpecificParameters"] if r["ParameterName"] == "maxmemory")
    assert {"CacheNodeType": "cache.t3.micro", "Value": "536870912"} in memory["CacheNodeTypeSpecificValues"]


def test_parameters_come_in_pages(world: World) -> None:
    names: list[str] = []
    marker: dict[str, str] = {}
    while True:
        answer = world.ask("DescribeCacheParameters", CacheParameterGroupName="mine", MaxRecords=22, **marker)
        rows = (*answer["Parameters"], *answer["CacheNodeTypeSpecificParameters"])
        assert len(rows) == 22 or "Marker" not in answer
        names += [row["ParameterName"] for row in rows]
        if "Marker" not in answer:
            break
        marker = {"Marker": answer["Marker"]}
    by_node_type = [row.name for row in node_type_parameters("redis7")]
    assert names == [*(row.name for row in family_parameters("redis7")), *by_node_type]


def test_what_a_group_sets_can_be_read_back(world: World) -> None:
    assert values(world, Source="user") == {}
    assert modify(world, maxmemory_policy="allkeys-lru", timeout="0") == {"CacheParameterGroupName": "mine"}
    modify(world, notify_keyspace_events="KEA")
    desired = {"maxmemory-policy": "allkeys-lru", "timeout": "0", "notify-keyspace-events": "KEA"}
    assert values(world, Source="user") == desired
    assert values(world)["maxmemory-policy"] == "allkeys-lru"
    others = values(world, Source="system")
    assert not set(desired) & set(others)
    assert set(desired) | set(others) == set(values(world))
    assert values(world, Source="engine-default") == {}
    reset(world, "timeout")
    assert set(values(world, Source="user")) == {"maxmemory-policy", "notify-keyspace-events"}
    reset(world)
    assert values(world, Source="user") == {}
    assert "notify-keyspace-events" in values(world)


def test_cluster_groups_have_cluster_mode(world: World) -> None:
    assert values(world, "default.redis7.cluster.on")["cluster-enabled"] == "yes"
    assert values(world, "default.redis7")["cluster-enabled"] == "no"


@pytest.mark.parametrize(
    ("operation", "change", "shape", "message"),
    [
        (
            "ModifyCacheParameterGroup",
            {"CacheParameterGroupName": "no"},
            NOT_FOUND,
            "CacheParameterGroup not found: no",
        ),
        ("ResetCacheParameterGroup", {"CacheParameterGroupName": "no"}, NOT_FOUND, "CacheParameterGroup not found: no"),
        (
            "ModifyCacheParameterGroup",
            {"CacheParameterGroupName": "default.redis7"},
            INVALID,
            "The parameter group default.redis7 is a default group and cannot be modified.",
        ),
        (
            "ModifyCacheParameterGroup",
            {"ParameterNameValues": pairs(reserved_memori="1")},
            INVALID,
            "Parameter reserved-memori doesn't exist",
        ),
        (
            "ModifyCacheParameterGroup",
            {"ParameterNameValues": pairs(reserved_memory="1", reserved_memory_percent="10")},
            "InvalidParameterCombinationException",
            "The parameters reserved-memory and reserved-memory-percent exclude each other.",
        ),
        (
            "ModifyCacheParameterGroup",
            {"ParameterNameValues": pairs(maxclients="1")},
            INVALID,
            "The parameter maxclients cannot be modified.",
        ),
        (
            "ModifyCacheParameterGroup",
            {"ParameterNameValues": pairs(maxmemory="1")},
            INVALID,
            "The parameter maxmemory cannot be modified.",
        ),
        (
            "ModifyCacheParameterGroup",
            {"ParameterNameValues": pairs(timeout="5")},
            INVALID,
            "Invalid value 5 for parameter timeout. Allowed values: 0,20-",
        ),
        (
            "ModifyCacheParameterGroup",
            {"ParameterNameValues": pairs(notify_keyspace_events="Q")},
            INVALID,
            "Invalid value Q for parameter notify-keyspace-events.",
        ),
        (
            "ModifyCacheParameterGroup",
            {"ParameterNameValues": [{"ParameterName": "timeout"}]},
            INVALID,
            "The parameter value of timeout must be provided.",
        ),
        (
            "ModifyCacheParameterGroup",
            {"ParameterNameValues": pairs(timeout="0") * 2},
            INVALID,
            "The parameter timeout is given more than once.",
        ),
        (
            "ModifyCacheParameterGroup",
            {"ParameterNameValues": pairs(timeout="0") * 21},
            COMBINATION,
            "Cannot modify more than 20 parameters in a single request",
        ),
        (
            "ModifyCacheParameterGroup",
            {"ParameterNameValues": []},
            INVALID,
            "ParameterNameValues must have between 1 and 20 entries.",
        ),
        (
            "ResetCacheParameterGroup",
            {"ResetAllParameters": True},
            COMBINATION,
            "Either ResetAllParameters must be true or ParameterNameValues must be given.",
        ),
        (
            "ResetCacheParameterGroup",
            {"ParameterNameValues": None},
            COMBINATION,
            "Either ResetAllParameters must be true or ParameterNameValues must be given.",
        ),
        (
            "DescribeCacheParameters",
            {"Source": "me"},
            INVALID,
            "Invalid value me for Source. Must be one of: user, system, engine-default",
        ),
        ("DescribeCacheParameters", {"CacheParameterGroupName": "no"}, NOT_FOUND, "CacheParameterGroup no not found."),
        ("DeleteCacheParameterGroup", {"CacheParameterGroupName": "default.redis7"}, INVALID, IDENTIFIER),
        ("DeleteCacheParameterGroup", {"CacheParameterGroupName": "no"}, NOT_FOUND, "CacheParameterGroupnot found: no"),
    ],
)
def test_refusals(world: World, operation: str, change: dict[str, Any], shape: str, message: str) -> None:
    asked: dict[str, Any] = {"CacheParameterGroupName": "mine", "ParameterNameValues": pairs(timeout="30")}
    assert world.refusal(operation, **asked | change) == (shape, message)
    assert values(world, Source="user") == {}


def test_an_unknown_family(world: World) -> None:
    assert world.refusal("DescribeEngineDefaultParameters", CacheParameterGroupFamily="redis9") == (
        INVALID,
        "CacheParameterGroupFamily redis9 is not a valid parameter group family.",
    )


def test_one_wrong_value_changes_nothing(world: World) -> None:
    asked = pairs(maxmemory_policy="noeviction", timeout="5")
    assert world.refusal("ModifyCacheParameterGroup", CacheParameterGroupName="mine", ParameterNameValues=asked)
    assert values(world, Source="user") == {}


def test_a_group_is_deleted(world: World) -> None:
    assert world.ask("DeleteCacheParameterGroup", CacheParameterGroupName="Mine") == {}
    assert world.refusal("DescribeCacheParameterGroups", CacheParameterGroupName="mine")[0] == NOT_FOUND
    create(world)


def arn(world: World, name: str) -> str:
    return f"arn:aws:elasticache:us-east-1:{world.caller.account}:parametergroup:{name}"


def tags(world: World, name: str = "mine") -> dict[str, str]:
    listed = world.ask("ListTagsForResource", ResourceName=arn(world, name))["TagList"]
    return {tag["Key"]: tag["Value"] for tag in listed}


def test_groups_have_tags(world: World) -> None:
    create(world, "other", Tags=[{"Key": "team", "Value": "shop"}])
    assert (tags(world, "other"), tags(world)) == ({"team": "shop"}, {})
    world.ask("AddTagsToResource", ResourceName=arn(world, "other"), Tags=[{"Key": "stage", "Value": "test"}])
    world.ask("RemoveTagsFromResource", ResourceName=arn(world, "other"), TagKeys=["team"])
    assert (tags(world, "other"), tags(world)) == ({"stage": "test"}, {})
    modify(world, "other", timeout="30")
    assert tags(world, "other") == {"stage": "test"}


def test_groups_that_always_exist_have_none(world: World) -> None:
    name = "default.redis7"
    assert tags(world, name) == {}
    asked = {"ResourceName": arn(world, name), "Tags": [{"Key": "stage", "Value": "test"}]}
    assert world.refusal("AddTagsToResource", **asked) == (
        INVALID,
        "The parameter group default.redis7 is a default group and cannot be tagged.",
    )
    assert world.refusal("ListTagsForResource", ResourceName=arn(world, "no")) == (NOT_FOUND, "no is not present")

"""Serverless caches as the API has them: AWS's shapes, rules and refusals."""

from typing import Any

import pytest

from cachewright.controlplane.model.cache import Transit
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.nouns import SERVERLESS_CACHE
from tests.api.world import World

VALUE, COMBINATION = "InvalidParameterValueException", "InvalidParameterCombinationException"
STATE = "InvalidServerlessCacheStateFault"
BUSY = (STATE, "Serverless cache is not in an available state to perform the requested action.")
ONE = (COMBINATION, "Serverless Cache modifications only support modifying one field per request.")
TO_VALKEY = (VALUE, "This API supports only cross-engine upgrades to Valkey engine currently")


def created(world: World, name: str = "s", **params: Any) -> dict[str, Any]:
    usual = {"ServerlessCacheName": name, "Engine": "valkey"}
    return dict(world.ask("CreateServerlessCache", **usual | params)["ServerlessCache"])


def settled(name: str = "s", **params: Any) -> World:
    world = World()
    created(world, name, **params)
    world.settle(name)
    return world


def shown(world: World, name: str = "s") -> dict[str, Any]:
    (found,) = world.ask("DescribeServerlessCaches", ServerlessCacheName=name)["ServerlessCaches"]
    return dict(found)


def modified(world: World, **params: Any) -> dict[str, Any]:
    return dict(world.ask("ModifyServerlessCache", ServerlessCacheName="s", **params)["ServerlessCache"])


def events(world: World) -> list[tuple[str, str]]:
    found = world.ask("DescribeEvents")["Events"]
    return [(event["SourceType"], event["Message"]) for event in reversed(found)]


def test_the_answer_of_a_new_cache() -> None:
    world = World()
    answer = created(world, "My-Cache", Engine="Valkey", Description="of a test", Tags=[{"Key": "k", "Value": "v"}])
    subnets = world.ask("DescribeCacheSubnetGroups", CacheSubnetGroupName="default")["CacheSubnetGroups"][0]["Subnets"]
    (group,) = answer.pop("SecurityGroupIds")
    assert group.startswith("sg-")
    assert answer == {
        "ServerlessCacheName": "my-cache",
        "Description": "of a test",
        "CreateTime": world.now,
        "Status": "creating",
        "Engine": "valkey",
        "MajorEngineVersion": "8",
        "FullEngineVersion": "8.2",
        "StorageEncryptionType": "sse-elasticache",
        "ARN": f"arn:aws:elasticache:us-east-1:{world.caller.account}:serverlesscache:my-cache",
        "SubnetIds": [subnet["SubnetIdentifier"] for subnet in subnets],
        "SnapshotRetentionLimit": 0,
        "NetworkType": "ipv4",
        "ConnectionType": "vpc",
    }
    assert world.tags(SERVERLESS_CACHE, "my-cache") == (("k", "v"),)
    world.settle("my-cache")
    available = shown(world, "MY-cache")
    assert (available["Status"], available["Endpoint"]["Port"], available["ReaderEndpoint"]["Port"]) == (
        *("available", 6379),
        6380,
    )
    assert available["Endpoint"]["Address"] == available["ReaderEndpoint"]["Address"]


@pytest.mark.parametrize(
    ("engine", "major", "full"),
    [
        ("redis", None, "7.1"),
        ("redis", "7", "7.1"),
        ("valkey", "7", "7.2"),
        ("valkey", "9", "9.1"),
        ("memcached", None, "1.6.22"),
    ],
)
def test_engines(engine: str, major: str | None, full: str) -> None:
    world = World()
    answer = created(world, Engine=engine, **({"MajorEngineVersion": major} if major else {}))
    assert (answer["Engine"], answer["FullEngineVersion"]) == (engine, full)
    spec = world.cache("s").spec
    assert (spec.transit, spec.at_rest, len({node.zone for node in spec.nodes})) == (
        *(Transit.REQUIRED, True),
        1 if engine == "memcached" else 2,
    )


def test_no_cache_cluster_and_no_group_is_shown_or_hindered() -> None:
    world = settled()
    assert world.ask("DescribeCacheClusters") == {"CacheClusters": []}
    assert world.ask("DescribeReplicationGroups") == {"ReplicationGroups": []}
    world.group("s", NumCacheClusters=2)
    world.cluster("s")
    shape, _ = world.refusal("DeleteCacheCluster", CacheClusterId="s--001")
    assert shape == "CacheClusterNotFoundFault"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"Engine": "oracle"}, (VALUE, "Invalid engine name: oracle")),
        ({"Engine": "redis", "MajorEngineVersion": "8"}, (VALUE, "Invalid MajorEngineVersion 8 for engine redis.")),
        ({"SnapshotRetentionLimit": 36}, (VALUE, "Invalid value 36 for SnapshotRetentionLimit.")),
        ({"DailySnapshotTime": "24:00"}, (VALUE, "Invalid value 24:00 for DailySnapshotTime.")),
        ({"Description": "x" * 256}, (VALUE, "Description cannot be longer than 255 characters.")),
        ({"CacheUsageLimits": {"ECPUPerSecond": {"Maximum": 999}}}, (VALUE, "Invalid value for ECPUPerSecond")),
        ({"CacheUsageLimits": {"ECPUPerSecond": {"Minimum": -1}}}, (VALUE, "Invalid value for ECPUPerSecond")),
        ({"CacheUsageLimits": {"DataStorage": {"Maximum": 5001, "Unit": "GB"}}}, (VALUE, "Invalid value for Data")),
        ({"CacheUsageLimits": {"DataStorage": {"Maximum": 1, "Unit": "TB"}}}, (VALUE, "Invalid value TB for Unit.")),
        (
            {"CacheUsageLimits": {"DataStorage": {"Maximum": 1, "Minimum": 2, "Unit": "GB"}}},
            (COMBINATION, "The minimum DataStorage limit must not be greater than the maximum."),
        ),
        ({"SubnetIds": ["subnet-1"]}, (VALUE, "Between 2 and 3 subnets in different availability zones")),
        ({"SubnetIds": [f"subnet-{n}" for n in range(4)]}, (VALUE, "Between 2 and 3 subnets in different")),
        ({"SubnetIds": ["nothing", "subnet-2"]}, (VALUE, "Some input subnets in :[nothing, subnet-2] are invalid.")),
        ({"ConnectionType": "private"}, (VALUE, "Invalid value private for ConnectionType.")),
        ({"ConnectionType": "public"}, (COMBINATION, "ConnectionType public requires engine valkey with major")),
        ({"NetworkType": "ipx"}, (VALUE, "Invalid value ipx for NetworkType.")),
        ({"KmsKeyId": "other"}, ("InvalidKMSKeyFault", "Cannot use the key other: it does not exist.")),
        ({"UserGroupId": "nobody"}, ("UserGroupNotFoundFault", "UserGroup nobody not found.")),
        ({"Engine": "memcached", "UserGroupId": "g"}, (COMBINATION, "User groups are not supported for engine memca")),
        ({"SnapshotArnsToRestore": ["arn:x"]}, (VALUE, "Invalid value for SnapshotArnsToRestore: arn:x")),
        ({"Integrations": [{"IntegrationType": "s3"}]}, (VALUE, "Invalid value s3 for IntegrationType.")),
        ({"Integrations": [{"IntegrationType": "dynamodb"}]}, (COMBINATION, "Integrations require engine valkey with")),
        ({"ServerlessCacheName": "a--b"}, (VALUE, "The parameter ServerlessCacheName is not a valid identifier.")),
        ({"ServerlessCacheName": "a" * 41}, (VALUE, "Serverless Cache Name cannot be longer than 40 characters.")),
    ],
)  # fmt: skip
def test_what_no_cache_can_be(params: dict[str, Any], expected: tuple[str, str]) -> None:
    world = World()
    shape, message = world.refusal("CreateServerlessCache", **{"ServerlessCacheName": "s", "Engine": "valkey"} | params)
    assert (shape, message[: len(expected[1])]) == expected
    assert world.ask("DescribeServerlessCaches") == {"ServerlessCaches": []}


def test_a_name_is_taken_once() -> None:
    world = settled()
    taken = ("ServerlessCacheAlreadyExistsFault", "Serverless cache s already exists.")
    assert world.refusal("CreateServerlessCache", ServerlessCacheName="S", Engine="redis") == taken


def test_lists_come_in_pages_by_name() -> None:
    world = World()
    for name in ("c", "a", "b"):
        created(world, name)
    first = world.ask("DescribeServerlessCaches", MaxResults=2)
    second = world.ask("DescribeServerlessCaches", MaxResults=2, NextToken=first["NextToken"])
    names = [cache["ServerlessCacheName"] for page in (first, second) for cache in page["ServerlessCaches"]]
    assert (names, "NextToken" in second) == (["a", "b", "c"], False)
    for wrong in ({"MaxResults": 0}, {"MaxResults": 51}, {"NextToken": "x"}):
        assert world.refusal("DescribeServerlessCaches", **wrong)[0] == VALUE
    missing = ("ServerlessCacheNotFoundFault", "ServerlessCache not found: d")
    assert world.refusal("DescribeServerlessCaches", ServerlessCacheName="d") == missing


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, (COMBINATION, "No modifications were requested")),
        ({"Description": "x", "SnapshotRetentionLimit": 1}, ONE),
        ({"UserGroupId": "g", "RemoveUserGroup": True}, (COMBINATION, "UserGroupId and RemoveUserGroup cannot be")),
        ({"Engine": "valkey"}, TO_VALKEY),
        ({"Engine": "redis", "MajorEngineVersion": "7"}, TO_VALKEY),
        ({"MajorEngineVersion": "8"}, TO_VALKEY),
        ({"MajorEngineVersion": "7"}, (COMBINATION, "Cannot modify valkey from 8 to 7")),
        ({"MajorEngineVersion": "10"}, (VALUE, "Invalid MajorEngineVersion 10 for engine valkey.")),
        ({"SnapshotRetentionLimit": -1}, (VALUE, "Invalid value -1 for SnapshotRetentionLimit.")),
    ],
)
def test_what_no_change_can_be(params: dict[str, Any], expected: tuple[str, str]) -> None:
    world = settled()
    before = shown(world)
    shape, message = world.refusal("ModifyServerlessCache", ServerlessCacheName="s", **params)
    assert (shape, message[: len(expected[1])]) == expected
    assert shown(world) == before


@pytest.mark.parametrize(
    ("params", "found", "status"),
    [
        ({"Description": ""}, {"Description": ""}, "available"),
        ({"SecurityGroupIds": ["sg-1", "sg-2"]}, {"SecurityGroupIds": ["sg-1", "sg-2"]}, "available"),
        ({"SnapshotRetentionLimit": 3}, {"SnapshotRetentionLimit": 3}, "available"),
        ({"DailySnapshotTime": "23:59"}, {"DailySnapshotTime": "23:59"}, "available"),
        ({"MajorEngineVersion": "9"}, {"MajorEngineVersion": "9", "FullEngineVersion": "9.1"}, "modifying"),
    ],
)
def test_changes(params: dict[str, Any], found: dict[str, Any], status: str) -> None:
    world = settled(Description="before")
    assert modified(world, **params)["Status"] == status
    world.settle("s")
    after = shown(world)
    assert {name: after[name] for name in found} == found
    assert after["Status"] == "available"


def test_limits_stay_unless_they_are_taken_away() -> None:
    world = settled(CacheUsageLimits={"DataStorage": {"Maximum": 10, "Minimum": 1, "Unit": "GB"}})
    storage = {"DataStorage": {"Maximum": 10, "Minimum": 1, "Unit": "GB"}}
    assert shown(world)["CacheUsageLimits"] == storage
    ecpu = {"ECPUPerSecond": {"Maximum": 2000}}
    assert modified(world, CacheUsageLimits=ecpu)["CacheUsageLimits"] == storage | ecpu
    world.settle("s")
    gone = {"DataStorage": {"Maximum": 0, "Minimum": 0, "Unit": "GB"}}
    assert modified(world, CacheUsageLimits=gone)["CacheUsageLimits"] == ecpu
    assert ("serverless-cache", "Limits updated for the cache s.") in events(world)


def test_another_limit_is_nothing_to_memcached_that_runs() -> None:
    storage = {"DataStorage": {"Maximum": 2, "Unit": "GB"}}
    world = settled(Engine="memcached", CacheUsageLimits=storage)
    told = ("serverless-cache", "Cachewright keeps and shows CacheUsageLimits, but does not act on it yet.")
    assert told not in events(world)
    storage["DataStorage"]["Maximum"] = 3
    assert modified(world, CacheUsageLimits=storage)["CacheUsageLimits"] == storage
    assert told in events(world)


def test_redis_becomes_valkey_and_nothing_becomes_redis() -> None:
    world = settled(Engine="redis")
    assert modified(world, Engine="valkey", MajorEngineVersion="7")["Engine"] == "redis"
    world.settle("s")
    assert (shown(world)["Engine"], shown(world)["MajorEngineVersion"]) == ("valkey", "7")
    assert world.refusal("ModifyServerlessCache", ServerlessCacheName="s", Engine="redis") == TO_VALKEY


def test_a_user_group_comes_and_goes() -> None:
    world = settled()
    rules = {"AccessString": "on ~* +@all", "Passwords": ["a-long-password-1"]}
    world.ask("CreateUser", UserId="app", UserName="app", Engine="valkey", **rules)
    world.ask("CreateUserGroup", UserGroupId="users", Engine="valkey", UserIds=["app"])
    modified(world, UserGroupId="Users")
    world.settle("s")
    assert (shown(world)["UserGroupId"], [user.id for user in world.cache("s").spec.users]) == ("users", ["app"])
    (group,) = world.ask("DescribeUserGroups", UserGroupId="users")["UserGroups"]
    assert group["ServerlessCaches"] == ["s"]
    assert world.refusal("DeleteUserGroup", UserGroupId="users")[0] == "InvalidUserGroupStateFault"
    world.ask("ModifyUser", UserId="app", AccessString="on ~* +@read")
    assert [user.access for user in world.cache("s").spec.users] == ["on ~* +@read"]
    world.settle("s")
    assert "UserGroupId" not in modified(world, RemoveUserGroup=True)
    world.settle("s")
    world.ask("DeleteUserGroup", UserGroupId="users")


@pytest.mark.parametrize("phase", [Phase.CREATING, Phase.MODIFYING])
def test_a_busy_cache_is_left_alone(phase: Phase) -> None:
    world = settled()
    world.phase("s", phase)
    assert world.refusal("ModifyServerlessCache", ServerlessCacheName="s", Description="x") == BUSY
    assert world.refusal("DeleteServerlessCache", ServerlessCacheName="s") == BUSY


def test_it_is_deleted() -> None:
    world = settled()
    gone = world.ask("DeleteServerlessCache", ServerlessCacheName="S")["ServerlessCache"]
    assert gone["Status"] == shown(world)["Status"] == "deleting"
    world.gone("s")
    assert world.ask("DescribeServerlessCaches") == {"ServerlessCaches": []}


def test_tags() -> None:
    world = World()
    arn = created(world)["ARN"]
    assert world.refusal("ListTagsForResource", ResourceName=arn) == BUSY
    world.settle("s")
    for _ in range(2):  # the second one changes nothing
        world.ask("AddTagsToResource", ResourceName=arn, Tags=[{"Key": "k", "Value": "v"}])
    assert events(world).count(("serverless-cache", "Tags updated for the cache s.")) == 1
    world.phase("s", Phase.MODIFYING)
    assert world.ask("ListTagsForResource", ResourceName=arn) == {"TagList": [{"Key": "k", "Value": "v"}]}


def test_an_integration_is_kept_and_shown_as_what_it_is_here() -> None:
    world = World()
    params = {"ServerlessCacheName": "s", "Engine": "valkey", "MajorEngineVersion": "9"}
    world.ask("CreateServerlessCache", **params, Integrations=[{"IntegrationType": "dynamodb"}])
    (shown,) = world.ask("DescribeServerlessCaches")["ServerlessCaches"]
    assert shown["Integrations"] == [{"IntegrationType": "dynamodb", "Status": "failed"}]
    told = [event["Message"] for event in world.ask("DescribeEvents")["Events"]]
    assert "Cachewright keeps and shows Integrations, but does not act on it yet." in told

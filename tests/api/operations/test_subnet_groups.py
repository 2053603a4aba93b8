"""Subnet groups: of any subnets, kept apart from each other, and not to be had away while caches are in them."""

from typing import Any

import pytest

from cachewright.controlplane.model.nouns import SUBNET_GROUP
from tests.api.world import World

INVALID = "InvalidParameterValueException"
TYPES = ["ipv4", "ipv6", "dual_stack"]
ONE, TWO, THREE, FOUR = (f"subnet-0000000{number}" for number in range(1, 5))


def create(world: World, name: str = "mine", *subnets: str, **params: Any) -> dict[str, Any]:
    usual = {"CacheSubnetGroupName": name, "CacheSubnetGroupDescription": "of a test"}
    params = {**usual, "SubnetIds": subnets or (ONE, TWO), **params}
    answer: dict[str, Any] = world.ask("CreateCacheSubnetGroup", **params)["CacheSubnetGroup"]
    return answer


def described(world: World, **params: Any) -> list[str]:
    answer = world.ask("DescribeCacheSubnetGroups", **params)["CacheSubnetGroups"]
    return [group["CacheSubnetGroupName"] for group in answer]


def shown(world: World, name: str) -> dict[str, Any]:
    (group,) = world.ask("DescribeCacheSubnetGroups", CacheSubnetGroupName=name)["CacheSubnetGroups"]
    return dict(group)


def places(group: dict[str, Any]) -> dict[str, str]:
    """The zone of each subnet."""
    return {each["SubnetIdentifier"]: each["SubnetAvailabilityZone"]["Name"] for each in group["Subnets"]}


def modify(world: World, name: str = "mine", **params: Any) -> dict[str, Any]:
    answer = world.ask("ModifyCacheSubnetGroup", CacheSubnetGroupName=name, **params)
    return dict(answer["CacheSubnetGroup"])


def test_the_answer_of_a_new_group() -> None:
    world = World()
    answer = create(world, "My-Group", ONE, TWO)
    zones = [(ONE, "us-east-1a"), (TWO, "us-east-1b")]
    assert answer == {
        "CacheSubnetGroupName": "my-group",
        "CacheSubnetGroupDescription": "of a test",
        "VpcId": "vpc-00000001",
        "Subnets": [
            {"SubnetIdentifier": name, "SubnetAvailabilityZone": {"Name": zone}, "SupportedNetworkTypes": TYPES}
            for name, zone in zones
        ],
        "ARN": f"arn:aws:elasticache:us-east-1:{world.caller.account}:subnetgroup:my-group",
        "SupportedNetworkTypes": TYPES,
    }
    assert shown(world, "MY-GROUP") == answer


def test_the_default_group_is_there_and_stays_as_it_is() -> None:
    world = World()
    group = shown(world, "Default")
    assert group["CacheSubnetGroupDescription"] == "Default CacheSubnetGroup"
    assert list(places(group).values()) == ["us-east-1a", "us-east-1b", "us-east-1c"]
    assert shown(world, "default") == group
    assert world.refusal("DeleteCacheSubnetGroup", CacheSubnetGroupName="default") == (
        INVALID,
        "The default cache subnet group cannot be deleted.",
    )
    params = {"CacheSubnetGroupName": "default", "CacheSubnetGroupDescription": "mine"}
    assert world.refusal("ModifyCacheSubnetGroup", **params) == (
        INVALID,
        "The default cache subnet group cannot be modified.",
    )
    assert world.refusal("CreateCacheSubnetGroup", **params, SubnetIds=[ONE]) == (
        "CacheSubnetGroupAlreadyExistsFault",
        "Cache subnet group default already exists.",
    )


def test_pages_in_the_order_of_names() -> None:
    world = World()
    names = [f"{letter}-group" for letter in "abcdefghijklmnopqrstuvwxyz"]
    for name in reversed(names):
        create(world, name)
    first = world.ask("DescribeCacheSubnetGroups", MaxRecords=20)
    seen = [group["CacheSubnetGroupName"] for group in first["CacheSubnetGroups"]]
    seen += described(world, MaxRecords=20, Marker=first["Marker"])
    assert seen == sorted([*names, "default"])


@pytest.mark.parametrize(
    ("params", "shape", "message"),
    [
        ({"CacheSubnetGroupName": "a--b"}, INVALID, "The parameter CacheSubnetGroupName is not a valid identifier."),
        ({"CacheSubnetGroupName": "a" * 256}, INVALID, "Cache Subnet Group Name cannot be longer than 255 characters."),
        ({"SubnetIds": []}, INVALID, "The parameter SubnetIds must be provided."),
        ({"SubnetIds": [ONE, "net-1"]}, INVALID, f"Some input subnets in :[{ONE}, net-1] are invalid."),
        ({"SubnetIds": ["subnet-"]}, INVALID, "Some input subnets in :[subnet-] are invalid."),
        (
            {"SubnetIds": [f"subnet-{number}" for number in range(21)]},
            "CacheSubnetQuotaExceededFault",
            "A cache subnet group can have at most 20 subnets.",
        ),
        ({"CacheSubnetGroupName": "Taken"}, "CacheSubnetGroupAlreadyExistsFault", "Cache subnet group taken already"),
        ({"Tags": [{"Key": "aws:x"}]}, INVALID, "Tag keys cannot start with aws:"),
    ],
)
def test_what_cannot_be_created(params: dict[str, Any], shape: str, message: str) -> None:
    world = World()
    create(world, "taken")
    usual = {"CacheSubnetGroupName": "mine", "CacheSubnetGroupDescription": "d", "SubnetIds": [ONE]}
    refused, words = world.refusal("CreateCacheSubnetGroup", **usual | params)
    assert refused == shape
    assert message in words
    assert described(world) == ["default", "taken"]


def test_groups_in_a_region_are_counted() -> None:
    world = World()
    for number in range(300):
        create(world, f"group-{number}")
    params = {"CacheSubnetGroupName": "more", "CacheSubnetGroupDescription": "d", "SubnetIds": [ONE]}
    assert world.refusal("CreateCacheSubnetGroup", **params) == (
        "CacheSubnetGroupQuotaExceededFault",
        "You can have at most 300 cache subnet groups.",
    )


def test_a_subnet_is_in_one_zone_whatever_group_has_it() -> None:
    world = World()
    assert places(create(world, "first", ONE, TWO)) == {ONE: "us-east-1a", TWO: "us-east-1b"}
    second = create(world, "second", THREE, TWO, FOUR)
    assert places(second) == {TWO: "us-east-1b", THREE: "us-east-1a", FOUR: "us-east-1c"}
    assert second["VpcId"] == "vpc-00000003"


def test_a_group_is_changed() -> None:
    world = World()
    create(world)
    assert modify(world, CacheSubnetGroupDescription="other")["CacheSubnetGroupDescription"] == "other"
    after = modify(world, "MINE", SubnetIds=[THREE, TWO, TWO])
    assert places(after) == {TWO: "us-east-1b", THREE: "us-east-1a"}
    assert after["VpcId"] == "vpc-00000001"
    assert shown(world, "mine") == after


@pytest.mark.parametrize(
    ("params", "shape", "message"),
    [
        ({}, INVALID, "No modifications were requested."),
        ({"SubnetIds": []}, INVALID, "The parameter SubnetIds must be provided."),
        ({"SubnetIds": ["x"]}, INVALID, "Some input subnets in :[x] are invalid."),
        (
            {"CacheSubnetGroupName": "nobody", "CacheSubnetGroupDescription": "d"},
            "CacheSubnetGroupNotFoundFault",
            "Cache subnet group nobody not found.",
        ),
    ],
)
def test_what_cannot_be_changed(params: dict[str, Any], shape: str, message: str) -> None:
    world = World()
    before = create(world)
    usual = {"CacheSubnetGroupName": "mine"}
    assert world.refusal("ModifyCacheSubnetGroup", **usual | params) == (shape, message)
    assert shown(world, "mine") == before


def test_a_group_is_deleted_with_its_tags() -> None:
    world = World()
    create(world, Tags=[{"Key": "team", "Value": "shop"}])
    assert world.tags(SUBNET_GROUP, "mine") == (("team", "shop"),)
    assert world.ask("DeleteCacheSubnetGroup", CacheSubnetGroupName="Mine") == {}
    assert world.tags(SUBNET_GROUP, "mine") == ()
    assert world.refusal("DeleteCacheSubnetGroup", CacheSubnetGroupName="mine") == (
        "CacheSubnetGroupNotFoundFault",
        "Cache Subnet Group mine does not exist.",
    )
    assert world.refusal("DescribeCacheSubnetGroups", CacheSubnetGroupName="mine") == (
        "CacheSubnetGroupNotFoundFault",
        "Cache subnet group mine not found.",
    )


def test_groups_have_tags() -> None:
    world = World()
    arn = create(world)["ARN"]
    world.ask("AddTagsToResource", ResourceName=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    world.ask("RemoveTagsFromResource", ResourceName=arn, TagKeys=["a"])
    assert world.ask("ListTagsForResource", ResourceName=arn)["TagList"] == [{"Key": "b", "Value": "2"}]
    assert world.refusal("ListTagsForResource", ResourceName=arn.replace("mine", "nobody")) == (
        "CacheSubnetGroupNotFoundFault",
        "nobody is not present",
    )


def test_what_is_in_use_stays() -> None:
    world = World()
    create(world, "mine", ONE, TWO, THREE)
    world.cluster("c", CacheSubnetGroupName="MINE")
    world.group("g", NumCacheClusters=2, CacheSubnetGroupName="mine")
    world.settle("c")
    world.settle("g")
    assert world.shown_cluster("c")["CacheSubnetGroupName"] == "mine"
    assert world.shown_cluster("g-002")["CacheSubnetGroupName"] == "mine"
    in_use = ("CacheSubnetGroupInUse", "Cache subnet group mine is currently in use by a cache cluster.")
    assert world.refusal("DeleteCacheSubnetGroup", CacheSubnetGroupName="mine") == in_use
    subnets = {"CacheSubnetGroupName": "mine", "SubnetIds": [FOUR, ONE]}
    expected = ("SubnetInUse", f"The subnet {TWO} is currently in use by a cache cluster.")
    assert world.refusal("ModifyCacheSubnetGroup", **subnets) == expected
    assert list(places(modify(world, SubnetIds=[FOUR, TWO, ONE]))) == [ONE, TWO, FOUR]
    world.gone("g")
    world.gone("c")
    world.ask("DeleteCacheSubnetGroup", CacheSubnetGroupName="mine")


def test_nodes_are_in_the_zones_of_the_group() -> None:
    world = World()
    create(world, "mine", ONE, TWO)
    create(world, "lone", TWO)
    world.cluster("c", CacheSubnetGroupName="lone")
    world.cluster("m", CacheSubnetGroupName="mine", Engine="memcached", NumCacheNodes=3, AZMode="cross-az")
    world.group("g", CacheSubnetGroupName="mine", NumCacheClusters=3)
    world.settle("g")
    world.ask("IncreaseReplicaCount", ReplicationGroupId="g", NewReplicaCount=3, ApplyImmediately=True)
    zones = {name: [node.zone[-1] for node in world.cache(name).spec.nodes] for name in ("c", "m", "g")}
    assert zones == {"c": ["b"], "m": ["a", "b", "a"], "g": ["a", "b", "a", "b"]}


def test_a_zone_without_a_subnet_is_refused_wherever_it_is_named() -> None:
    world = World()
    create(world, "mine", ONE, TWO)
    world.group("g", CacheSubnetGroupName="mine")
    world.settle("g")
    usual = {"CacheSubnetGroupName": "mine", "CacheNodeType": "cache.t3.micro"}
    cluster = {"CacheClusterId": "c", "Engine": "redis", **usual}
    group = {"ReplicationGroupId": "x", "ReplicationGroupDescription": "d", "Engine": "valkey", **usual}
    replicas = {"NodeGroupId": "0001", "NewReplicaCount": 1, "PreferredAvailabilityZones": ["us-east-1a", "us-east-1c"]}
    replica = {"CacheClusterId": "r", "ReplicationGroupId": "g"}
    count = {"ReplicationGroupId": "g", "ApplyImmediately": True, "ReplicaConfiguration": [replicas]}
    asked: list[tuple[str, dict[str, Any]]] = [
        ("CreateCacheCluster", cluster | {"PreferredAvailabilityZone": "us-east-1c"}),
        ("CreateReplicationGroup", group | {"NumCacheClusters": 1, "PreferredCacheClusterAZs": ["us-east-1c"]}),
        ("CreateReplicationGroup", group | {"NodeGroupConfiguration": [{"PrimaryAvailabilityZone": "us-east-1c"}]}),
        ("IncreaseReplicaCount", count),
        ("CreateCacheCluster", replica | {"PreferredAvailabilityZone": "us-east-1c"}),
    ]
    expected = (
        "InvalidVPCNetworkStateFault",
        "No subnet is present in the cache subnet group for availability zone us-east-1c",
    )
    assert {world.refusal(operation, **params) for operation, params in asked} == {expected}
    nowhere = world.refusal("CreateCacheCluster", **cluster, PreferredAvailabilityZone="us-east-1x")
    assert nowhere == (INVALID, "us-east-1x is not a valid availability zone.")


def test_a_group_made_out_of_a_cluster_is_in_its_subnets() -> None:
    world = World()
    create(world)
    world.cluster("one", CacheSubnetGroupName="mine")
    world.settle("one")
    params = {"ReplicationGroupId": "rg", "ReplicationGroupDescription": "d", "PrimaryClusterId": "one"}
    refused, message = world.refusal("CreateReplicationGroup", **params, CacheSubnetGroupName="default")
    assert (refused, "mine" in message) == ("InvalidParameterCombinationException", True)
    world.ask("CreateReplicationGroup", **params)
    assert world.cache("rg").presentation.cache_subnet_group_name == "mine"
    assert world.refusal("DeleteCacheSubnetGroup", CacheSubnetGroupName="mine")[0] == "CacheSubnetGroupInUse"


def test_an_unknown_group_is_refused() -> None:
    world = World()
    expected = ("CacheSubnetGroupNotFoundFault", "Cache subnet group nobody not found.")
    usual = {"ReplicationGroupId": "g", "ReplicationGroupDescription": "d", "CacheNodeType": "cache.t3.micro"}
    assert world.refusal("CreateReplicationGroup", **usual, CacheSubnetGroupName="nobody") == expected
    create(world)
    elsewhere = World(caller=type(world.caller)(world.caller.account, "eu-west-1"))
    assert elsewhere.refusal("CreateReplicationGroup", **usual, CacheSubnetGroupName="mine")[0] == expected[0]

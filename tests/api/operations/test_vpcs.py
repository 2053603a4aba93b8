"""Subnets and security groups that an EC2 of the user's knows, and requests while it cannot be asked."""

from dataclasses import replace
from typing import Any

import pytest

from cachewright.controlplane.model.vpcs import Silent, VpcSubnet
from tests.api.operations.test_subnet_groups import INVALID, create, modify, shown
from tests.api.world import Vpcs, World

KNOWN = Vpcs(
    {
        "subnet-a": VpcSubnet("us-east-1a", "vpc-1", ("ipv4", "dual_stack")),
        "subnet-c": VpcSubnet("us-east-1c", "vpc-1", ("ipv4",)),
        "subnet-six": VpcSubnet("us-east-1b", "vpc-1", ("ipv6",)),
        "subnet-far": VpcSubnet("us-east-1f", "vpc-1", ("ipv4",)),
        "subnet-other": VpcSubnet("us-east-1a", "vpc-2", ("ipv4",)),
    },
    {"sg-1": "vpc-1", "sg-2": "vpc-2"},
)


def test_a_group_is_where_its_subnets_are() -> None:
    world = World(vpcs=KNOWN)
    answer = create(world, "mine", "subnet-c", "subnet-a")
    assert (answer["VpcId"], answer["SupportedNetworkTypes"]) == ("vpc-1", ["ipv4"])
    assert answer["Subnets"] == [
        {
            "SubnetIdentifier": "subnet-c",
            "SubnetAvailabilityZone": {"Name": "us-east-1c"},
            "SupportedNetworkTypes": ["ipv4"],
        },
        {
            "SubnetIdentifier": "subnet-a",
            "SubnetAvailabilityZone": {"Name": "us-east-1a"},
            "SupportedNetworkTypes": ["ipv4", "dual_stack"],
        },
    ]
    assert shown(world, "mine") == answer
    world.group("g", CacheSubnetGroupName="mine", NumCacheClusters=2)
    assert [node.zone for node in world.cache("g").spec.nodes] == ["us-east-1c", "us-east-1a"]


@pytest.mark.parametrize(
    ("subnets", "refusal"),
    [
        (["subnet-a", "subnet-x"], (INVALID, "Some input subnets in :[subnet-a, subnet-x] are invalid.")),
        (
            ["subnet-a", "subnet-other"],
            ("InvalidSubnet", "Subnets subnet-a and subnet-other are not in the same VPC."),
        ),
        (
            ["subnet-far"],
            (
                "InvalidSubnet",
                "The subnet subnet-far is in us-east-1f, and Cachewright has us-east-1a, us-east-1b, us-east-1c:"
                " CACHEWRIGHT_ZONES names the letters of others.",
            ),
        ),
    ],
)
def test_subnets_that_no_group_can_have(subnets: list[str], refusal: tuple[str, str]) -> None:
    world = World(vpcs=KNOWN)
    params: dict[str, Any] = {"CacheSubnetGroupName": "mine", "SubnetIds": subnets}
    assert world.refusal("CreateCacheSubnetGroup", **params, CacheSubnetGroupDescription="d") == refusal
    before = create(world, "mine", "subnet-a")
    assert world.refusal("ModifyCacheSubnetGroup", **params) == refusal
    assert shown(world, "mine") == before


def test_a_group_stays_in_its_vpc() -> None:
    world = World(vpcs=KNOWN)
    create(world, "mine", "subnet-a")
    refused = world.refusal("ModifyCacheSubnetGroup", CacheSubnetGroupName="mine", SubnetIds=["subnet-other"])
    assert refused == ("InvalidSubnet", "Subnets subnet-a and subnet-other are not in the same VPC.")
    assert modify(world, SubnetIds=["subnet-c", "subnet-a"])["VpcId"] == "vpc-1"


def test_a_group_from_before_there_was_an_ec2_gets_the_vpc_of_its_subnets() -> None:
    world = World()
    assert create(world, "mine", "subnet-a")["VpcId"] == "vpc-a"
    world.vpcs = KNOWN
    assert modify(world, SubnetIds=["subnet-a", "subnet-c"])["VpcId"] == "vpc-1"


def test_security_groups_have_to_be_there() -> None:
    world = World(vpcs=KNOWN)
    create(world, "mine", "subnet-a")
    world.group("g", CacheSubnetGroupName="mine", SecurityGroupIds=["sg-1", "sg-1"])
    assert world.shown_cluster("g-001")["SecurityGroups"] == [{"SecurityGroupId": "sg-1", "Status": "adding"}]
    world.settle("g")
    assert world.shown_cluster("g-001")["SecurityGroups"] == [{"SecurityGroupId": "sg-1", "Status": "active"}]
    unknown = (INVALID, "Invalid security group ids: [sg-x]")
    foreign = (
        "InvalidParameterCombinationException",
        "Subnet group [mine] belongs to a different VPC [vpc-1] than [vpc-2]",
    )
    usual = {"Engine": "redis", "CacheNodeType": "cache.t3.micro", "CacheSubnetGroupName": "mine"}
    for wanted, refusal in ((["sg-1", "sg-x"], unknown), (["sg-2"], foreign)):
        assert world.refusal("CreateCacheCluster", CacheClusterId="c", SecurityGroupIds=wanted, **usual) == refusal
        assert world.refusal("ModifyReplicationGroup", ReplicationGroupId="g", SecurityGroupIds=wanted) == refusal
    world.cluster("c", SecurityGroupIds=["sg-2"])  # the VPC of the default group is made up


def test_without_an_ec2_every_security_group_is_taken() -> None:
    world = World()
    world.cluster("c", SecurityGroupIds=["sg-x"])
    world.settle("c")
    world.ask("ModifyCacheCluster", CacheClusterId="c", SecurityGroupIds=["sg-y"])
    assert world.shown_cluster("c")["SecurityGroups"] == [{"SecurityGroupId": "sg-y", "Status": "active"}]
    told = [event["Message"] for event in world.ask("DescribeEvents", SourceType="cache-cluster")["Events"]]
    assert told.count("Applied change to security group") == 1


def test_while_the_ec2_is_away_nothing_is_changed() -> None:
    world = World(vpcs=KNOWN)
    create(world, "mine", "subnet-a")
    world.group("g", CacheSubnetGroupName="mine", SecurityGroupIds=["sg-1"])
    world.settle("g")
    before, group = world.cache("g"), shown(world, "mine")
    world.vpcs = Silent("EC2 at http://there does not answer: it hangs")
    asked: list[tuple[str, dict[str, Any]]] = [
        ("ModifyReplicationGroup", {"ReplicationGroupId": "g", "SecurityGroupIds": ["sg-1"]}),
        ("ModifyCacheSubnetGroup", {"CacheSubnetGroupName": "mine", "SubnetIds": ["subnet-a"]}),
    ]
    words = {world.refusal(operation, **params) for operation, params in asked}
    assert words == {
        ("ServiceUnavailable", f"Cannot look up {what}: EC2 at http://there does not answer: it hangs.")
        for what in ("subnets", "security groups")
    }
    assert (world.cache("g"), shown(world, "mine")) == (before, group)
    world.ask("ModifyReplicationGroup", ReplicationGroupId="g", ReplicationGroupDescription="other")
    assert world.cache("g").presentation == replace(before.presentation, description="other")


def test_security_groups_of_a_serverless_cache_are_of_the_vpc_of_its_subnets() -> None:
    world = World(vpcs=KNOWN)
    params = {"ServerlessCacheName": "s", "Engine": "valkey", "SubnetIds": ["subnet-a", "subnet-c"]}
    foreign = (
        "InvalidParameterCombinationException",
        "The subnets of the cache belong to a different VPC [vpc-1] than [vpc-2]",
    )
    assert world.refusal("CreateServerlessCache", **params, SecurityGroupIds=["sg-2"]) == foreign
    world.ask("CreateServerlessCache", **params)
    world.settle("s")
    assert world.refusal("ModifyServerlessCache", ServerlessCacheName="s", SecurityGroupIds=["sg-2"]) == foreign
    answer = world.ask("ModifyServerlessCache", ServerlessCacheName="s", SecurityGroupIds=["sg-1"])
    assert answer["ServerlessCache"]["SecurityGroupIds"] == ["sg-1"]

"""Cache security groups: who may come in, and how that goes. No cache can be in one."""

from typing import Any

import pytest

from cachewright.controlplane.model.nouns import CACHE_SECURITY_GROUP
from tests.api.world import World

INVALID = "InvalidParameterValueException"
STATE = "InvalidCacheSecurityGroupStateFault"
OWNER = "123456789012"


def create(world: World, name: str = "mine", **params: Any) -> dict[str, Any]:
    usual = {"CacheSecurityGroupName": name, "Description": "of a test"}
    return dict(world.ask("CreateCacheSecurityGroup", **usual | params)["CacheSecurityGroup"])


def ingress(group: str = "mine", name: str = "web", owner: str = OWNER) -> dict[str, str]:
    return {"CacheSecurityGroupName": group, "EC2SecurityGroupName": name, "EC2SecurityGroupOwnerId": owner}


def statuses(world: World, name: str = "mine") -> dict[str, str]:
    (group,) = world.ask("DescribeCacheSecurityGroups", CacheSecurityGroupName=name)["CacheSecurityGroups"]
    return {each["EC2SecurityGroupName"]: each["Status"] for each in group["EC2SecurityGroups"]}


def described(world: World, **params: Any) -> list[str]:
    answer = world.ask("DescribeCacheSecurityGroups", **params)["CacheSecurityGroups"]
    return [group["CacheSecurityGroupName"] for group in answer]


def test_a_group_from_its_beginning_to_its_end() -> None:
    world = World()
    account = world.caller.account
    new = create(world, "Mine", Tags=[{"Key": "team", "Value": "shop"}])
    assert new == {
        "OwnerId": account,
        "CacheSecurityGroupName": "mine",
        "Description": "of a test",
        "EC2SecurityGroups": [],
        "ARN": f"arn:aws:elasticache:us-east-1:{account}:securitygroup:mine",
    }
    assert world.ask("DescribeCacheSecurityGroups", CacheSecurityGroupName="MINE")["CacheSecurityGroups"] == [new]
    assert world.ask("ListTagsForResource", ResourceName=new["ARN"])["TagList"] == [{"Key": "team", "Value": "shop"}]
    answer = world.ask("AuthorizeCacheSecurityGroupIngress", **ingress("MINE"))["CacheSecurityGroup"]
    shown = {"EC2SecurityGroupName": "web", "EC2SecurityGroupOwnerId": OWNER}
    assert answer["EC2SecurityGroups"] == [{"Status": "authorizing", **shown}]
    busy = (STATE, "Cache security group mine is not in a valid state: EC2 security group web is authorizing.")
    assert world.refusal("RevokeCacheSecurityGroupIngress", **ingress()) == busy
    assert world.refusal("DeleteCacheSecurityGroup", CacheSecurityGroupName="mine") == busy
    world.wait(seconds=1)
    world.ask("AuthorizeCacheSecurityGroupIngress", **ingress(name="jobs"))
    assert statuses(world) == {"web": "authorized", "jobs": "authorizing"}
    assert world.refusal("AuthorizeCacheSecurityGroupIngress", **ingress())[0] == "AuthorizationAlreadyExistsFault"
    world.wait(seconds=1)
    revoked = world.ask("RevokeCacheSecurityGroupIngress", **ingress())["CacheSecurityGroup"]
    assert revoked["EC2SecurityGroups"][0] == {"Status": "revoking", **shown}
    for operation in ("AuthorizeCacheSecurityGroupIngress", "RevokeCacheSecurityGroupIngress"):
        assert world.refusal(operation, **ingress())[0] == STATE
    world.wait(seconds=1)
    assert statuses(world) == {"jobs": "authorized"}
    assert world.refusal("RevokeCacheSecurityGroupIngress", **ingress())[0] == "AuthorizationNotFoundFault"
    world.ask("AuthorizeCacheSecurityGroupIngress", **ingress())
    assert statuses(world) == {"jobs": "authorized", "web": "authorizing"}
    world.wait(seconds=1)
    assert world.ask("DeleteCacheSecurityGroup", CacheSecurityGroupName="Mine") == {}
    assert world.tags(CACHE_SECURITY_GROUP, "mine") == ()
    assert described(world) == ["default"]


def test_the_default_group_is_there_and_can_only_be_opened() -> None:
    world = World()
    arn = f"arn:aws:elasticache:us-east-1:{world.caller.account}:securitygroup:default"
    assert statuses(world, "Default") == {}
    world.ask("AuthorizeCacheSecurityGroupIngress", **ingress("default"))
    world.ask("AuthorizeCacheSecurityGroupIngress", **ingress("default", "jobs"))
    assert statuses(world, "default") == {"web": "authorizing", "jobs": "authorizing"}
    assert described(world) == ["default"]
    taken = ("CacheSecurityGroupAlreadyExistsFault", "Cache security group default already exists")
    assert world.refusal("CreateCacheSecurityGroup", CacheSecurityGroupName="Default", Description="d") == taken
    refused = (INVALID, "The default cache security group cannot be deleted.")
    assert world.refusal("DeleteCacheSecurityGroup", CacheSecurityGroupName="default") == refused
    assert world.refusal("AddTagsToResource", ResourceName=arn, Tags=[{"Key": "a", "Value": ""}]) == (
        INVALID,
        "The cache security group default is a default group and cannot be tagged.",
    )


@pytest.mark.parametrize(
    ("operation", "params", "shape", "message"),
    [
        ("CreateCacheSecurityGroup", {"CacheSecurityGroupName": "a--b"}, INVALID, "is not a valid identifier"),
        ("CreateCacheSecurityGroup", {"CacheSecurityGroupName": "a" * 256}, INVALID, "longer than 255 characters"),
        ("CreateCacheSecurityGroup", {}, "CacheSecurityGroupAlreadyExistsFault", "group mine already exists"),
        ("CreateCacheSecurityGroup", {"Tags": [{"Key": "aws:x"}]}, INVALID, "Tag keys cannot start with aws:"),
        ("AuthorizeCacheSecurityGroupIngress", {"EC2SecurityGroupOwnerId": "me"}, INVALID, "12 digits, not 'me'"),
        ("AuthorizeCacheSecurityGroupIngress", {"EC2SecurityGroupName": ""}, INVALID, "between 1 and 255"),
        *(
            (name, {"CacheSecurityGroupName": "nobody"}, "CacheSecurityGroupNotFoundFault", "not found: nobody")
            for name in (
                "AuthorizeCacheSecurityGroupIngress",
                "DeleteCacheSecurityGroup",
                "DescribeCacheSecurityGroups",
                "RevokeCacheSecurityGroupIngress",
            )
        ),
    ],
)
def test_what_is_refused(operation: str, params: dict[str, Any], shape: str, message: str) -> None:
    world = World()
    create(world)
    refused, words = world.refusal(operation, **{**ingress(), "Description": "d", **params})
    assert refused == shape
    assert message in words
    assert statuses(world) == {}


def test_groups_are_counted_and_shown_in_pages() -> None:
    world = World()
    world.ask("AuthorizeCacheSecurityGroupIngress", **ingress("default"))  # which counts for nothing
    names = [f"group-{number:02}" for number in range(50)]
    for name in names:
        create(world, name)
    assert world.refusal("CreateCacheSecurityGroup", CacheSecurityGroupName="more", Description="d") == (
        "CacheSecurityGroupQuotaExceededFault",
        "You can have at most 50 cache security groups.",
    )
    first = world.ask("DescribeCacheSecurityGroups", MaxRecords=20)
    seen = [group["CacheSecurityGroupName"] for group in first["CacheSecurityGroups"]]
    assert len(seen) == 20
    seen += described(world, Marker=first["Marker"])
    assert seen == ["default", *names]


def test_no_cache_can_be_in_one() -> None:
    world = World()
    create(world)
    world.cluster("c")
    world.settle("c")
    world.group("g")
    world.settle("g")
    usual = {"CacheNodeType": "cache.t3.micro", "Engine": "redis", "ReplicationGroupDescription": "d"}
    for operation, params in (
        ("CreateCacheCluster", {"CacheClusterId": "d", **usual}),
        ("ModifyCacheCluster", {"CacheClusterId": "c"}),
        ("CreateReplicationGroup", {"ReplicationGroupId": "h", **usual}),
        ("ModifyReplicationGroup", {"ReplicationGroupId": "g"}),
    ):
        assert world.refusal(operation, **params, CacheSecurityGroupNames=["mine"]) == (
            "InvalidParameterCombinationException",
            "Use of cache security groups is not permitted in this API version for your account.",
        )

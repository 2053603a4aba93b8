"""Tags of cache clusters and replication groups."""

from time import process_time

import pytest

from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.nouns import CACHE_CLUSTER, NOUNS
from tests.api.world import World

OTHERS = "arn:aws:elasticache:us-east-1:999999999999:cluster:one"


def arn(world: World, kind: str, name: str) -> str:
    region = "us-east-1" if kind not in NOUNS or NOUNS[kind].regional else ""
    return f"arn:aws:elasticache:{region}:{world.caller.account}:{kind}:{name}"


def tagged(*pairs: str) -> list[dict[str, str]]:
    return [dict(zip(("Key", "Value"), pair.split("="), strict=True)) for pair in pairs]


@pytest.fixture
def world() -> World:
    """A cluster `one` and a group `rg` of two members, each with a tag."""
    world = World()
    world.cluster("one", Tags=tagged("team=shop"))
    world.group("rg", NumCacheClusters=2, Tags=tagged("team=shop"))
    world.settle("one")
    world.settle("rg")
    return world


def listed(world: World, kind: str, name: str) -> list[dict[str, str]]:
    answer = world.ask("ListTagsForResource", ResourceName=arn(world, kind, name))
    return list(answer["TagList"])


def test_tags_are_added_replaced_and_removed(world: World) -> None:
    one = arn(world, "cluster", "one")
    after = world.ask("AddTagsToResource", ResourceName=one, Tags=tagged("team=web", "Team=", "stage=test"))
    assert after["TagList"] == listed(world, "cluster", "one") == tagged("team=web", "Team=", "stage=test")
    left = world.ask("RemoveTagsFromResource", ResourceName=one, TagKeys=["Team", "nobody"])
    assert left["TagList"] == listed(world, "cluster", "ONE") == tagged("team=web", "stage=test")


def test_tags_are_only_words(world: World) -> None:
    before = world.cache("one")
    world.ask("AddTagsToResource", ResourceName=arn(world, "cluster", "one"), Tags=tagged("stage=test"))
    after = world.cache("one")
    assert (after.generation, after.status) == (before.generation, before.status)
    assert world.shown_cluster("one")["CacheClusterStatus"] == "available"


def test_what_changes_a_group_changes_its_members(world: World) -> None:
    member = arn(world, "cluster", "rg-001")
    world.ask("AddTagsToResource", ResourceName=member, Tags=tagged("role=writer"))
    assert listed(world, "cluster", "rg-001") == tagged("team=shop", "role=writer")
    assert listed(world, "cluster", "rg-002") == listed(world, "replicationgroup", "rg") == tagged("team=shop")
    group = arn(world, "replicationgroup", "rg")
    world.ask("AddTagsToResource", ResourceName=group, Tags=tagged("stage=test"))
    world.ask("RemoveTagsFromResource", ResourceName=group, TagKeys=["team"])
    assert listed(world, "replicationgroup", "rg") == listed(world, "cluster", "rg-002") == tagged("stage=test")
    assert listed(world, "cluster", "rg-001") == tagged("role=writer", "stage=test")


def test_there_may_be_fifty(world: World) -> None:
    one = arn(world, "cluster", "one")
    world.ask("AddTagsToResource", ResourceName=one, Tags=tagged(*(f"{n}=x" for n in range(49))))
    shape, _ = world.refusal("AddTagsToResource", ResourceName=one, Tags=tagged("another=x"))
    assert shape == "TagQuotaPerResourceExceeded"
    world.ask("AddTagsToResource", ResourceName=one, Tags=tagged("team=x"))
    assert len(listed(world, "cluster", "one")) == 50


def test_tags_of_members_come_and_go_with_them(world: World) -> None:
    group = {"ReplicationGroupId": "rg", "ApplyImmediately": True}
    world.ask("AddTagsToResource", ResourceName=arn(world, "cluster", "rg-002"), Tags=tagged("role=reader"))
    world.ask("IncreaseReplicaCount", **group, NewReplicaCount=2)
    world.settle("rg")
    assert listed(world, "cluster", "rg-003") == tagged("team=shop")
    world.ask("DecreaseReplicaCount", **group, NewReplicaCount=1, ReplicasToRemove=["rg-002"])
    assert world.tags(CACHE_CLUSTER, "rg-002") == ()
    world.settle("rg")
    world.ask("CreateCacheCluster", CacheClusterId="rg-002", ReplicationGroupId="rg")
    world.settle("rg")
    assert listed(world, "cluster", "rg-002") == tagged("team=shop")
    world.gone("rg")
    world.group("rg", NumCacheClusters=2)
    world.settle("rg")
    assert listed(world, "replicationgroup", "rg") == listed(world, "cluster", "rg-002") == []


def test_a_quota_of_a_member_refuses_the_whole_change(world: World) -> None:
    member, group = arn(world, "cluster", "rg-001"), arn(world, "replicationgroup", "rg")
    world.ask("AddTagsToResource", ResourceName=member, Tags=tagged(*(f"{n}=x" for n in range(49))))
    shape, _ = world.refusal("AddTagsToResource", ResourceName=group, Tags=tagged("another=x"))
    assert shape == "TagQuotaPerResourceExceeded"
    assert listed(world, "replicationgroup", "rg") == listed(world, "cluster", "rg-002") == tagged("team=shop")


def test_more_tags_than_allowed_are_not_compared(world: World) -> None:
    """Whoever compares each with each does so for a second, and holds the write lock."""
    many = [{"Key": f"{number:0120}"} for number in range(9000)]
    began = process_time()
    world.refusal("AddTagsToResource", ResourceName=arn(world, "cluster", "one"), Tags=many)
    assert process_time() - began < 0.1


@pytest.mark.parametrize("operation", ["AddTagsToResource", "ListTagsForResource", "RemoveTagsFromResource"])
def test_only_what_is_available(world: World, operation: str) -> None:
    world.phase("rg", Phase.MODIFYING)
    assert world.refusal(operation, ResourceName=arn(world, "cluster", "rg-001"), Tags=[], TagKeys=[]) == (
        "InvalidReplicationGroupStateFault",
        "Cluster not in available state to perform tagging operations.",
    )


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("one", "InvalidARNFault", "Input ARN string does not have 7 components."),
        ("arn:aws-cn:elasticache:x:y:cluster:one", "InvalidARNFault", "partition"),
        ("arn:aws:s3:us-east-1:y:cluster:one", "InvalidARNFault", "service"),
        (OTHERS, "InvalidParameterValueException", "Unauthorized call. Please check the region or customer id"),
        (OTHERS.replace("east", "west"), "InvalidParameterValueException", "Unauthorized call"),
        ("cluster:nobody", "CacheClusterNotFoundFault", "CacheCluster not found: nobody"),
        ("replicationgroup:nobody", "ReplicationGroupNotFoundFault", "ReplicationGroup not found: nobody"),
        ("node:nobody", "InvalidARNFault", "no type of resource that can be tagged"),
        ("parametergroup:nobody", "CacheParameterGroupNotFoundFault", "nobody is not present"),
        (
            "globalreplicationgroup:nobody",
            "GlobalReplicationGroupNotFoundFault",
            "GlobalReplicationGroup not found: nobody",
        ),
    ],
)
def test_what_is_no_resource(world: World, name: str, shape: str, message: str) -> None:
    own = arn(world, *name.split(":")) if name.count(":") == 1 else name
    refused, words = world.refusal("ListTagsForResource", ResourceName=own)
    assert refused == shape
    assert message in words

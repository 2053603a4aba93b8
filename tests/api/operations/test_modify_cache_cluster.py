"""ModifyCacheCluster and ListAllowedNodeTypeModifications: what is refused, and what changes at once."""

from typing import Any

import pytest

from tests.api.world import World

INVALID = "InvalidParameterValueException"
COMBINATION = "InvalidParameterCombinationException"
STATE = "InvalidCacheClusterStateFault"
LIST = "ListAllowedNodeTypeModifications"


@pytest.fixture
def world() -> World:
    """A Redis cluster `c`, a Memcached cluster `m`, and a group `g` of two."""
    world = World()
    world.cluster("c")
    world.cluster("m", Engine="memcached", NumCacheNodes=2)
    world.group("g", NumCacheClusters=2)
    for name in ("c", "m", "g"):
        world.settle(name)
    return world


@pytest.mark.parametrize(
    ("name", "params", "shape", "message"),
    [
        ("x", {"EngineVersion": "7.1"}, "CacheClusterNotFoundFault", "CacheCluster not found: x"),
        ("c", {}, COMBINATION, "No modifications were requested"),
        ("c", {"EngineVersion": "6.2"}, COMBINATION, "Cannot modify redis from 7.1.0 to 6.2.6"),
        ("m", {"EngineVersion": "1.6.12"}, COMBINATION, "Cannot modify memcached from 1.6.22 to 1.6.12"),
        ("c", {"EngineVersion": "7.4"}, COMBINATION, "Cannot find version 7.4 for redis"),
        ("c", {"Engine": "valkey"}, COMBINATION, "Cannot modify redis to valkey: use ModifyReplicationGroup."),
        ("c", {"NumCacheNodes": 2}, INVALID, "NumCacheNodes must be 1 for engine redis."),
        ("c", {"AuthToken": "0" * 16}, COMBINATION, "AUTH tokens are modified with ModifyReplicationGroup."),
        ("c", {"CacheNodeIdsToRemove": ["0001"]}, COMBINATION, "CacheNodeIdsToRemove is for memcached only."),
        ("c", {"AZMode": "cross-az"}, COMBINATION, "AZMode is for memcached only."),
        ("c", {"NewAvailabilityZones": ["us-east-1a"]}, COMBINATION, "NewAvailabilityZones is for memcached only."),
        ("c", {"ScaleConfig": {"ScalePercentage": 50}}, COMBINATION, "ScaleConfig is for memcached only."),
        (
            "m",
            {"CacheNodeType": "cache.m1.large"},
            COMBINATION,
            "Cache node type cache.t3.micro cannot be modified to cache.m1.large.",
        ),
        (
            "m",
            {"SnapshotRetentionLimit": 1},
            COMBINATION,
            "Snapshot parameters are not supported for engine memcached.",
        ),
        (
            "g-001",
            {"CacheNodeType": "cache.m5.large"},
            COMBINATION,
            "Cache cluster g-001 is a member of replication group g: use ModifyReplicationGroup.",
        ),
    ],
)
def test_refused(world: World, name: str, params: dict[str, Any], shape: str, message: str) -> None:
    assert world.refusal("ModifyCacheCluster", CacheClusterId=name, **params) == (shape, message)
    assert {world.cache(name).generation for name in ("c", "m", "g")} == {1}


def test_only_an_available_cluster(world: World) -> None:
    world.cluster("new")
    expected = (STATE, "Cache cluster new is not in available state.")
    assert world.refusal("ModifyCacheCluster", CacheClusterId="new", NumCacheNodes=1) == expected


def test_settings_of_a_cluster(world: World) -> None:
    params = {"PreferredMaintenanceWindow": "mon:07:00-mon:08:00", "NumCacheNodes": 2, "SecurityGroupIds": ["sg-1"]}
    answer = world.ask("ModifyCacheCluster", CacheClusterId="M", **params)["CacheCluster"]
    assert (answer["CacheClusterStatus"], answer["PreferredMaintenanceWindow"]) == ("available", "mon:07:00-mon:08:00")
    assert world.cache("m").generation == 1
    messages = [event["Message"] for event in world.ask("DescribeEvents", SourceIdentifier="m")["Events"]]
    assert "Applied change to security group" in messages


def test_settings_of_a_member_are_those_of_its_group(world: World) -> None:
    params = {"SnapshotRetentionLimit": 2, "SnapshotWindow": "05:00-06:00", "ApplyImmediately": True}
    answer = world.ask("ModifyCacheCluster", CacheClusterId="g-002", **params)["CacheCluster"]
    assert (answer["SnapshotRetentionLimit"], answer["SnapshotWindow"]) == (2, "05:00-06:00")
    shown = world.shown_group("g")
    assert (shown["SnapshottingClusterId"], shown["SnapshotRetentionLimit"]) == ("g-002", 2)


def test_a_member_does_not_hurry_what_waits_for_its_group(world: World) -> None:
    world.ask("ModifyReplicationGroup", ReplicationGroupId="g", CacheNodeType="cache.m5.large")
    world.ask("ModifyCacheCluster", CacheClusterId="g-002", SnapshotWindow="05:00-06:00", ApplyImmediately=True)
    assert world.cache("g").spec.pending.node_type == "cache.m5.large"


def test_where_a_cache_can_be_moved_to(world: World) -> None:
    cluster, group = world.ask(LIST, CacheClusterId="C"), world.ask(LIST, ReplicationGroupId="G")
    assert "cache.m5.large" in cluster["ScaleUpModifications"]
    assert "cache.r8g.large" not in cluster["ScaleUpModifications"]
    assert "cache.r8g.large" in group["ScaleUpModifications"]
    assert world.ask(LIST, CacheClusterId="g-001") == group
    memcached = world.ask(LIST, CacheClusterId="m")
    assert {"cache.m5.large", "cache.r8g.large"} <= set(memcached["ScaleUpModifications"])
    assert memcached["ScaleDownModifications"] == []


@pytest.mark.parametrize(
    ("params", "shape"),
    [
        ({}, COMBINATION),
        ({"CacheClusterId": "c", "ReplicationGroupId": "g"}, COMBINATION),
        ({"CacheClusterId": "x"}, "CacheClusterNotFoundFault"),
        ({"ReplicationGroupId": "x"}, "ReplicationGroupNotFoundFault"),
    ],
)
def test_whose_node_types(world: World, params: dict[str, str], shape: str) -> None:
    assert world.refusal(LIST, **params)[0] == shape

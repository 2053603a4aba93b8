"""The nodes of a Memcached cluster through ModifyCacheCluster: what waits, what is refused, what is shown meanwhile."""

from typing import Any

import pytest

from tests.api.world import World

VALUE = "InvalidParameterValueException"
COMBINATION = "InvalidParameterCombinationException"
A, B, C = "us-east-1a", "us-east-1b", "us-east-1c"
NOW: dict[str, Any] = {"ApplyImmediately": True}
MODIFY = "ModifyCacheCluster"


@pytest.fixture
def world() -> World:
    """A Memcached cluster `m` of three nodes in one zone, and `x` of two across zones."""
    world = World()
    world.cluster("m", Engine="memcached", NumCacheNodes=3, PreferredAvailabilityZone=B)
    world.cluster("x", Engine="memcached", NumCacheNodes=2, AZMode="cross-az")
    world.settle("m")
    world.settle("x")
    return world


def modify(world: World, name: str = "m", **params: Any) -> dict[str, Any]:
    """The cluster after a request, as the answer shows it."""
    return dict(world.ask(MODIFY, CacheClusterId=name, **params)["CacheCluster"])


def pending(shown: dict[str, Any]) -> dict[str, Any]:
    """What is shown to be pending."""
    return dict(shown["PendingModifiedValues"])


def zones(world: World, name: str = "m") -> dict[str, str]:
    """The zone of every node by its id, as they are shown."""
    nodes = world.shown_cluster(name)["CacheNodes"]
    return {node["CacheNodeId"]: node["CustomerAvailabilityZone"] for node in nodes}


def test_nodes_that_wait_to_be_added(world: World) -> None:
    shown = modify(world, NumCacheNodes=5)
    assert (shown["CacheClusterStatus"], shown["NumCacheNodes"]) == ("available", 3)
    assert pending(shown) == {"NumCacheNodes": 5}
    assert pending(modify(world, NumCacheNodes=6)) == {"NumCacheNodes": 6}
    assert pending(modify(world, NumCacheNodes=3)) == {}
    assert world.cache("m").generation == 1


def test_nodes_that_wait_to_be_removed(world: World) -> None:
    shown = modify(world, NumCacheNodes=1, CacheNodeIdsToRemove=["0003", "0001"])
    assert pending(shown) == {"NumCacheNodes": 1, "CacheNodeIdsToRemove": ["0003", "0001"]}
    shown = modify(world, NumCacheNodes=2, CacheNodeIdsToRemove=["0002"])
    assert pending(shown) == {"NumCacheNodes": 2, "CacheNodeIdsToRemove": ["0002"]}
    assert pending(modify(world, NumCacheNodes=4)) == {"NumCacheNodes": 4}


def test_an_addition_at_once_does_all_that_wait(world: World) -> None:
    modify(world, NumCacheNodes=4)
    shown = modify(world, NumCacheNodes=5, **NOW)
    assert (shown["CacheClusterStatus"], shown["NumCacheNodes"]) == ("modifying", 3)
    assert pending(shown) == {"NumCacheNodes": 5}
    world.settle("m")
    shown = world.shown_cluster("m")
    assert (shown["CacheClusterStatus"], shown["NumCacheNodes"], pending(shown)) == ("available", 5, {})
    assert zones(world) == dict.fromkeys(["0001", "0002", "0003", "0004", "0005"], B)
    messages = [event["Message"] for event in world.ask("DescribeEvents", SourceIdentifier="m")["Events"]]
    assert messages.count("Increasing number of requested nodes") == 1


def test_what_waits_is_done_at_once_when_that_is_all_that_is_asked_for(world: World) -> None:
    modify(world, NumCacheNodes=2, CacheNodeIdsToRemove=["0002"])
    shown = modify(world, **NOW)
    assert pending(shown) == {"NumCacheNodes": 2, "CacheNodeIdsToRemove": ["0002"]}
    nodes = {node["CacheNodeId"]: node["CacheNodeStatus"] for node in world.shown_cluster("m")["CacheNodes"]}
    assert nodes == {"0001": "available", "0003": "available", "0002": "deleting"}
    world.settle("m")
    assert list(zones(world)) == ["0001", "0003"]
    modify(world, NumCacheNodes=3, **NOW)
    world.settle("m")
    assert list(zones(world)) == ["0001", "0003", "0004"]


@pytest.mark.parametrize(
    ("name", "params", "placed"),
    [
        ("m", {"NumCacheNodes": 5}, [B, B]),
        ("m", {"NumCacheNodes": 5, "AZMode": "cross-az"}, [A, C]),
        ("m", {"NumCacheNodes": 5, "AZMode": "cross-az", "NewAvailabilityZones": [C, B]}, [C, B]),
        ("m", {"NumCacheNodes": 4, "NewAvailabilityZones": [B]}, [B]),
        ("x", {"NumCacheNodes": 4}, [C, A]),
        ("x", {"NumCacheNodes": 3, "NewAvailabilityZones": [A]}, [A]),
    ],
)
def test_where_new_nodes_are(world: World, name: str, params: dict[str, Any], placed: list[str]) -> None:
    before = len(zones(world, name))
    modify(world, name, **params, **NOW)
    world.settle(name)
    assert list(zones(world, name).values())[before:] == placed


def test_a_cluster_that_is_spread_later_is_shown_in_several_zones(world: World) -> None:
    assert world.shown_cluster("m")["PreferredAvailabilityZone"] == B
    modify(world, NumCacheNodes=4, AZMode="cross-az", **NOW)
    world.settle("m")
    assert world.shown_cluster("m")["PreferredAvailabilityZone"] == "Multiple"
    modify(world, NumCacheNodes=3, CacheNodeIdsToRemove=["0004"], **NOW)
    world.settle("m")
    assert modify(world, AZMode="single-az")["PreferredAvailabilityZone"] == B


@pytest.mark.parametrize(
    ("name", "params", "shape", "words"),
    [
        (
            "m",
            {"NumCacheNodes": 2},
            COMBINATION,
            "The number of CacheNodeIdsToRemove must match the number of nodes you are",
        ),
        ("m", {"NumCacheNodes": 2, "CacheNodeIdsToRemove": ["0009"]}, VALUE, "Cache nodes not found: 0009"),
        ("m", {"CacheNodeIdsToRemove": ["0001"]}, COMBINATION, "CacheNodeIdsToRemove and NewAvailabilityZones need"),
        ("m", {"NewAvailabilityZones": [A]}, COMBINATION, "CacheNodeIdsToRemove and NewAvailabilityZones need"),
        ("m", {"NumCacheNodes": 61}, "NodeQuotaForClusterExceededFault", "Cluster node quota exceeded."),
        ("m", {"NumCacheNodes": 0}, VALUE, "Invalid value 0 for NumCacheNodes."),
        ("m", {"NumCacheNodes": 4, "NewAvailabilityZones": [A]}, COMBINATION, "NewAvailabilityZones can only be given"),
        (
            "x",
            {"NumCacheNodes": 4, "NewAvailabilityZones": [A]},
            COMBINATION,
            "NewAvailabilityZones must name one availability zone for each cache node",
        ),
        (
            "x",
            {"NumCacheNodes": 1, "CacheNodeIdsToRemove": ["0001"], "NewAvailabilityZones": [A]},
            COMBINATION,
            "NewAvailabilityZones must name one availability zone for each cache node",
        ),
        ("x", {"NumCacheNodes": 3, "NewAvailabilityZones": ["eu-west-1a"]}, VALUE, "eu-west-1a is not a valid"),
        ("x", {"AZMode": "single-az"}, COMBINATION, "AZMode single-az cannot be given: the cluster has nodes"),
        ("x", {"AZMode": "any"}, VALUE, "Invalid value any for AZMode."),
        ("m", {"ScaleConfig": {"ScalePercentage": 50}}, COMBINATION, "ScaleConfig can only be given with"),
        ("m", {"NumCacheNodes": 4, "ScaleConfig": {"ScalePercentage": 101}}, VALUE, "Invalid value 101 for"),
        ("m", {"NumCacheNodes": 4, "ScaleConfig": {"ScaleIntervalMinutes": 0}}, VALUE, "Invalid value 0 for"),
        ("m", {"SnapshotWindow": "05:00-06:00"}, COMBINATION, "Snapshot parameters are not supported"),
    ],
)
def test_refused(world: World, name: str, params: dict[str, Any], shape: str, words: str) -> None:
    refused = world.refusal(MODIFY, CacheClusterId=name, **params, **NOW)
    assert (refused[0], refused[1][: len(words)]) == (shape, words)
    assert world.cache(name).generation == 1


def test_additions_that_wait_are_not_decreased(world: World) -> None:
    modify(world, NumCacheNodes=6)
    shape, message = world.refusal(MODIFY, CacheClusterId="m", NumCacheNodes=5)
    assert (shape, "Cancel the pending modification first" in message) == (COMBINATION, True)
    assert pending(world.shown_cluster("m")) == {"NumCacheNodes": 6}


def test_node_type_and_scaling_wait_together(world: World) -> None:
    scaling = {"ScalePercentage": 50, "ScaleIntervalMinutes": 60}
    shown = modify(world, NumCacheNodes=4, CacheNodeType="cache.m5.large", ScaleConfig=scaling)
    assert pending(shown) == {"NumCacheNodes": 4, "CacheNodeType": "cache.m5.large", "ScaleConfig": scaling}
    assert pending(modify(world, NumCacheNodes=3)) == {"CacheNodeType": "cache.m5.large"}
    assert pending(modify(world, CacheNodeType="cache.t3.micro")) == {}


def test_nobody_modifies_a_cluster_that_is_being_modified(world: World) -> None:
    modify(world, NumCacheNodes=4, **NOW)
    shape, _ = world.refusal(MODIFY, CacheClusterId="m", NumCacheNodes=3)
    assert shape == "InvalidCacheClusterStateFault"


@pytest.mark.parametrize(
    ("params", "words"),
    [
        (
            {"EngineVersion": "1.6.6"},
            "Encryption features are not supported for engine version 1.6.6. Please use engine version 1.6.12",
        ),
        (
            {"CacheNodeType": "cache.t2.micro"},
            "Encryption feature is not supported for cache node type cache.t2.micro.",
        ),
        (
            {"CacheNodeType": "cache.r3.large"},
            "Encryption feature is not supported for cache node type cache.r3.large.",
        ),
        ({"AuthToken": "0" * 16}, "AUTH tokens are not supported for engine memcached."),
        ({"Engine": "redis"}, "Encryption feature is not supported for engine REDIS."),
    ],
)
def test_what_is_not_encrypted(world: World, params: dict[str, Any], words: str) -> None:
    asked = {"CacheClusterId": "t", "Engine": "memcached", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": 1}
    refused = world.refusal("CreateCacheCluster", **asked | {"TransitEncryptionEnabled": True} | params)
    assert refused == (COMBINATION, words)


def test_an_encrypted_cluster_stays_on_node_types_that_encrypt(world: World) -> None:
    world.cluster("t", Engine="memcached", CacheNodeType="cache.m5.large", TransitEncryptionEnabled=True)
    world.settle("t")
    assert world.shown_cluster("t")["TransitEncryptionEnabled"] is True
    downward = world.ask("ListAllowedNodeTypeModifications", CacheClusterId="t")["ScaleDownModifications"]
    assert "cache.t3.micro" in downward
    assert not [name for name in downward if name.startswith(("cache.t2.", "cache.m3.", "cache.r3."))]

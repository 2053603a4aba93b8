"""ModifyReplicationGroupShardConfiguration: what is refused, which shards come and go, and which slots move."""

from dataclasses import replace
from typing import Any

import pytest

from cachewright.controlplane.model import slots
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.usage import Usage
from tests.api.world import World

OPERATION = "ModifyReplicationGroupShardConfiguration"
INVALID = "InvalidParameterValueException"
COMBINATION = "InvalidParameterCombinationException"
STATE = "InvalidReplicationGroupStateFault"
QUOTA = "NodeGroupsPerReplicationGroupQuotaExceededFault"
A, B, C = "us-east-1a", "us-east-1b", "us-east-1c"
MOST_SHARDS = "A replication group can have at most 90 node groups."
MOST_NODES = "Cluster node quota exceeded. Each cluster can have at most 90 nodes in this region."
CLUSTER: dict[str, Any] = {"NumNodeGroups": 3, "ReplicasPerNodeGroup": 1, "AutomaticFailoverEnabled": True}


def settled(**params: Any) -> World:
    world = World()
    world.group("g", **CLUSTER | params)
    world.settle("g")
    return world


def reshard(world: World, count: int, **params: Any) -> Cache:
    """The group after it."""
    wanted = {"ReplicationGroupId": "G", "NodeGroupCount": count, "ApplyImmediately": True}
    assert world.ask(OPERATION, **wanted | params)["ReplicationGroup"]["Status"] == "modifying"
    return world.cache("g")


def dealt(cache: Cache) -> dict[str, str]:
    return {shard.id: shard.slots for shard in cache.spec.shards}


@pytest.mark.parametrize(
    ("group", "params", "shape", "message"),
    [
        (
            {},
            {"NodeGroupCount": 4, "ApplyImmediately": False},
            INVALID,
            "ApplyImmediately must be true: the shard configuration only changes at once.",
        ),
        (
            {"NumNodeGroups": None, "AutomaticFailoverEnabled": False},
            {"NodeGroupCount": 2},
            INVALID,
            "Operation is only applicable for cluster mode enabled replication groups.",
        ),
        (
            {"NumNodeGroups": 1, "ClusterMode": "compatible"},
            {"NodeGroupCount": 2},
            INVALID,
            "Operation is only applicable for cluster mode enabled replication groups.",
        ),
        (
            {"Engine": "redis", "EngineVersion": "3.2.6"},
            {"NodeGroupCount": 4},
            COMBINATION,
            "Online resharding is not supported for Redis version 3.2.6.",
        ),
        ({}, {"NodeGroupCount": 0}, INVALID, "Invalid value 0 for NodeGroupCount. Must be at least 1"),
        ({}, {"NodeGroupCount": 91}, QUOTA, MOST_SHARDS),
        ({}, {"NodeGroupCount": 46}, QUOTA, MOST_NODES),
        (
            {},
            {"NodeGroupCount": 2, "NodeGroupsToRemove": ["0010"]},
            INVALID,
            "The following node group ids are invalid: [0010]",
        ),
        (
            {},
            {"NodeGroupCount": 2, "NodeGroupsToRetain": ["0001", "7"]},
            INVALID,
            "The following node group ids are invalid: [7]",
        ),
        (
            {},
            {"NodeGroupCount": 2, "NodeGroupsToRemove": ["0001"], "NodeGroupsToRetain": ["0002", "0003"]},
            COMBINATION,
            "NodeGroupsToRemove cannot be given with NodeGroupsToRetain.",
        ),
        (
            {},
            {"NodeGroupCount": 2},
            COMBINATION,
            "Either NodeGroupsToRemove or NodeGroupsToRetain must be given to have fewer.",
        ),
        (
            {},
            {"NodeGroupCount": 2, "NodeGroupsToRemove": ["0001", "0002"]},
            COMBINATION,
            "The node groups that are listed do not leave 2 of 3.",
        ),
        (
            {},
            {"NodeGroupCount": 2, "NodeGroupsToRetain": ["0001"]},
            COMBINATION,
            "The node groups that are listed do not leave 2 of 3.",
        ),
        (
            {},
            {"NodeGroupCount": 3, "NodeGroupsToRemove": ["0001"]},
            COMBINATION,
            "Node groups to remove or to retain can only be given when there shall be fewer.",
        ),
        (
            {},
            {"NodeGroupCount": 2, "NodeGroupsToRemove": ["0001"], "ReshardingConfiguration": [{"NodeGroupId": "9"}]},
            COMBINATION,
            "ReshardingConfiguration can only be given when there shall be more node groups.",
        ),
        (
            {},
            {"NodeGroupCount": 5, "ReshardingConfiguration": [{"PreferredAvailabilityZones": [A, B]}]},
            COMBINATION,
            "ReshardingConfiguration must have an entry for each new node group.",
        ),
        (
            {},
            {"NodeGroupCount": 4, "ReshardingConfiguration": [{"PreferredAvailabilityZones": [A]}]},
            COMBINATION,
            "PreferredAvailabilityZones must name 2 availability zones for a node group.",
        ),
        (
            {},
            {"NodeGroupCount": 4, "ReshardingConfiguration": [{"PreferredAvailabilityZones": [A, "x"]}]},
            INVALID,
            "x is not a valid availability zone.",
        ),
        (
            {},
            {"NodeGroupCount": 5, "ReshardingConfiguration": [{"NodeGroupId": "8"}, {"NodeGroupId": "0008"}]},
            INVALID,
            "Node group 0008 must be given once in ReshardingConfiguration.",
        ),
        (
            {},
            {"NodeGroupCount": 4, "ReshardingConfiguration": [{"NodeGroupId": "x"}]},
            INVALID,
            "Invalid node group id x. It must have 1 to 4 digits.",
        ),
        (
            {},
            {"NodeGroupCount": 3},
            STATE,
            "Slots in the replication group are uniformly distributed. Nothing to do.",
        ),
    ],
)
def test_refused(group: dict[str, Any], params: dict[str, Any], shape: str, message: str) -> None:
    world = settled(**group)
    before = world.cache("g")
    wanted = {"ReplicationGroupId": "g", "ApplyImmediately": True, **params}
    assert world.refusal(OPERATION, **wanted) == (shape, message)
    assert world.cache("g") == before


def test_only_an_available_group_is_resharded() -> None:
    world = settled()
    world.phase("g", Phase.MODIFYING)
    refused = world.refusal(OPERATION, ReplicationGroupId="g", NodeGroupCount=4, ApplyImmediately=True)
    assert refused == (STATE, "Replication group g is not in available state.")
    missing = world.refusal(OPERATION, ReplicationGroupId="h", NodeGroupCount=4, ApplyImmediately=True)
    assert missing == ("ReplicationGroupNotFoundFault", "ReplicationGroup not found: h")


def test_new_shards_take_an_equal_share_and_nothing_else_moves() -> None:
    world = settled()
    before = world.cache("g")
    after = reshard(world, 4)
    assert [shard.id for shard in after.spec.shards] == ["0001", "0002", "0003", "0004"]
    assert [node.cluster for node in after.spec.shards[3].nodes] == ["g-0004-001", "g-0004-002"]
    assert [node.zone for node in after.spec.shards[3].nodes] == [A, B]
    ranges = {name: slots.parsed(text) for name, text in dealt(after).items()}
    assert {slots.size(share) for share in ranges.values()} == {4096}
    for shard in before.spec.shards:
        assert not slots.difference(ranges[shard.id], slots.parsed(shard.slots))
    assert after.spec.change.moving == 4096


def test_a_new_shard_is_as_large_as_the_smallest() -> None:
    world = settled(NumNodeGroups=None, ReplicasPerNodeGroup=None, NodeGroupConfiguration=[{"ReplicaCount": 2}, {}])
    after = reshard(world, 3)
    assert [len(shard.nodes) for shard in after.spec.shards] == [3, 1, 1]


def test_new_shards_are_where_and_called_as_wished() -> None:
    desired = [{"NodeGroupId": "0007", "PreferredAvailabilityZones": [C, C]}, {"PreferredAvailabilityZones": [B, A]}]
    after = reshard(settled(), 5, ReshardingConfiguration=desired)
    new = [(shard.id, [node.zone for node in shard.nodes]) for shard in after.spec.shards[3:]]
    assert new == [("0007", [C, C]), ("0008", [B, A])]


def test_a_request_may_repeat_the_shards_that_there_are() -> None:
    zones = [{"PreferredAvailabilityZones": [zone, zone]} for zone in (A, B, C, C)]
    after = reshard(settled(), 4, ReshardingConfiguration=zones)
    assert [node.zone for node in after.spec.shards[3].nodes] == [C, C]


@pytest.mark.parametrize("params", [{"NodeGroupsToRemove": ["2"]}, {"NodeGroupsToRetain": ["0001", "0003"]}])
def test_a_shard_gives_its_slots_away_and_is_shown_until_it_has(params: dict[str, Any]) -> None:
    world = settled()
    after = reshard(world, 2, **params)
    assert [shard.id for shard in after.spec.shards] == ["0001", "0003"]
    assert [slots.size(slots.parsed(text)) for text in dealt(after).values()] == [8192, 8192]
    shown = world.shown_group("g")
    assert [group["NodeGroupId"] for group in shown["NodeGroups"]] == ["0001", "0002", "0003"]
    assert {group["Status"] for group in shown["NodeGroups"]} == {"modifying"}
    assert [group["Slots"] for group in shown["NodeGroups"]] == ["0-5461", "5462-10922", "10923-16383"]
    assert shown["PendingModifiedValues"] == {"Resharding": {"SlotMigration": {"ProgressPercentage": 0.0}}}
    assert len(shown["MemberClusters"]) == 6
    world.settle("g")
    shown = world.shown_group("g")
    assert [group["NodeGroupId"] for group in shown["NodeGroups"]] == ["0001", "0003"]
    assert (shown["Status"], shown["PendingModifiedValues"]) == ("available", {})
    assert len(shown["MemberClusters"]) == 4


def test_the_members_of_a_leaving_shard_are_found_until_it_is_gone() -> None:
    world = settled()
    reshard(world, 2, NodeGroupsToRemove=["0002"])
    assert world.shown_cluster("g-0002-001")["CacheClusterStatus"] == "available"
    listed = [cluster["CacheClusterId"] for cluster in world.ask("DescribeCacheClusters")["CacheClusters"]]
    assert listed == world.shown_group("g")["MemberClusters"]
    world.settle("g")
    missing = world.refusal("DescribeCacheClusters", CacheClusterId="g-0002-001")
    assert missing == ("CacheClusterNotFoundFault", "CacheCluster not found: g-0002-001")


def test_progress_is_told() -> None:
    world = settled()
    cache = reshard(world, 4)
    after = dealt(cache)
    halfway = {name: replace(known, slots=after[name]) for name, known in cache.status.shards.items()}
    world.report("g", replace(cache.status, shards=halfway))
    pending = world.shown_group("g")["PendingModifiedValues"]
    assert pending == {"Resharding": {"SlotMigration": {"ProgressPercentage": 100.0}}}


def test_uneven_slots_are_dealt_out_evenly() -> None:
    entries = [{"Slots": "0-8999", "ReplicaCount": 1}, {"Slots": "9000-16383", "ReplicaCount": 1}]
    world = settled(NumNodeGroups=2, ReplicasPerNodeGroup=None, NodeGroupConfiguration=entries)
    after = reshard(world, 2)
    assert [slots.size(slots.parsed(text)) for text in dealt(after).values()] == [8192, 8192]
    assert after.spec.change.moving == 808


def filled(world: World, **used: int) -> None:
    """Say how many bytes the primary of each shard holds."""
    world.usage = {f"g-{name.strip('_')}-001.0001": Usage(size, 0, 1) for name, size in used.items()}


def test_what_does_not_fit_is_refused_before_it_starts() -> None:
    world = settled(CacheNodeType="cache.t3.micro")  # 402653184 bytes for data
    filled(world, _0001=300_000_000, _0002=250_000_000, _0003=100_000_000)
    before = world.cache("g")
    wanted = {"ReplicationGroupId": "g", "NodeGroupCount": 2, "ApplyImmediately": True}
    shape, message = world.refusal(OPERATION, **wanted, NodeGroupsToRemove=["0002"])
    assert shape == STATE
    assert message.startswith("Failed to scale in replication group g because the remaining node groups have")
    assert "0001 (424977110 bytes) of 402653184 bytes" in message
    assert world.cache("g") == before
    assert len(reshard(world, 2, NodeGroupsToRemove=["0003"]).spec.shards) == 2


def test_numbers_of_shards_that_are_gone_are_not_used_again_at_once() -> None:
    world = settled()
    reshard(world, 2, NodeGroupsToRemove=["0001"])
    world.settle("g")
    assert [shard.id for shard in reshard(world, 3).spec.shards] == ["0002", "0003", "0004"]


def test_the_highest_number_is_followed_by_free_ones() -> None:
    entries = [{"NodeGroupId": "9999", "ReplicaCount": 1}, {"NodeGroupId": "1", "ReplicaCount": 1}]
    world = settled(NumNodeGroups=2, ReplicasPerNodeGroup=None, NodeGroupConfiguration=entries)
    assert [shard.id for shard in reshard(world, 3).spec.shards] == ["9999", "0001", "0002"]

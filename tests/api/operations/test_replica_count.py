"""IncreaseReplicaCount and DecreaseReplicaCount: what is refused, and which replicas come and go."""

from typing import Any

import pytest

from cachewright.controlplane.model.lifecycle import Phase
from tests.api.world import World

INVALID = "InvalidParameterValueException"
COMBINATION = "InvalidParameterCombinationException"
MORE, FEWER = "IncreaseReplicaCount", "DecreaseReplicaCount"
A, B, C = "us-east-1a", "us-east-1b", "us-east-1c"
SAME = "Requested new replica count already matches current number of replicas."
LIMITS = "The number of replicas per node group must be within 0 and 5."


def settled(**params: Any) -> World:
    world = World()
    world.group("g", **{"NumCacheClusters": 3, **params})
    world.settle("g")
    return world


def shard(count: int, *zones: str, node_group: str = "0001", **more: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {"NodeGroupId": node_group, "NewReplicaCount": count, **more}
    return {"ReplicaConfiguration": [entry | ({"PreferredAvailabilityZones": list(zones)} if zones else {})]}


def change(world: World, operation: str, **params: Any) -> list[tuple[str, str]]:
    """The members after it, and their zones."""
    answer = world.ask(operation, ReplicationGroupId="G", ApplyImmediately=True, **params)["ReplicationGroup"]
    nodes = world.cache("g").spec.nodes
    assert answer["MemberClusters"] == [node.cluster for node in nodes]
    assert answer["Status"] == "modifying"
    return [(node.cluster, node.zone) for node in nodes]


@pytest.mark.parametrize(
    ("operation", "params", "shape", "message"),
    [
        (MORE, {"NewReplicaCount": 2}, "NoOperationFault", SAME),
        (FEWER, {"NewReplicaCount": 2}, "NoOperationFault", SAME),
        (
            MORE,
            {"NewReplicaCount": 1},
            INVALID,
            "The new replica count must be greater than the current replica count.",
        ),
        (FEWER, {"NewReplicaCount": 3}, INVALID, "The new replica count must be less than the current replica count."),
        (MORE, {"NewReplicaCount": 6}, INVALID, LIMITS),
        (FEWER, {"NewReplicaCount": -1}, INVALID, LIMITS),
        (MORE, shard(6), INVALID, LIMITS),
        (MORE, {}, COMBINATION, "Either NewReplicaCount or ReplicaConfiguration must be given."),
        (
            MORE,
            {"NewReplicaCount": 3, **shard(3)},
            COMBINATION,
            "NewReplicaCount cannot be given with ReplicaConfiguration.",
        ),
        (
            MORE,
            shard(3, node_group="0010"),
            INVALID,
            "The following node group ids are invalid: [0010]",
        ),
        (
            MORE,
            {"ReplicaConfiguration": [*shard(3)["ReplicaConfiguration"], *shard(4)["ReplicaConfiguration"]]},
            INVALID,
            "Node group 0001 must be given once in ReplicaConfiguration.",
        ),
        (
            MORE,
            shard(3, A, B),
            INVALID,
            "PreferredAvailabilityZones must name one availability zone for each node of the shard.",
        ),
        (MORE, shard(3, A, B, C, "x"), INVALID, "x is not a valid availability zone."),
        (
            MORE,
            shard(3, PreferredOutpostArns=["arn:x"]),
            INVALID,
            "Outpost not found: arn:x",
        ),
        (
            MORE,
            {"NewReplicaCount": 3, "ApplyImmediately": False},
            INVALID,
            "ApplyImmediately must be true: the number of replicas only changes at once.",
        ),
        (
            FEWER,
            {"NewReplicaCount": 1, "ReplicasToRemove": ["G-001"]},
            INVALID,
            "Cache cluster g-001 is the primary and cannot be removed.",
        ),
        (
            FEWER,
            {"NewReplicaCount": 1, "ReplicasToRemove": ["x"]},
            INVALID,
            "The following replicas are invalid: [x]",
        ),
        (
            FEWER,
            {"NewReplicaCount": 1, "ReplicasToRemove": ["g-002", "g-003"]},
            COMBINATION,
            "ReplicasToRemove must name as many replicas as are to be removed.",
        ),
        (
            FEWER,
            {"NewReplicaCount": 0},
            INVALID,
            "Must have at least 1 replica when cluster mode is disabled with auto failover enabled.",
        ),
    ],
)
def test_refused(operation: str, params: dict[str, Any], shape: str, message: str) -> None:
    world = settled(AutomaticFailoverEnabled=True)
    before = world.cache("g")
    asked = {"ReplicationGroupId": "g", "ApplyImmediately": True}
    assert world.refusal(operation, **asked | params) == (shape, message)
    assert world.cache("g") == before


def test_multi_az_needs_a_replica() -> None:
    world = settled(AutomaticFailoverEnabled=True, MultiAZEnabled=True)
    refused = world.refusal(FEWER, ReplicationGroupId="g", NewReplicaCount=0, ApplyImmediately=True)
    assert refused == (INVALID, "Must have at least 1 replica for Multi-AZ enabled Replication Group")


@pytest.mark.parametrize("operation", [MORE, FEWER])
def test_only_an_available_group(operation: str) -> None:
    world = settled()
    world.phase("g", Phase.MODIFYING)
    refused = world.refusal(operation, ReplicationGroupId="g", NewReplicaCount=1, ApplyImmediately=True)
    assert refused == ("InvalidReplicationGroupStateFault", "Replication group g is not in available state.")


@pytest.mark.parametrize(
    ("params", "zones"),
    [
        ({"NewReplicaCount": 4}, [A, B]),
        (shard(4), [A, B]),
        (shard(4, A, B, C, C, B), [C, B]),
        (shard(3, A, A, B, C), [A]),
    ],
)
def test_more(params: dict[str, Any], zones: list[str]) -> None:
    members = change(settled(), MORE, **params)
    names = [f"g-00{number}" for number in range(4, 4 + len(zones))]
    assert members == [("g-001", A), ("g-002", B), ("g-003", C), *zip(names, zones, strict=True)]


@pytest.mark.parametrize(
    ("params", "left"),
    [
        ({"NewReplicaCount": 1}, ["g-001", "g-002"]),
        ({"NewReplicaCount": 0}, ["g-001"]),
        ({"NewReplicaCount": 1, "ReplicasToRemove": ["g-002"]}, ["g-001", "g-003"]),
        ({"ReplicasToRemove": ["g-002"]}, ["g-001", "g-003"]),
        (shard(1, A, C), ["g-001", "g-003"]),
    ],
)
def test_fewer(params: dict[str, Any], left: list[str]) -> None:
    assert [name for name, _ in change(settled(), FEWER, **params)] == left


def test_names_that_are_free_are_taken_again() -> None:
    world = settled()
    world.cluster("g-004")
    change(world, FEWER, ReplicasToRemove=["g-002"])
    world.settle("g")
    members = change(world, MORE, NewReplicaCount=3)
    assert [name for name, _ in members] == ["g-001", "g-003", "g-002", "g-005"]


def test_what_was_said_about_a_replica_goes_with_it() -> None:
    world = settled(SnapshotRetentionLimit=1)
    assert world.shown_group("g")["SnapshottingClusterId"] == "g-002"
    world.ask("ModifyReplicationGroup", ReplicationGroupId="g", PrimaryClusterId="g-002")
    arn = f"arn:aws:elasticache:us-east-1:{world.caller.account}:cluster:g-002"
    world.ask("AddTagsToResource", ResourceName=arn, Tags=[{"Key": "a", "Value": "b"}])
    change(world, FEWER, ReplicasToRemove=["g-002"])
    spec = world.cache("g").spec
    assert spec.pending.primary == ""
    assert spec.schedule.snapshotting_cluster_id == "g-003"


def clustered(*replicas: int, **params: Any) -> World:
    """A group in cluster mode with shards of so many replicas."""
    world = World()
    entries = [{"ReplicaCount": count} for count in replicas]
    world.group("g", NodeGroupConfiguration=entries, AutomaticFailoverEnabled=True, **params)
    world.settle("g")
    return world


def shards(*counts: tuple[str, int]) -> dict[str, Any]:
    return {"ReplicaConfiguration": [{"NodeGroupId": name, "NewReplicaCount": count} for name, count in counts]}


@pytest.mark.parametrize(
    ("operation", "params", "members"),
    [
        (MORE, {"NewReplicaCount": 2}, "g-0001-001 g-0001-002 g-0001-003 g-0002-001 g-0002-002 g-0002-003"),
        (MORE, shards(("0002", 2)), "g-0001-001 g-0001-002 g-0002-001 g-0002-002 g-0002-003"),
        (MORE, shards(("2", 1), ("0001", 2)), "g-0001-001 g-0001-002 g-0001-003 g-0002-001 g-0002-002"),
        (FEWER, {"NewReplicaCount": 0}, "g-0001-001 g-0002-001"),
        (FEWER, shards(("0001", 0)), "g-0001-001 g-0002-001 g-0002-002"),
        (FEWER, {"ReplicasToRemove": ["g-0002-002"]}, "g-0001-001 g-0001-002 g-0002-001"),
        (FEWER, {**shards(("0002", 0)), "ReplicasToRemove": ["G-0002-002"]}, "g-0001-001 g-0001-002 g-0002-001"),
    ],
)
def test_shards_change_together_or_each_by_itself(operation: str, params: dict[str, Any], members: str) -> None:
    assert [name for name, _ in change(clustered(1, 1), operation, **params)] == members.split()


def test_shards_of_different_sizes_become_equal() -> None:
    assert len(change(clustered(0, 2), MORE, NewReplicaCount=2)) == 6
    assert len(change(clustered(0, 2), FEWER, NewReplicaCount=0)) == 2


def test_new_replicas_of_a_shard_are_spread_over_the_zones() -> None:
    after = change(clustered(0, 0), MORE, NewReplicaCount=2)
    assert [zone for _, zone in after] == [A, B, C, B, A, C]


def test_numbers_of_a_shard_are_used_again() -> None:
    world = clustered(2, 0)
    change(world, FEWER, ReplicasToRemove=["g-0001-002"])
    world.settle("g")
    names = [name for name, _ in change(world, MORE, **shards(("0001", 3)))]
    assert names == ["g-0001-001", "g-0001-003", "g-0001-002", "g-0001-004", "g-0002-001"]


@pytest.mark.parametrize(
    ("group", "operation", "params", "shape", "message"),
    [
        ({}, MORE, {"NewReplicaCount": 1}, "NoOperationFault", SAME),
        ({}, MORE, shards(("0003", 2)), INVALID, "The following node group ids are invalid: [0003]"),
        ({}, MORE, shards(("0001", 6)), INVALID, LIMITS),
        ({}, FEWER, {"ReplicasToRemove": ["g-0002-001"]}, INVALID, "Cache cluster g-0002-001 is the primary and"),
        ({}, FEWER, {"ReplicasToRemove": ["g-0003-001"]}, INVALID, "The following replicas are invalid: [g-0003-001]"),
        (
            {},
            FEWER,
            {"NewReplicaCount": 0, "ReplicasToRemove": ["g-0002-002"]},
            COMBINATION,
            "ReplicasToRemove must name as many replicas as are to be removed.",
        ),
        (
            {},
            FEWER,
            {**shards(("0001", 0)), "ReplicasToRemove": ["g-0002-002"]},
            COMBINATION,
            "ReplicasToRemove must name as many replicas as are to be removed.",
        ),
        (
            {"MultiAZEnabled": True},
            FEWER,
            shards(("0002", 0)),
            INVALID,
            "Must have at least 1 replica for Multi-AZ enabled Replication Group",
        ),
    ],
)
def test_refused_of_shards(
    group: dict[str, Any], operation: str, params: dict[str, Any], shape: str, message: str
) -> None:
    world = clustered(1, 1, **group)
    before = world.cache("g")
    refused = world.refusal(operation, ReplicationGroupId="g", ApplyImmediately=True, **params)
    assert (refused[0], refused[1][: len(message)]) == (shape, message)
    assert world.cache("g") == before


def test_the_quota_of_a_group_holds_for_its_replicas() -> None:
    world = clustered(*([0] * 31))
    shape, _ = world.refusal(MORE, ReplicationGroupId="g", ApplyImmediately=True, NewReplicaCount=2)
    assert shape == "NodeGroupsPerReplicationGroupQuotaExceededFault"


def test_nothing_is_scaled_while_cluster_mode_is_compatible() -> None:
    world = settled(ClusterMode="compatible", AutomaticFailoverEnabled=True)
    refused = world.refusal(MORE, ReplicationGroupId="g", ApplyImmediately=True, NewReplicaCount=3)
    assert refused == (COMBINATION, "NewReplicaCount cannot be modified while cluster mode is compatible.")

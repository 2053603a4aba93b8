"""IncreaseReplicaCount and DecreaseReplicaCount: what is refused, and which replicas come and go."""

from typing import Any

import pytest

from controlplane.model.lifecycle import Phase
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
            "NotImplemented",
            "Cachewright does not implement Outposts yet.",
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
    wish = {"ReplicationGroupId": "g", "ApplyImmediately": True}
    assert world.refusal(operation, **wish | params) == (shape, message)
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
    assert (spec.pending.primary, spec.options.member_tags) == ("", ())
    assert spec.options.snapshotting_cluster_id == "g-003"

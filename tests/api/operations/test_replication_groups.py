"""How replication groups are shown, failed over and deleted."""

from typing import Any

import pytest

from cachewright.controlplane.model.lifecycle import GROUP_STATUS, NODE_GROUP_STATUS, NodePhase, Phase
from tests.api.world import World

STATE = "InvalidReplicationGroupStateFault"
READY = {"NumCacheClusters": 3, "AutomaticFailoverEnabled": True}


def settled(name: str, **params: Any) -> World:
    world = World()
    world.group(name, **params)
    world.settle(name)
    return world


def roles(group: dict[str, Any]) -> list[str]:
    return [member["CurrentRole"] for member in group["NodeGroups"][0]["NodeGroupMembers"]]


def test_node_groups_are_told_once_the_group_is_available() -> None:
    world = World()
    assert "NodeGroups" not in world.group("g", NumCacheClusters=2, Port=7000)
    assert "NodeGroups" not in world.shown_group("g")
    world.settle("g")
    shown = world.shown_group("G")
    assert shown["Status"] == "available"
    assert shown["NodeGroups"] == [
        {
            "NodeGroupId": "0001",
            "Status": "available",
            "PrimaryEndpoint": {"Address": "10.0.1.1", "Port": 7000},
            "ReaderEndpoint": {"Address": "10.0.1.2", "Port": 7000},
            "NodeGroupMembers": [
                {
                    "CacheClusterId": "g-001",
                    "CacheNodeId": "0001",
                    "ReadEndpoint": {"Address": "10.0.0.1", "Port": 7000},
                    "PreferredAvailabilityZone": "us-east-1a",
                    "CurrentRole": "primary",
                },
                {
                    "CacheClusterId": "g-002",
                    "CacheNodeId": "0001",
                    "ReadEndpoint": {"Address": "10.0.0.2", "Port": 7000},
                    "PreferredAvailabilityZone": "us-east-1b",
                    "CurrentRole": "replica",
                },
            ],
        }
    ]


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase not in {Phase.CREATING, Phase.FAILED}])
def test_what_was_told_is_never_taken_back(phase: Phase) -> None:
    world = settled("g", **READY)
    (before,) = world.shown_group("g")["NodeGroups"]
    world.phase("g", phase)
    after = world.shown_group("g")
    assert after["Status"] == GROUP_STATUS[phase]
    assert after["NodeGroups"] == [before | {"Status": NODE_GROUP_STATUS[phase]}]


def test_lists_come_in_pages_by_name() -> None:
    world = World()
    names = [f"g{number:02}" for number in range(21)]
    for name in reversed(names):
        world.group(name)
    first = world.ask("DescribeReplicationGroups", MaxRecords=20)
    second = world.ask("DescribeReplicationGroups", MaxRecords=20, Marker=first["Marker"])
    assert [group["ReplicationGroupId"] for page in (first, second) for group in page["ReplicationGroups"]] == names
    assert "Marker" not in second


@pytest.mark.parametrize(
    ("operation", "params"),
    [("DescribeReplicationGroups", {}), ("DeleteReplicationGroup", {}), ("TestFailover", {"NodeGroupId": "0001"})],
)
def test_unknown_group(operation: str, params: dict[str, str]) -> None:
    expected = ("ReplicationGroupNotFoundFault", "ReplicationGroup not found: None")
    assert World().refusal(operation, ReplicationGroupId="None", **params) == expected


def test_deletion() -> None:
    world = settled("g", NumCacheClusters=2)
    answer = world.ask("DeleteReplicationGroup", ReplicationGroupId="G")["ReplicationGroup"]
    assert answer["Status"] == world.shown_group("g")["Status"] == "deleting"
    assert world.shown_cluster("g-002")["CacheClusterStatus"] == "deleting"
    expected = (STATE, "Replication group g is not in a valid state to be deleted.")
    assert world.refusal("DeleteReplicationGroup", ReplicationGroupId="g") == expected
    world.gone("g")
    assert world.refusal("DescribeReplicationGroups", ReplicationGroupId="g")[0] == "ReplicationGroupNotFoundFault"
    assert world.refusal("DescribeCacheClusters", CacheClusterId="g-001")[0] == "CacheClusterNotFoundFault"


def test_deletion_waits_for_creation_unless_that_failed() -> None:
    world = World()
    world.group("g")
    expected = (STATE, "Replication group g is not in a valid state to be deleted.")
    assert world.refusal("DeleteReplicationGroup", ReplicationGroupId="g") == expected
    world.phase("g", Phase.FAILED)
    assert world.shown_group("g")["Status"] == "create-failed"
    world.ask("DeleteReplicationGroup", ReplicationGroupId="g")


@pytest.mark.parametrize(
    ("params", "shape", "message"),
    [
        (
            {"FinalSnapshotIdentifier": "s", "RetainPrimaryCluster": True},
            "InvalidParameterCombinationException",
            "FinalSnapshotIdentifier cannot be given with RetainPrimaryCluster.",
        ),
    ],
)
def test_deletion_refused(params: dict[str, Any], shape: str, message: str) -> None:
    world = settled("g")
    assert world.refusal("DeleteReplicationGroup", ReplicationGroupId="g", **params) == (shape, message)
    assert world.shown_group("g")["Status"] == "available"


def test_failover() -> None:
    world = settled("g", **READY)
    answer = world.ask("TestFailover", ReplicationGroupId="G", NodeGroupId="0001")["ReplicationGroup"]
    assert (answer["Status"], roles(answer)) == ("available", ["primary", "replica", "replica"])
    assert world.cache("g").spec.shards[0].failovers == 1
    assert world.shown_group("g")["Status"] == "modifying"
    again = (STATE, "Replication group g is not in available state.")
    assert world.refusal("TestFailover", ReplicationGroupId="g", NodeGroupId="0001") == again
    world.settle("g")
    assert roles(world.shown_group("g")) == ["replica", "primary", "replica"]
    (told,) = world.ask("DescribeEvents", SourceType="replication-group")["Events"]
    assert (told["SourceIdentifier"], told["Message"]) == ("g", "Test Failover API called for node group 0001")


@pytest.mark.parametrize(
    ("params", "node_group", "shape", "message"),
    [
        (READY, "0002", "NodeGroupNotFoundFault", "Node group 0002 not found in replication group g."),
        (
            {"NumCacheClusters": 2},
            "0001",
            STATE,
            "Automatic failover is not enabled for replication group g.",
        ),
    ],
)
def test_failover_refused(params: dict[str, Any], node_group: str, shape: str, message: str) -> None:
    world = settled("g", **params)
    refused = world.refusal("TestFailover", ReplicationGroupId="g", NodeGroupId=node_group)
    assert refused == (shape, message)
    assert world.cache("g").generation == 1
    assert world.ask("DescribeEvents") == {"Events": []}


def test_failover_waits_for_recovery() -> None:
    world = settled("g", **READY)
    world.node_phase("g", "g-003.0001", NodePhase.RECOVERING)
    assert world.refusal("TestFailover", ReplicationGroupId="g", NodeGroupId="0001") == (
        "TestFailoverNotAvailableFault",
        "Cache cluster g-003 of replication group g has not recovered yet.",
    )


def test_failover_quota() -> None:
    world = World()
    for number in range(16):
        world.group(f"g{number}", **READY)
        world.settle(f"g{number}")
    for number in range(15):
        world.ask("TestFailover", ReplicationGroupId=f"g{number}", NodeGroupId="0001")
    world.settle("g0")
    world.ask("TestFailover", ReplicationGroupId="g0", NodeGroupId="0001")  # the same node group counts once
    assert world.refusal("TestFailover", ReplicationGroupId="g15", NodeGroupId="0001") == (
        "APICallRateForCustomerExceededFault",
        "TestFailover can be called for at most 15 node groups in 24 hours.",
    )
    world.wait(hours=24, seconds=1)
    world.ask("TestFailover", ReplicationGroupId="g15", NodeGroupId="0001")

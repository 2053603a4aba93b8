"""How cache clusters are shown, rebooted and deleted."""

from typing import Any

import pytest

from cachewright.controlplane.model.lifecycle import CLUSTER_STATUS, NodePhase, Phase
from tests.api.world import START, World

STATE = "InvalidCacheClusterStateFault"
MEMCACHED = {"Engine": "memcached", "NumCacheNodes": 3}


def settled(name: str, **params: Any) -> World:
    world = World()
    world.cluster(name, **params)
    world.settle(name)
    return world


def statuses(world: World, *names: str) -> list[str]:
    return [world.shown_cluster(name)["CacheClusterStatus"] for name in names]


def test_nodes_and_endpoints_are_told_once_the_cluster_is_available() -> None:
    world = World()
    hidden = {"CacheNodes", "ConfigurationEndpoint", "CacheClusterCreateTime"}
    assert not hidden & set(world.cluster("m", **MEMCACHED))
    assert not hidden & set(world.shown_cluster("m"))
    world.settle("m")
    shown = world.shown_cluster("m")
    assert shown["CacheClusterStatus"] == "available"
    assert shown["CacheClusterCreateTime"] == START
    assert shown["ConfigurationEndpoint"] == {"Address": "10.0.1.1", "Port": 11211}
    assert shown["CacheNodes"] == [
        {
            "CacheNodeId": f"000{number}",
            "CacheNodeStatus": "available",
            "CacheNodeCreateTime": START,
            "Endpoint": {"Address": f"10.0.0.{number}", "Port": 11211},
            "ParameterGroupStatus": "in-sync",
            "CustomerAvailabilityZone": "us-east-1a",
        }
        for number in (1, 2, 3)
    ]
    (without,) = world.ask("DescribeCacheClusters", CacheClusterId="m")["CacheClusters"]
    assert "CacheNodes" not in without


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase not in {Phase.CREATING, Phase.FAILED}])
def test_what_was_told_is_never_taken_back(phase: Phase) -> None:
    world = settled("m", **MEMCACHED)
    before = world.shown_cluster("m")
    world.phase("m", phase)
    after = world.shown_cluster("m")
    assert after["CacheClusterStatus"] == CLUSTER_STATUS[phase]
    assert after["ConfigurationEndpoint"] == before["ConfigurationEndpoint"]
    assert [node["Endpoint"] for node in after["CacheNodes"]] == [node["Endpoint"] for node in before["CacheNodes"]]


def test_a_cluster_that_cannot_be_created() -> None:
    world = World()
    world.cluster("c")
    world.phase("c", Phase.FAILED)
    assert statuses(world, "c") == ["incompatible-network"]
    assert "CacheNodes" not in world.shown_cluster("c")
    assert world.ask("DeleteCacheCluster", CacheClusterId="c")["CacheCluster"]["CacheClusterStatus"] == "deleting"


def test_members_are_clusters_too() -> None:
    world = World()
    world.group("g", NumCacheClusters=2, SnapshotRetentionLimit=3)
    assert statuses(world, "g-001", "g-002") == ["creating", "creating"]
    world.settle("g")
    first, second = (world.shown_cluster(name) for name in ("g-001", "g-002"))
    assert (first["ReplicationGroupId"], first["CacheClusterStatus"]) == ("g", "available")
    assert (first["PreferredAvailabilityZone"], second["PreferredAvailabilityZone"]) == ("us-east-1a", "us-east-1b")
    assert (first["SnapshotRetentionLimit"], second["SnapshotRetentionLimit"]) == (0, 3)
    assert "ConfigurationEndpoint" not in first
    (node,) = second["CacheNodes"]
    assert (node["CacheNodeId"], node["Endpoint"]) == ("0001", {"Address": "10.0.0.2", "Port": 6379})


@pytest.mark.parametrize(
    ("phase", "status"),
    [
        (NodePhase.CREATING, "creating"),
        (NodePhase.AVAILABLE, "available"),
        (NodePhase.REBOOTING, "rebooting cluster nodes"),
        (NodePhase.RECOVERING, "modifying"),
        (NodePhase.DELETING, "deleting"),
    ],
)
def test_a_member_stands_as_its_node(phase: NodePhase, status: str) -> None:
    world = World()
    world.group("g", NumCacheClusters=2)
    world.settle("g")
    world.node_phase("g", "g-002.0001", phase)
    assert statuses(world, "g-001", "g-002") == ["available", status]


def test_lists_come_in_pages_by_name() -> None:
    world = World()
    for number in range(21):
        world.cluster(f"c{number:02}")
    world.group("b", NumCacheClusters=2)
    first = world.ask("DescribeCacheClusters", MaxRecords=20)
    second = world.ask("DescribeCacheClusters", MaxRecords=20, Marker=first["Marker"])
    names = [shown["CacheClusterId"] for page in (first, second) for shown in page["CacheClusters"]]
    assert names == ["b-001", "b-002", *(f"c{number:02}" for number in range(21))]
    assert "Marker" not in second
    alone = world.ask("DescribeCacheClusters", ShowCacheClustersNotInReplicationGroups=True)["CacheClusters"]
    assert [shown["CacheClusterId"] for shown in alone] == [f"c{number:02}" for number in range(21)]


@pytest.mark.parametrize("operation", ["DescribeCacheClusters", "DeleteCacheCluster", "RebootCacheCluster"])
def test_unknown_cluster(operation: str) -> None:
    params = {"CacheNodeIdsToReboot": ["0001"]} if operation.startswith("Reboot") else {}
    expected = ("CacheClusterNotFoundFault", "CacheCluster not found: None")
    assert World().refusal(operation, CacheClusterId="None", **params) == expected


def test_reboot_of_some_nodes() -> None:
    world = settled("m", **MEMCACHED)
    answer = world.ask("RebootCacheCluster", CacheClusterId="M", CacheNodeIdsToReboot=["0002", "0003"])
    assert answer["CacheCluster"]["CacheClusterStatus"] == "rebooting cluster nodes"
    assert [node.reboots for node in world.cache("m").spec.nodes] == [0, 1, 1]
    shown = world.shown_cluster("m")
    assert shown["CacheClusterStatus"] == "rebooting cluster nodes"
    assert [node["CacheNodeStatus"] for node in shown["CacheNodes"]] == ["available", "rebooting", "rebooting"]
    assert world.refusal("RebootCacheCluster", CacheClusterId="m", CacheNodeIdsToReboot=["0001"])[0] == STATE
    world.settle("m")
    assert statuses(world, "m") == ["available"]


def test_reboot_of_a_member_leaves_the_others_alone() -> None:
    world = World()
    world.group("g", NumCacheClusters=2)
    world.settle("g")
    world.ask("RebootCacheCluster", CacheClusterId="g-002", CacheNodeIdsToReboot=["0001"])
    assert statuses(world, "g-001", "g-002") == ["available", "rebooting cluster nodes"]
    assert world.shown_group("g")["Status"] == "modifying"
    world.ask("RebootCacheCluster", CacheClusterId="g-001", CacheNodeIdsToReboot=["0001"])
    assert [node.reboots for node in world.cache("g").spec.nodes] == [1, 1]


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([], "The parameter CacheNodeIdsToReboot must be provided and must not be null."),
        (["0001", "0005", "0004"], "Cache nodes not found in cache cluster m: 0004, 0005"),
    ],
)
def test_reboot_of_no_such_nodes(nodes: list[str], message: str) -> None:
    world = settled("m", **MEMCACHED)
    expected = ("InvalidParameterValueException", message)
    assert world.refusal("RebootCacheCluster", CacheClusterId="m", CacheNodeIdsToReboot=nodes) == expected
    assert world.cache("m").generation == 1


def test_only_an_available_cluster_is_rebooted() -> None:
    world = World()
    world.cluster("c")
    expected = (STATE, "Cache cluster c is not in available state.")
    assert world.refusal("RebootCacheCluster", CacheClusterId="c", CacheNodeIdsToReboot=["0001"]) == expected


def test_deletion() -> None:
    world = settled("c")
    answer = world.ask("DeleteCacheCluster", CacheClusterId="C")["CacheCluster"]
    shown = world.shown_cluster("c")
    assert answer["CacheClusterStatus"] == shown["CacheClusterStatus"] == "deleting"
    assert shown["CacheNodes"][0]["CacheNodeStatus"] == "deleting"
    expected = (STATE, "Cache cluster c is not in a valid state to be deleted.")
    assert world.refusal("DeleteCacheCluster", CacheClusterId="c") == expected
    world.gone("c")
    assert world.refusal("DescribeCacheClusters", CacheClusterId="c")[0] == "CacheClusterNotFoundFault"


def test_what_is_being_created_cannot_be_deleted() -> None:
    world = World()
    world.cluster("c")
    expected = (STATE, "Cache cluster c is not in a valid state to be deleted.")
    assert world.refusal("DeleteCacheCluster", CacheClusterId="c") == expected


def test_memcached_has_no_final_snapshots() -> None:
    world = settled("c", Engine="memcached")
    assert world.refusal("DeleteCacheCluster", CacheClusterId="c", FinalSnapshotIdentifier="s") == (
        "SnapshotFeatureNotSupportedFault",
        "Snapshots are not supported for engine memcached.",
    )
    assert statuses(world, "c") == ["available"]


@pytest.mark.parametrize(
    ("params", "member", "shape", "message"),
    [
        (
            {},
            "g-001",
            STATE,
            "Cannot delete the cache cluster since it is the only member of a replication group. Delete the"
            " replication group instead.",
        ),
        (
            {"NumCacheClusters": 2},
            "g-001",
            STATE,
            "Cache cluster g-001 is serving as primary of replication group g.",
        ),
        (
            {"NumCacheClusters": 2, "AutomaticFailoverEnabled": True, "MultiAZEnabled": True},
            "g-002",
            STATE,
            "Cache cluster g-002 is the last replica of a Multi-AZ replication group.",
        ),
        (
            {"NumCacheClusters": 2, "AutomaticFailoverEnabled": True},
            "g-002",
            STATE,
            "Cache cluster g-002 is the only read replica for replication group g which has autofailover enabled or"
            " pending.",
        ),
    ],
)
def test_deletion_of_members(params: dict[str, Any], member: str, shape: str, message: str) -> None:
    world = World()
    world.group("g", **params)
    world.settle("g")
    assert world.refusal("DeleteCacheCluster", CacheClusterId=member) == (shape, message)
    assert world.shown_group("g")["Status"] == "available"


def test_a_member_of_a_group_that_cannot_be_created_goes_with_its_group() -> None:
    world = World()
    world.group("g", NumCacheClusters=2)
    world.phase("g", Phase.FAILED)
    expected = (STATE, "Replication group g could not be created. Delete it instead.")
    assert world.refusal("DeleteCacheCluster", CacheClusterId="g-001") == expected
    assert statuses(world, "g-001") == ["incompatible-network"]

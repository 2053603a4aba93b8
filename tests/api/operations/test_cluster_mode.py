"""Replication groups in cluster mode: how they are made and shown, and what is refused."""

from typing import Any

import pytest

from cachewright.controlplane.model.cache import ClusterMode
from cachewright.controlplane.model.lifecycle import NodePhase
from tests.api.world import World

INVALID = "InvalidParameterValueException"
COMBINATION = "InvalidParameterCombinationException"
GROUP_STATE = "InvalidReplicationGroupStateFault"
CLUSTER_STATE = "InvalidCacheClusterStateFault"
A, B, C = "us-east-1a", "us-east-1b", "us-east-1c"
FAILOVER = {"AutomaticFailoverEnabled": True}
REDIS = {"Engine": "redis"}
ON = "default.valkey8.cluster.on"
SHOULD_BE_ENABLED = "Cluster mode should be enabled in parameter group, but found it is disabled."
SHOULD_BE_DISABLED = "Cluster mode should be disabled in parameter group, but found it is enabled."
COVERED = "The slots of the node groups must cover 0-16383, and each slot only once."
STEPWISE = "To modify cluster mode from Disabled to Enabled, you must first set the cluster mode to Compatible."
NEEDS_A_REPLICA = "Automatic failover must be enabled with at least 1 replica to modify the cluster mode."


def entries(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"NodeGroupConfiguration": list(rows), **FAILOVER}


def settled(**params: Any) -> World:
    world = World()
    world.group("g", **params)
    world.settle("g")
    return world


def cluster(**params: Any) -> World:
    return settled(**{"NumNodeGroups": 2, "ReplicasPerNodeGroup": 1, **FAILOVER, **params})


@pytest.mark.parametrize(
    ("params", "shape", "message"),
    [
        ({**FAILOVER, "NumNodeGroups": 2, "ClusterMode": "disabled"}, COMBINATION, "NumNodeGroups must be 1 when"),
        ({**FAILOVER, "NumNodeGroups": 2, "ClusterMode": "compatible"}, COMBINATION, "NumNodeGroups must be 1 when"),
        ({**FAILOVER, "ClusterMode": "disabled", "CacheParameterGroupName": ON}, COMBINATION, SHOULD_BE_DISABLED),
        (
            {**FAILOVER, "ClusterMode": "enabled", "CacheParameterGroupName": "default.valkey8"},
            COMBINATION,
            SHOULD_BE_ENABLED,
        ),
        (
            {**FAILOVER, "ClusterMode": "compatible", "CacheParameterGroupName": "default.valkey8"},
            COMBINATION,
            SHOULD_BE_ENABLED,
        ),
        (
            {**FAILOVER, **REDIS, "NumNodeGroups": 2, "EngineVersion": "2.8.24", "CacheNodeType": "cache.m3.large"},
            COMBINATION,
            "Cluster mode enabled is not supported for Redis version 2.8.24.",
        ),
        (
            {**FAILOVER, **REDIS, "ClusterMode": "compatible", "EngineVersion": "6.2", "NumCacheClusters": 2},
            COMBINATION,
            "Cluster mode compatible is not supported for Redis version 6.2.",
        ),
        (
            {**FAILOVER, "ClusterMode": "compatible"},
            COMBINATION,
            "When using automatic failover, there must be at least 2 cache clusters in the replication group.",
        ),
        (
            {**FAILOVER, "NumNodeGroups": 91},
            "NodeGroupsPerReplicationGroupQuotaExceededFault",
            "A replication group can have at most 90 node groups.",
        ),
        (
            {**FAILOVER, "NumNodeGroups": 31, "ReplicasPerNodeGroup": 2},
            "NodeQuotaForClusterExceededFault",
            "Cluster node quota exceeded. Each cluster can have at most 90 nodes in this region.",
        ),
        (
            {**FAILOVER, "NumNodeGroups": 2, "MultiAZEnabled": True},
            COMBINATION,
            "Must have at least 1 replica for Multi-AZ enabled Replication Group",
        ),
        (
            {**entries({"ReplicaCount": 1}, {"ReplicaCount": 0}), "MultiAZEnabled": True},
            COMBINATION,
            "Must have at least 1 replica for Multi-AZ enabled Replication Group",
        ),
        (entries({"NodeGroupId": "x"}, {}), INVALID, "Invalid node group id x. It must have 1 to 4 digits."),
        (entries({"NodeGroupId": "12345"}, {}), INVALID, "Invalid node group id 12345. It must have 1 to 4 digits."),
        (
            entries({"NodeGroupId": "7"}, {"NodeGroupId": "0007"}),
            INVALID,
            "Node group 0007 must be given once in NodeGroupConfiguration.",
        ),
        (entries({"Slots": "0-8191"}, {}), COMBINATION, "Slots must be given for every node group, or for none."),
        (entries({"Slots": "0-8191"}, {"Slots": "8193-16383"}), INVALID, COVERED),
        (entries({"Slots": "0-8191"}, {"Slots": "8191-16383"}), INVALID, COVERED),
        (
            entries({"Slots": "0-8191"}, {"Slots": "8192-16384"}),
            INVALID,
            "Invalid slots 8192-16384. They must be within 0 and 16383, such as 0-8191.",
        ),
        (entries({"Slots": "x"}, {"Slots": "0-16383"}), INVALID, "Invalid slots x. They must be within 0 and 16383"),
        (
            entries({"ReplicaCount": 2, "ReplicaAvailabilityZones": [A]}, {}),
            INVALID,
            "ReplicaAvailabilityZones must name one availability zone for each replica.",
        ),
        (
            {**entries({"Slots": "0-8191"}, {"Slots": "8192-16383"}), "NumCacheClusters": 2},
            COMBINATION,
            "NumCacheClusters can only be specified for one node group.",
        ),
    ],
)
def test_not_created(params: dict[str, Any], shape: str, message: str) -> None:
    world = World()
    usual = {"ReplicationGroupId": "g", "ReplicationGroupDescription": "d", "Engine": "valkey"}
    refused = world.refusal("CreateReplicationGroup", **usual | {"CacheNodeType": "cache.t3.micro"} | params)
    assert (refused[0], refused[1][: len(message)]) == (shape, message)
    assert world.ask("DescribeReplicationGroups") == {"ReplicationGroups": []}


@pytest.mark.parametrize(
    ("params", "mode", "group"),
    [
        ({}, "disabled", "default.valkey8"),
        ({"NumNodeGroups": 1, **FAILOVER, "ClusterMode": "enabled"}, "enabled", ON),
        ({"NumNodeGroups": 2, **FAILOVER}, "enabled", ON),
        ({"CacheParameterGroupName": ON, **FAILOVER}, "enabled", ON),
        ({"CacheParameterGroupName": ON, **FAILOVER, "NumCacheClusters": 2}, "enabled", ON),
        ({"ClusterMode": "compatible", "NumCacheClusters": 2, **FAILOVER}, "compatible", ON),
        ({**REDIS, "EngineVersion": "3.2.4", "NumNodeGroups": 2, **FAILOVER}, "enabled", "default.redis3.2.cluster.on"),
    ],
)
def test_the_mode_and_its_parameter_group(params: dict[str, Any], mode: str, group: str) -> None:
    spec = settled(**params).cache("g").spec
    assert (spec.cluster_mode.value, spec.parameter_group) == (mode, group)


def test_a_group_of_ones_own_may_enable_cluster_mode() -> None:
    world = World()
    world.ask(
        "CreateCacheParameterGroup",
        CacheParameterGroupName="p",
        CacheParameterGroupFamily="valkey8",
        Description="d",
    )
    wanted = {"cluster-enabled": "yes", "maxmemory-policy": "allkeys-lru"}
    values = [{"ParameterName": name, "ParameterValue": value} for name, value in wanted.items()]
    world.ask("ModifyCacheParameterGroup", CacheParameterGroupName="p", ParameterNameValues=values)
    world.group("g", CacheParameterGroupName="p", **FAILOVER)
    spec = world.cache("g").spec
    assert (spec.cluster_mode, spec.parameter_group) == (ClusterMode.ENABLED, "p")
    assert dict(spec.parameters)["maxmemory-policy"] == "allkeys-lru"


@pytest.mark.parametrize(
    ("params", "shards"),
    [
        (
            {"NumNodeGroups": 3, "ReplicasPerNodeGroup": 1, **FAILOVER},
            [("0001", "0-5461", [A, B]), ("0002", "5462-10922", [B, C]), ("0003", "10923-16383", [C, A])],
        ),
        ({"NumNodeGroups": 1, **FAILOVER, "ClusterMode": "enabled"}, [("0001", "0-16383", [A])]),
        (
            entries({"Slots": "0-8999", "ReplicaCount": 1}, {"Slots": "9000-16383", "ReplicaCount": 2}),
            [("0001", "0-8999", [A, B]), ("0002", "9000-16383", [B, C, A])],
        ),
        (
            entries(
                {"NodeGroupId": "2", "PrimaryAvailabilityZone": C},
                {"ReplicaCount": 1, "PrimaryAvailabilityZone": A, "ReplicaAvailabilityZones": [A]},
                {"NodeGroupId": "0100"},
            ),
            [("0002", "0-5461", [C]), ("0001", "5462-10922", [A, A]), ("0100", "10923-16383", [C])],
        ),
        (
            {**entries({"Slots": "0-99,200-16383"}, {"Slots": "100-199"}), "NumNodeGroups": 2},
            [("0001", "0-99,200-16383", [A]), ("0002", "100-199", [B])],
        ),
    ],
)
def test_the_shards(params: dict[str, Any], shards: list[tuple[str, str, list[str]]]) -> None:
    world = World()
    world.group("g", **params)
    desired = world.cache("g").spec.shards
    assert [(shard.id, shard.slots, [node.zone for node in shard.nodes]) for shard in desired] == shards
    names = [[node.name for node in shard.nodes] for shard in desired]
    assert names == [[f"g-{name}-00{number}.0001" for number in range(1, len(zones) + 1)] for name, _, zones in shards]


def test_as_many_shards_as_the_quota_allows() -> None:
    world = World()
    world.group("g", NumNodeGroups=90, **FAILOVER)
    assert world.cache("g").spec.shards[89].nodes[0].cluster == "g-0090-001"


def test_compatible_keeps_the_names_of_cluster_mode_disabled() -> None:
    world = World()
    world.group("g", ClusterMode="compatible", NumCacheClusters=2, **FAILOVER)
    (shard,) = world.cache("g").spec.shards
    assert ([node.cluster for node in shard.nodes], shard.slots) == (["g-001", "g-002"], "0-16383")


def test_snapshots_of_a_group_in_cluster_mode_come_from_no_single_member() -> None:
    world = cluster(SnapshotRetentionLimit=3)
    assert "SnapshottingClusterId" not in world.shown_group("g")
    world.ask("ModifyCacheCluster", CacheClusterId="g-0001-001", SnapshotRetentionLimit=5)
    assert "SnapshottingClusterId" not in world.shown_group("g")
    world.ask("ModifyReplicationGroup", ReplicationGroupId="g", SnapshotRetentionLimit=4)
    assert world.shown_group("g")["SnapshotRetentionLimit"] == 4


def test_enabled_is_shown_without_roles_and_node_endpoints() -> None:
    shown = cluster().shown_group("g")
    assert (shown["ClusterEnabled"], shown["ClusterMode"]) == (True, "enabled")
    assert shown["ConfigurationEndpoint"] == {"Address": "10.0.1.3", "Port": 6379}
    assert shown["NodeGroups"][1] == {
        "NodeGroupId": "0002",
        "Status": "available",
        "Slots": "8192-16383",
        "NodeGroupMembers": [
            {"CacheClusterId": "g-0002-001", "CacheNodeId": "0001", "PreferredAvailabilityZone": B},
            {"CacheClusterId": "g-0002-002", "CacheNodeId": "0001", "PreferredAvailabilityZone": C},
        ],
    }


def test_compatible_is_shown_with_everything() -> None:
    shown = settled(ClusterMode="compatible", NumCacheClusters=2, **FAILOVER).shown_group("g")
    assert (shown["ClusterEnabled"], shown["ClusterMode"]) == (True, "compatible")
    assert shown["ConfigurationEndpoint"]["Address"] == "10.0.1.3"
    (group,) = shown["NodeGroups"]
    assert (group["PrimaryEndpoint"]["Address"], group["ReaderEndpoint"]["Address"]) == ("10.0.1.1", "10.0.1.2")
    assert [member["CurrentRole"] for member in group["NodeGroupMembers"]] == ["primary", "replica"]


def test_disabled_is_shown_without_slots_and_configuration_endpoint() -> None:
    shown = settled(NumCacheClusters=2).shown_group("g")
    assert (shown["ClusterEnabled"], shown["ClusterMode"]) == (False, "disabled")
    assert "ConfigurationEndpoint" not in shown
    assert "Slots" not in shown["NodeGroups"][0]


def test_a_member_is_shown_with_its_own_endpoint_alone() -> None:
    shown = cluster().shown_cluster("g-0002-001")
    assert "ConfigurationEndpoint" not in shown
    assert shown["CacheNodes"][0]["Endpoint"] == {"Address": "10.0.0.3", "Port": 6379}
    assert shown["CacheParameterGroup"]["CacheParameterGroupName"] == ON


MODIFY = "ModifyReplicationGroup"


@pytest.mark.parametrize(
    ("operation", "params", "shape", "message"),
    [
        ("RebootCacheCluster", {"CacheClusterId": "g-0001-001", "CacheNodeIdsToReboot": ["0001"]}, CLUSTER_STATE, "C"),
        ("DeleteCacheCluster", {"CacheClusterId": "g-0001-002"}, CLUSTER_STATE, "Cache cluster g-0001-002 is a member"),
        ("CreateCacheCluster", {"CacheClusterId": "c", "ReplicationGroupId": "g"}, GROUP_STATE, "Replication group g"),
        ("DeleteReplicationGroup", {"RetainPrimaryCluster": True}, COMBINATION, "RetainPrimaryCluster cannot be given"),
        (MODIFY, {"PrimaryClusterId": "g-0001-002"}, COMBINATION, "PrimaryClusterId can only be given when"),
        (
            MODIFY,
            {"SnapshottingClusterId": "g-0001-002"},
            COMBINATION,
            "Cannot set snapshotting cluster for cluster mode enabled replication group",
        ),
        (
            MODIFY,
            {"AutomaticFailoverEnabled": False},
            COMBINATION,
            "Turning off automatic failover for replication group with cluster mode enabled is not supported.",
        ),
        (MODIFY, {"CacheParameterGroupName": "default.valkey8"}, COMBINATION, "The parameter cluster-enabled has a"),
        (MODIFY, {"ClusterMode": "compatible"}, COMBINATION, "Cluster mode cannot be changed any more once it is"),
        (MODIFY, {"ClusterMode": "disabled"}, COMBINATION, "Cluster mode cannot be changed any more once it is"),
        ("TestFailover", {"NodeGroupId": "0003"}, "NodeGroupNotFoundFault", "Node group 0003 not found in replication"),
    ],
)
def test_not_in_cluster_mode(operation: str, params: dict[str, Any], shape: str, message: str) -> None:
    world = cluster()
    before = world.cache("g")
    if operation not in ("RebootCacheCluster", "DeleteCacheCluster", "CreateCacheCluster"):
        params = {"ReplicationGroupId": "g", **params}
    refused = world.refusal(operation, **params)
    assert (refused[0], refused[1][: len(message)]) == (shape, message)
    assert world.cache("g") == before


@pytest.mark.parametrize(
    ("group", "params", "message"),
    [
        ({}, {"ClusterMode": "enabled"}, STEPWISE),
        ({}, {"ClusterMode": "compatible", "EngineVersion": "8.2"}, "EngineVersion cannot be modified together with"),
        ({}, {"ClusterMode": "compatible", "MultiAZEnabled": False}, "MultiAZEnabled cannot be modified together with"),
        ({"AutomaticFailoverEnabled": False}, {"ClusterMode": "compatible"}, NEEDS_A_REPLICA),
        (
            {"NumCacheClusters": 1, "AutomaticFailoverEnabled": False},
            {"ClusterMode": "compatible"},
            NEEDS_A_REPLICA,
        ),
        (
            {**REDIS, "EngineVersion": "6.2"},
            {"ClusterMode": "compatible"},
            "Cluster mode compatible is not supported for Redis version 6.2.",
        ),
        ({}, {"ClusterMode": "compatible", "CacheParameterGroupName": "default.valkey8"}, SHOULD_BE_ENABLED),
        ({"ClusterMode": "compatible"}, {"CacheNodeType": "cache.m5.large"}, "CacheNodeType cannot be modified while"),
        ({"ClusterMode": "compatible"}, {"EngineVersion": "8.2"}, "EngineVersion cannot be modified while cluster"),
        ({"ClusterMode": "compatible"}, {"PrimaryClusterId": "g-002"}, "PrimaryClusterId can only be given when"),
        (
            {"ClusterMode": "compatible"},
            {"ClusterMode": "disabled", "CacheParameterGroupName": ON},
            SHOULD_BE_DISABLED,
        ),
    ],
)
def test_the_mode_is_not_changed(group: dict[str, Any], params: dict[str, Any], message: str) -> None:
    world = settled(**{"NumCacheClusters": 2, **FAILOVER, **group})
    before = world.cache("g")
    refused = world.refusal(MODIFY, ReplicationGroupId="g", ApplyImmediately=True, **params)
    assert (refused[0], refused[1][: len(message)]) == (COMBINATION, message)
    assert world.cache("g") == before


def modified(world: World, mode: str, **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = world.ask(MODIFY, ReplicationGroupId="g", ClusterMode=mode, **params)["ReplicationGroup"]
    return answer


def test_from_disabled_over_compatible_to_enabled() -> None:
    world = settled(NumCacheClusters=2, **FAILOVER)
    before = world.cache("g").spec
    shown = modified(world, "compatible")
    assert (shown["Status"], shown["ClusterMode"]) == ("modifying", "disabled")
    assert shown["PendingModifiedValues"] == {"ClusterMode": "compatible"}
    between = world.cache("g").spec
    assert (between.cluster_mode, between.parameter_group) == (ClusterMode.COMPATIBLE, ON)
    assert (between.shards[0].slots, between.nodes) == ("0-16383", before.nodes)
    world.settle("g")
    assert world.shown_group("g")["ClusterMode"] == "compatible"
    modified(world, "enabled")
    after = world.cache("g").spec
    assert (after.cluster_mode, after.parameter_group, after.shards) == (ClusterMode.ENABLED, ON, between.shards)
    world.settle("g")
    shown = world.shown_group("g")
    assert (shown["ClusterMode"], shown["PendingModifiedValues"]) == ("enabled", {})
    assert "PrimaryEndpoint" not in shown["NodeGroups"][0]


def test_back_from_compatible_to_disabled() -> None:
    world = settled(NumCacheClusters=2, ClusterMode="compatible", **FAILOVER)
    modified(world, "disabled", ApplyImmediately=True)
    spec = world.cache("g").spec
    assert (spec.cluster_mode, spec.parameter_group) == (ClusterMode.DISABLED, "default.valkey8")
    assert spec.shards[0].slots == ""
    assert spec.change.moving == 0


def test_the_mode_that_a_group_has_may_be_named() -> None:
    world = settled(NumCacheClusters=2, **FAILOVER)
    assert modified(world, "disabled", ReplicationGroupDescription="other")["Description"] == "other"


def test_a_clustered_group_is_modified_as_others_are() -> None:
    world = cluster(EngineVersion="8.0", CacheNodeType="cache.m5.large")
    world.ask(
        MODIFY,
        ReplicationGroupId="g",
        ApplyImmediately=True,
        EngineVersion="9.0",
        MultiAZEnabled=True,
        PreferredMaintenanceWindow="sun:05:00-sun:06:00",
    )
    spec = world.cache("g").spec
    assert (spec.version, spec.parameter_group, spec.multi_az) == ("9.0.0", "default.valkey9.cluster.on", True)
    world.settle("g")
    world.ask(MODIFY, ReplicationGroupId="g", ApplyImmediately=True, CacheNodeType="cache.m5.xlarge")
    assert world.cache("g").spec.node_type == "cache.m5.xlarge"


def test_each_shard_fails_over_by_itself_and_one_at_a_time() -> None:
    world = cluster()
    world.ask("TestFailover", ReplicationGroupId="g", NodeGroupId="0002")
    assert [shard.failovers for shard in world.cache("g").spec.shards] == [0, 1]
    world.settle("g")
    world.node_phase("g", "g-0002-001.0001", NodePhase.RECOVERING)
    shape, message = world.refusal("TestFailover", ReplicationGroupId="g", NodeGroupId="0001")
    assert (shape, message.split(" of ")[0]) == ("TestFailoverNotAvailableFault", "Cache cluster g-0002-001")


def test_a_shard_without_a_replica_does_not_fail_over() -> None:
    world = settled(**entries({"ReplicaCount": 1}, {"ReplicaCount": 0}))
    refused = world.refusal("TestFailover", ReplicationGroupId="g", NodeGroupId="0002")
    assert refused == (GROUP_STATE, "Node group 0002 has no replica to fail over to.")
    world.ask("TestFailover", ReplicationGroupId="g", NodeGroupId="0001")

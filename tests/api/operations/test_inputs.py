"""No parameter of AWS's is forgotten."""

from collections.abc import Mapping
from typing import Any

import botocore.session
import pytest
from botocore.model import ListShape, Shape, StructureShape

from cachewright.controlplane.api.cache_clusters import inputs as cache_clusters
from cachewright.controlplane.api.common.inputs import Input, Use
from cachewright.controlplane.api.dispatch import OPERATIONS
from cachewright.controlplane.api.replication_groups import inputs as replication_groups
from cachewright.controlplane.api.serverless_caches import inputs as serverless_caches
from cachewright.controlplane.api.serverless_snapshots import inputs as serverless_snapshots
from cachewright.controlplane.api.snapshots import inputs as snapshots
from cachewright.controlplane.model.faults import Fault
from tests.api.world import World

MODEL = botocore.session.get_session().get_service_model("elasticache")


@pytest.mark.parametrize(
    ("shape", "table"),
    [
        ("CreateCacheClusterMessage", cache_clusters.CREATE_CACHE_CLUSTER),
        ("CreateCacheClusterMessage", cache_clusters.CREATE_REPLICA),
        ("CreateReplicationGroupMessage", replication_groups.CREATE_REPLICATION_GROUP),
        ("NodeGroupConfiguration", replication_groups.NODE_GROUP_CONFIGURATION),
        ("ModifyCacheClusterMessage", cache_clusters.MODIFY_CACHE_CLUSTER),
        ("ModifyReplicationGroupMessage", replication_groups.MODIFY_REPLICATION_GROUP),
        ("CreateSnapshotMessage", snapshots.CREATE_SNAPSHOT),
        ("CopySnapshotMessage", snapshots.COPY_SNAPSHOT),
        ("CreateServerlessCacheSnapshotRequest", serverless_snapshots.CREATE_SERVERLESS_CACHE_SNAPSHOT),
        ("CopyServerlessCacheSnapshotRequest", serverless_snapshots.COPY_SERVERLESS_CACHE_SNAPSHOT),
        ("ConfigureShard", replication_groups.CONFIGURE_SHARD),
        ("CreateServerlessCacheRequest", serverless_caches.CREATE_SERVERLESS_CACHE),
        ("ModifyServerlessCacheRequest", serverless_caches.MODIFY_SERVERLESS_CACHE),
        ("PrepareMigrationRequest", serverless_caches.PREPARE_MIGRATION),
        ("DeleteServerlessCacheRequest", serverless_caches.DELETE_SERVERLESS_CACHE),
    ],
)
def test_every_parameter_is_accounted_for(shape: str, table: Mapping[str, Input]) -> None:
    assert set(table) == set(MODEL.shape_for(shape).members)
    assert all(bool(row.feature) is (row.use is Use.NOT_BUILT) for row in table.values())


def test_operations_are_aws_operations() -> None:
    assert set(OPERATIONS) == set(MODEL.operation_names)
    assert all(row.notes.endswith(".") for row in OPERATIONS.values())
    assert {name for name, row in OPERATIONS.items() if not row.writes} == {
        name for name in OPERATIONS if name.startswith(("Describe", "List"))
    }


def filled(shape: Shape) -> Any:
    """The least that a request of that shape may say."""
    if isinstance(shape, StructureShape):
        return {name: filled(shape.members[name]) for name in shape.required_members}
    if isinstance(shape, ListShape):
        return [filled(shape.member)]
    return {"boolean": True, "integer": 1}.get(shape.type_name, "x")


@pytest.mark.parametrize("operation", MODEL.operation_names)
def test_no_operation_is_left_to_build(operation: str) -> None:
    shape = MODEL.operation_model(operation).input_shape
    try:
        World().ask(operation, **(filled(shape) if shape else {}))
    except Fault as fault:
        assert fault.shape != "NotImplemented", fault.message


OUTPOSTS = "Cachewright does not implement Outposts yet."


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"OutpostMode": "single-outpost"}, OUTPOSTS),
        ({"PreferredOutpostArn": "arn:x"}, OUTPOSTS),
        ({"PreferredOutpostArns": ["arn:x"]}, OUTPOSTS),
    ],
)
def test_what_a_cluster_cannot_have_yet(params: dict[str, object], message: str) -> None:
    world = World()
    usual = {"CacheClusterId": "c", "Engine": "redis", "CacheNodeType": "cache.t3.micro"}
    assert world.refusal("CreateCacheCluster", **usual | params) == ("NotImplemented", message)
    assert world.ask("DescribeCacheClusters") == {"CacheClusters": []}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"NodeGroupConfiguration": [{"PrimaryOutpostArn": "arn:x"}]}, OUTPOSTS),
        ({"NodeGroupConfiguration": [{"ReplicaOutpostArns": ["arn:x"]}]}, OUTPOSTS),
    ],
)
def test_what_a_group_cannot_have_yet(params: dict[str, object], message: str) -> None:
    world = World()
    usual = {"ReplicationGroupId": "g", "ReplicationGroupDescription": "d", "Engine": "valkey"}
    usual |= {"CacheNodeType": "cache.t3.micro"}
    assert world.refusal("CreateReplicationGroup", **usual | params) == ("NotImplemented", message)
    assert world.ask("DescribeReplicationGroups") == {"ReplicationGroups": []}


NEUTRAL = {
    "TransitEncryptionEnabled": False,
    "SnapshotArns": [],
    "LogDeliveryConfigurations": [],
    "NetworkType": "ipv4",
    "IpDiscovery": "ipv4",
    "AutoMinorVersionUpgrade": False,
    "SnapshotRetentionLimit": 0,
    "CacheSecurityGroupNames": [],
}


def test_values_that_ask_for_nothing_are_accepted() -> None:
    world = World()
    world.cluster("c", **NEUTRAL)
    group = {"NumNodeGroups": 1, "ClusterMode": "disabled", "AtRestEncryptionEnabled": False, "UserGroupIds": []}
    world.group("g", **NEUTRAL, **group)
    assert world.cache("c").presentation.unbuilt == world.cache("g").presentation.unbuilt == ()


def test_what_is_kept_without_effect_is_told() -> None:
    world = World()
    world.cluster("c", AutoMinorVersionUpgrade=True, SecurityGroupIds=["sg-1"])
    world.group("g", AtRestEncryptionEnabled=True, DataTieringEnabled=True, CacheNodeType="cache.r6gd.xlarge")
    assert set(world.cache("c").presentation.unbuilt) == {"AutoMinorVersionUpgrade", "SecurityGroupIds"}
    assert world.cache("g").presentation.unbuilt == ("DataTieringEnabled",)
    told = {(event["SourceIdentifier"], event["Message"]) for event in world.ask("DescribeEvents")["Events"]}
    for name in ("c", "g"):
        kept = ", ".join(world.cache(name).presentation.unbuilt)
        assert (name, f"Cachewright keeps and shows {kept}, but does not act on it yet.") in told

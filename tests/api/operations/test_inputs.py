"""No parameter of AWS's is forgotten."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.model import ListShape, Shape, StructureShape

from cachewright.controlplane.api.cache_clusters import inputs as cache_clusters
from cachewright.controlplane.api.catalogue import OPERATIONS
from cachewright.controlplane.api.common.inputs import Inputs
from cachewright.controlplane.api.replication_groups import inputs as replication_groups
from cachewright.controlplane.api.serverless_caches import inputs as serverless_caches
from cachewright.controlplane.api.serverless_snapshots import inputs as serverless_snapshots
from cachewright.controlplane.api.snapshots import inputs as snapshots
from cachewright.controlplane.model.faults import Fault
from tests.api.world import START, World

ROOT = Path(__file__).parents[3]
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
def test_every_parameter_is_accounted_for(shape: str, table: Inputs) -> None:
    assert set(table) == set(MODEL.shape_for(shape).members)


def test_operations_are_aws_operations() -> None:
    assert set(OPERATIONS) == set(MODEL.operation_names)
    assert all(row.notes.endswith(".") for row in OPERATIONS.values())
    assert {name for name, row in OPERATIONS.items() if not row.writes} == {
        name for name in OPERATIONS if name.startswith(("Describe", "List"))
    }


# Of the caches of a world that has some, so that requests get as far as each of their parameters.
NAMES: Mapping[str, Any] = {
    "CacheClusterId": "m",
    "ReplicationGroupId": "g",
    "ReplicationGroupDescription": "of a test",
    "ServerlessCacheName": "s",
    "CacheNodeType": "cache.t3.micro",
    "Engine": "valkey",
    "NodeGroupId": "0001",
    "ApplyImmediately": True,
    "CustomerNodeEndpointList": [{"Address": "localhost", "Port": 6379}],
}
NEW = {"CacheClusterId": "new", "ReplicationGroupId": "new", "ServerlessCacheName": "new"}
OF_OPERATIONS: Mapping[str, Mapping[str, Any]] = {
    "CreateCacheCluster": {**NEW, "Engine": "redis", "ReplicationGroupId": None},
    "CreateReplicationGroup": NEW,
    "CreateServerlessCache": NEW,
    "CreateSnapshot": {"SnapshotName": "new", "CacheClusterId": "g-001", "ReplicationGroupId": None},
    "ModifyCacheCluster": {"Engine": "memcached"},
    "StartMigration": {"ServerlessCacheName": None},
    "CompleteMigration": {"ServerlessCacheName": None},
}


def values(shape: Shape, name: str = "") -> Iterator[Any]:
    """Values of a shape, one after the other: each with everything that AWS names, and every word that it lists."""
    if isinstance(shape, StructureShape):
        every = {member: list(values(inner, member)) for member, inner in shape.members.items()}
        for number in range(max(map(len, every.values()), default=0)):
            yield {member: found[number % len(found)] for member, found in every.items()}
    elif isinstance(shape, ListShape):
        yield from ([value] for value in values(shape.member, name))
    else:
        words = getattr(shape, "enum", ())
        yield from words or [
            {"boolean": True, "integer": 1, "double": 1.0, "timestamp": START}.get(
                shape.type_name, NAMES.get(name, "x")
            )
        ]


def requests(operation: str) -> Iterator[dict[str, Any]]:
    """An operation with what it needs, and one parameter more: each of them, with each of its words."""
    shape = MODEL.operation_model(operation).input_shape
    members = shape.members if shape else {}
    named = {name: value for name, value in {**NAMES, **OF_OPERATIONS.get(operation, {})}.items() if name in members}
    required = {name: next(values(members[name], name)) for name in (shape.required_members if shape else ())}
    least = {name: value for name, value in (required | named).items() if value is not None}
    yield least
    for name, member in members.items():
        yield from ({**least, name: value} for value in values(member, name))


def peopled() -> World:
    """A world in which there are some, available."""
    world = World()
    world.cluster("m", Engine="memcached")
    world.group("g", NetworkType="dual_stack")
    world.ask("CreateServerlessCache", ServerlessCacheName="s", Engine="valkey")
    for name in ("m", "g", "s"):
        world.settle(name)
    return world


@pytest.mark.parametrize("operation", MODEL.operation_names)
def test_no_input_of_any_operation_is_left_to_build(operation: str) -> None:
    for params in requests(operation):
        try:
            peopled().ask(operation, **params)
        except Fault as fault:
            assert fault.shape != "NotImplemented", (params, fault.message)


@pytest.mark.parametrize("operation", OF_OPERATIONS)
def test_what_every_input_is_added_to_is_answered(operation: str) -> None:
    """Else their handlers would not look at the others."""
    if "Migration" in operation:
        assert "is not" in peopled().refusal(operation, **next(requests(operation)))[1]
    else:
        assert peopled().ask(operation, **next(requests(operation)))


def test_only_an_operation_that_nobody_knows_is_not_built() -> None:
    files = [path for path in (ROOT / "controlplane").rglob("*.py") if "not_built(" in path.read_text()]
    assert sorted(path.relative_to(ROOT).as_posix() for path in files) == [
        "controlplane/api/dispatch.py",
        "controlplane/model/faults.py",
    ]
    assert World().refusal("InventCache")[0] == "NotImplemented"


ARN = "arn:aws:outposts:us-east-1:000000000000:outpost/op-1"
VALUE, COMBINATION = "InvalidParameterValueException", "InvalidParameterCombinationException"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"OutpostMode": "no-outpost"}, (VALUE, "Invalid value no-outpost for OutpostMode. Must be one of: single-")),
        ({"OutpostMode": "single-outpost"}, (COMBINATION, "OutpostMode single-outpost requires a cache subnet group")),
        ({"PreferredOutpostArn": ARN}, (VALUE, f"Outpost not found: {ARN}")),
        ({"OutpostMode": "cross-outpost", "PreferredOutpostArns": [ARN]}, (VALUE, f"Outpost not found: {ARN}")),
    ],
)
def test_no_cluster_is_in_an_outpost(params: dict[str, object], expected: tuple[str, str]) -> None:
    world = World()
    usual = {"CacheClusterId": "c", "Engine": "redis", "CacheNodeType": "cache.t3.micro"}
    shape, message = world.refusal("CreateCacheCluster", **usual | params)
    assert (shape, message.startswith(expected[1])) == (expected[0], True), message
    assert world.ask("DescribeCacheClusters") == {"CacheClusters": []}


@pytest.mark.parametrize("entry", [{"PrimaryOutpostArn": ARN}, {"ReplicaOutpostArns": [ARN]}])
def test_no_node_of_a_group_is_in_an_outpost(entry: dict[str, object]) -> None:
    world = World()
    usual = {"ReplicationGroupId": "g", "ReplicationGroupDescription": "d", "Engine": "valkey"}
    usual |= {"CacheNodeType": "cache.t3.micro"}
    refused = world.refusal("CreateReplicationGroup", **usual, NodeGroupConfiguration=[entry])
    assert refused == (VALUE, f"Outpost not found: {ARN}")
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

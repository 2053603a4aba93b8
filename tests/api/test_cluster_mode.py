"""Groups in cluster mode through boto3: what a client is told, with an agent that makes every spec come true."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cachewright.controlplane.api.dispatch import Dispatch
from cachewright.controlplane.app import application
from cachewright.controlplane.model import slots
from cachewright.controlplane.wire.gate import Open
from tests.api.test_protocol import served
from tests.api.world import World


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of a control plane without an agent."""
    world = World()
    dispatch = Dispatch(world.store, ("a", "b", "c"), lambda: world.now, Random(7))
    with served(application(dispatch, Open("us-east-1"))) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def world() -> World:
    """An account, and the agent of its caches."""
    return World()


@pytest.fixture
def elasticache(endpoint: str, world: World) -> Any:
    """A client of that account."""
    return boto3.client(
        "elasticache",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=world.caller.account,
        aws_secret_access_key="x",
        config=Config(retries={"total_max_attempts": 1}),
    )


def created(elasticache: Any, world: World, **params: Any) -> None:
    usual = {"NumNodeGroups": 2, "ReplicasPerNodeGroup": 1, "AutomaticFailoverEnabled": True}
    elasticache.create_replication_group(
        ReplicationGroupId="g",
        ReplicationGroupDescription="of a test",
        Engine="valkey",
        CacheNodeType="cache.t3.micro",
        **usual | params,
    )
    world.settle("g")


def shown(elasticache: Any) -> Any:
    (group,) = elasticache.describe_replication_groups(ReplicationGroupId="g")["ReplicationGroups"]
    return group


def test_the_node_groups_of_a_request_reach_the_handler(elasticache: Any, world: World) -> None:
    entries = [
        {"NodeGroupId": "1", "Slots": "0-8999", "ReplicaCount": 1, "ReplicaAvailabilityZones": ["us-east-1c"]},
        {"NodeGroupId": "0003", "Slots": "9000-16383", "PrimaryAvailabilityZone": "us-east-1b", "ReplicaCount": 0},
    ]
    wanted = {"NumNodeGroups": 2, "AutomaticFailoverEnabled": True, "NodeGroupConfiguration": entries}
    elasticache.create_replication_group(
        ReplicationGroupId="g",
        ReplicationGroupDescription="d",
        Engine="redis",
        CacheNodeType="cache.t3.micro",
        **wanted,
    )
    world.settle("g")
    group = shown(elasticache)
    assert [(each["NodeGroupId"], each["Slots"]) for each in group["NodeGroups"]] == [
        ("0001", "0-8999"),
        ("0003", "9000-16383"),
    ]
    assert group["MemberClusters"] == ["g-0001-001", "g-0001-002", "g-0003-001"]
    assert group["ConfigurationEndpoint"]["Port"] == 6379
    assert not {"CurrentRole", "ReadEndpoint"} & group["NodeGroups"][0]["NodeGroupMembers"][0].keys()


def test_shards_come_and_go_with_progress(elasticache: Any, world: World) -> None:
    created(elasticache, world)
    reshard = elasticache.modify_replication_group_shard_configuration
    zones = [{"PreferredAvailabilityZones": ["us-east-1c", "us-east-1a"]}]
    reshard(ReplicationGroupId="g", NodeGroupCount=3, ApplyImmediately=True, ReshardingConfiguration=zones)
    desired = world.cache("g").spec.shards
    status = world.cache("g").status
    given = slots.difference(slots.parsed("0-8191"), slots.parsed(desired[0].slots))
    half = {"0001": desired[0].slots, "0002": "8192-16383", "0003": slots.written(given)}
    shards = {name: replace(status.shards.get(name, status.shards["0001"]), slots=text) for name, text in half.items()}
    world.report("g", replace(status, shards=shards))
    progress = shown(elasticache)["PendingModifiedValues"]["Resharding"]["SlotMigration"]["ProgressPercentage"]
    assert progress == pytest.approx(50, abs=0.2)
    assert [node.zone for node in desired[2].nodes] == ["us-east-1c", "us-east-1a"]
    world.settle("g")
    answer = reshard(ReplicationGroupId="g", NodeGroupCount=1, ApplyImmediately=True, NodeGroupsToRetain=["0003"])
    assert {group["Status"] for group in answer["ReplicationGroup"]["NodeGroups"]} == {"modifying"}
    world.settle("g")
    assert [group["Slots"] for group in shown(elasticache)["NodeGroups"]] == ["0-16383"]


def test_replicas_of_one_shard(elasticache: Any, world: World) -> None:
    created(elasticache, world)
    wanted = [{"NodeGroupId": "0002", "NewReplicaCount": 2}]
    elasticache.increase_replica_count(ReplicationGroupId="g", ApplyImmediately=True, ReplicaConfiguration=wanted)
    world.settle("g")
    assert shown(elasticache)["MemberClusters"][2:] == ["g-0002-001", "g-0002-002", "g-0002-003"]
    gone = ["g-0002-002"]
    elasticache.decrease_replica_count(ReplicationGroupId="g", ApplyImmediately=True, ReplicasToRemove=gone)
    world.settle("g")
    assert shown(elasticache)["MemberClusters"][2:] == ["g-0002-001", "g-0002-003"]


def test_from_compatible_to_enabled(elasticache: Any, world: World) -> None:
    created(elasticache, world, NumNodeGroups=1)
    for mode in ("compatible", "enabled"):
        answer = elasticache.modify_replication_group(ReplicationGroupId="g", ClusterMode=mode, ApplyImmediately=True)
        assert answer["ReplicationGroup"]["PendingModifiedValues"]["ClusterMode"] == mode
        world.settle("g")
        group = shown(elasticache)
        assert (group["ClusterEnabled"], group["ClusterMode"]) == (True, mode)
        assert ("PrimaryEndpoint" in group["NodeGroups"][0]) is (mode == "compatible")


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("modify_replication_group_shard_configuration", {"NodeGroupCount": 2}, "InvalidReplicationGroupState"),
        ("modify_replication_group_shard_configuration", {"NodeGroupCount": 1}, "InvalidParameterCombination"),
        (
            "modify_replication_group_shard_configuration",
            {"NodeGroupCount": 91},
            "NodeGroupsPerReplicationGroupQuotaExceeded",
        ),
        ("test_failover", {"NodeGroupId": "0009"}, "NodeGroupNotFoundFault"),
        ("increase_replica_count", {"NewReplicaCount": 1}, "NoOperationFault"),
        ("modify_replication_group", {"AutomaticFailoverEnabled": False}, "InvalidParameterCombination"),
    ],
)
def test_refusals_have_codes(elasticache: Any, world: World, operation: str, params: dict[str, Any], code: str) -> None:
    created(elasticache, world)
    known = {} if operation == "test_failover" else {"ApplyImmediately": True}
    with pytest.raises(ClientError) as refused:
        getattr(elasticache, operation)(ReplicationGroupId="g", **known, **params)
    assert refused.value.response["Error"]["Code"] == code

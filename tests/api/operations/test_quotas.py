"""Every quota, as a setting makes it: what fits is taken, one more is refused with AWS's fault, and nothing changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.session import get_session

from cachewright.controlplane.model.nouns import NOUNS
from cachewright.controlplane.model.quotas import QUOTAS, Quotas
from cachewright.controlplane.model.reserved_offerings import offerings
from tests.api.world import World

AT_ONCE = {"ReplicationGroupId": "g", "ApplyImmediately": True}
GROUP = {"ReplicationGroupId": "h", "ReplicationGroupDescription": "d", "Engine": "valkey"}
GROUP |= {"CacheNodeType": "cache.t3.micro"}
NODE = {"CacheNodeType": "cache.t3.micro", "Engine": "redis", "CacheClusterId": "c"}
MEMCACHED = NODE | {"Engine": "memcached"}

SHARDED = GROUP | {"AutomaticFailoverEnabled": True}
NEW_GROUP = {"CacheParameterGroupName": "q", "CacheParameterGroupFamily": "redis7", "Description": "d"}
NEW_SUBNETS = {"CacheSubnetGroupName": "t", "CacheSubnetGroupDescription": "d"}
LISTED = ("CacheClusters", "ReplicationGroups", "CacheParameterGroups", "CacheSubnetGroups", "Snapshots", "Events")

MODEL = get_session().get_service_model("elasticache")

SNAPSHOT = {"SnapshotName": "s"}
NEW_USER = {"UserId": "u", "UserName": "u", "Engine": "redis", "AccessString": "on +@all", "NoPasswordRequired": True}
NEW_USERS = {"UserGroupId": "other", "Engine": "redis", "UserIds": ["default"]}

Asked = dict[str, Any]
OFFERING = {"ReservedCacheNodesOfferingId": next(iter(offerings()))}


@dataclass(frozen=True, slots=True)
class Case:
    """An operation under a quota, and what it is asked for so that there are so many in all."""

    quota: str
    operation: str
    asked: Callable[[int], Asked]
    here: int = 0  # how many there are in the test's world
    shape: str = ""  # of the fault, where it is not the quota's


def declared(operation: str) -> set[str]:
    """The faults that AWS's model has for an operation."""
    return {shape.name for shape in MODEL.operation_model(operation).error_shapes}


def tags(count: int) -> list[dict[str, str]]:
    return [{"Key": f"k{number}", "Value": "v"} for number in range(count)]


def parameters(count: int) -> Asked:
    pairs = [{"ParameterName": "timeout", "ParameterValue": "20"}] * count
    return {"CacheParameterGroupName": "p", "ParameterNameValues": pairs}


def replica(count: int) -> Asked:
    return {"CacheClusterId": f"g-{count}", "ReplicationGroupId": "g"}


def shards(count: int) -> Asked:
    return {"ReplicationGroupId": "x", "ApplyImmediately": True, "NodeGroupCount": count}


def subnets(count: int) -> Asked:
    return {"CacheSubnetGroupName": "s", "SubnetIds": [f"subnet-{number}" for number in range(count)]}


SERVERLESS: Asked = {"ServerlessCacheName": "s", "Engine": "valkey"}
IN_GROUPS = QUOTAS["shards-per-replication-group"].fault

# The world has a Memcached cluster of 2 nodes, a group of 2 nodes and one of 2 shards: 6 nodes; and a serverless cache.
CASES = (
    Case("nodes-per-region", "CreateCacheCluster", lambda n: MEMCACHED | {"NumCacheNodes": n - 6}, 6),
    Case("nodes-per-region", "CreateCacheCluster", replica, 6),
    Case("nodes-per-region", "CreateReplicationGroup", lambda n: GROUP | {"NumCacheClusters": n - 6}, 6),
    Case("nodes-per-region", "ModifyCacheCluster", lambda n: {"CacheClusterId": "m", "NumCacheNodes": n - 4}, 6),
    Case("nodes-per-region", "IncreaseReplicaCount", lambda n: AT_ONCE | {"NewReplicaCount": n - 5}, 6),
    Case("nodes-per-region", "ModifyReplicationGroupShardConfiguration", lambda n: shards(n - 4), 6),
    Case("nodes-per-memcached-cluster", "CreateCacheCluster", lambda n: MEMCACHED | {"NumCacheNodes": n}),
    Case("nodes-per-memcached-cluster", "ModifyCacheCluster", lambda n: {"CacheClusterId": "m", "NumCacheNodes": n}, 2),
    Case("nodes-per-replication-group", "CreateReplicationGroup", lambda n: GROUP | {"NumCacheClusters": n}),
    Case("nodes-per-replication-group", "CreateCacheCluster", replica, 2),
    Case(
        "nodes-per-replication-group",
        "IncreaseReplicaCount",
        lambda n: AT_ONCE | {"NewReplicaCount": n - 1},
        2,
        IN_GROUPS,
    ),
    Case("nodes-per-replication-group", "ModifyReplicationGroupShardConfiguration", shards, 2, IN_GROUPS),
    Case("shards-per-replication-group", "CreateReplicationGroup", lambda n: SHARDED | {"NumNodeGroups": n}, 1),
    Case("shards-per-replication-group", "ModifyReplicationGroupShardConfiguration", shards, 2),
    Case("replicas-per-shard", "CreateReplicationGroup", lambda n: GROUP | {"NumCacheClusters": n + 1}),
    Case("replicas-per-shard", "CreateReplicationGroup", lambda n: GROUP | {"ReplicasPerNodeGroup": n}),
    Case("replicas-per-shard", "CreateCacheCluster", replica, 1),
    Case("replicas-per-shard", "IncreaseReplicaCount", lambda n: AT_ONCE | {"NewReplicaCount": n}, 1),
    Case("parameter-groups", "CreateCacheParameterGroup", lambda _: NEW_GROUP, 1),
    Case("parameters-per-request", "ModifyCacheParameterGroup", parameters),
    Case("parameters-per-request", "ResetCacheParameterGroup", parameters),
    Case("users", "CreateUser", lambda _: NEW_USER | {"UserId": "other"}, 1),
    Case("user-groups", "CreateUserGroup", lambda _: NEW_USERS, 1),
    Case("users-per-user-group", "CreateUserGroup", lambda n: NEW_USERS | {"UserIds": ["default", "u"][:n]}),
    Case("subnet-groups", "CreateCacheSubnetGroup", lambda _: NEW_SUBNETS | {"SubnetIds": ["subnet-1"]}, 1),
    Case("subnets-per-subnet-group", "CreateCacheSubnetGroup", lambda n: subnets(n) | NEW_SUBNETS),
    Case("subnets-per-subnet-group", "ModifyCacheSubnetGroup", subnets, 1),
    Case(
        "cache-security-groups",
        "CreateCacheSecurityGroup",
        lambda _: {"CacheSecurityGroupName": "new", "Description": "d"},
    ),
    Case("reserved-nodes", "PurchaseReservedCacheNodesOffering", lambda n: OFFERING | {"CacheNodeCount": n}),
    Case("tags-per-resource", "PurchaseReservedCacheNodesOffering", lambda n: OFFERING | {"Tags": tags(n)}),
    Case("tags-per-resource", "CreateCacheCluster", lambda n: NODE | {"Tags": tags(n)}),
    Case("tags-per-resource", "CreateCacheCluster", lambda n: replica(3) | {"Tags": tags(n)}),
    Case("tags-per-resource", "CreateReplicationGroup", lambda n: GROUP | {"Tags": tags(n)}),
    Case("serverless-caches", "CreateServerlessCache", lambda _: SERVERLESS, 1),
    Case(
        "snapshots-per-serverless-cache",
        "CreateServerlessCacheSnapshot",
        lambda _: {"ServerlessCacheSnapshotName": "s", "ServerlessCacheName": "here"},
    ),
    Case("tags-per-resource", "CreateServerlessCache", lambda n: SERVERLESS | {"Tags": tags(n)}),
    Case("tags-per-resource", "CreateCacheParameterGroup", lambda n: NEW_GROUP | {"Tags": tags(n)}),
    Case("tags-per-resource", "CreateCacheSubnetGroup", lambda n: subnets(1) | NEW_SUBNETS | {"Tags": tags(n)}),
    Case("tags-per-resource", "CreateSnapshot", lambda n: SNAPSHOT | {"CacheClusterId": "g-001", "Tags": tags(n)}),
    Case("tags-per-resource", "AddTagsToResource", lambda n: {"ResourceName": "m", "Tags": tags(n)}),
    Case("test-failovers", "TestFailover", lambda _: {"ReplicationGroupId": "g", "NodeGroupId": "1"}),
    Case("snapshots-per-node", "CreateSnapshot", lambda _: SNAPSHOT | {"CacheClusterId": "g-001"}),
    Case("snapshots-per-node", "CreateSnapshot", lambda _: SNAPSHOT | {"ReplicationGroupId": "x"}),
    Case(
        "snapshots-per-node",
        "DeleteReplicationGroup",
        lambda _: {"ReplicationGroupId": "x", "FinalSnapshotIdentifier": "s"},
    ),
)
EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.quota}-{case.operation}")


@pytest.fixture
def world() -> World:
    world = World()
    world.cluster("m", Engine="memcached", NumCacheNodes=2)
    world.group("g", AutomaticFailoverEnabled=True, NumCacheClusters=2)
    world.group("x", AutomaticFailoverEnabled=True, NumNodeGroups=2)
    world.ask("CreateServerlessCache", **SERVERLESS | {"ServerlessCacheName": "here"})
    for name in (*"mgx", "here"):
        world.settle(name)
    world.ask("CreateCacheParameterGroup", **NEW_GROUP | {"CacheParameterGroupName": "p"})
    world.ask("CreateCacheSubnetGroup", **subnets(1) | NEW_SUBNETS | {"CacheSubnetGroupName": "s"})
    world.ask("CreateUser", **NEW_USER)
    world.ask("CreateUserGroup", UserGroupId="ug", Engine="valkey")
    return world


def asked(world: World, case: Case, count: int) -> Asked:
    """The request, with an ARN in place of a name."""
    params = case.asked(count)
    if name := params.get("ResourceName"):
        return params | {"ResourceName": f"arn:aws:elasticache:us-east-1:{world.caller.account}:cluster:{name}"}
    return params


def everything(world: World) -> Sequence[Mapping[str, Any]]:
    """All that is shown of the account."""
    resource = asked(world, Case("", "", lambda _: {"ResourceName": "m"}), 0)
    values = {"CacheParameterGroupName": "p", "Source": "user"}
    lists = [world.ask(f"Describe{noun}") for noun in LISTED]
    return [*lists, world.ask("DescribeCacheParameters", **values), world.ask("ListTagsForResource", **resource)]


@EACH
def test_what_fits_is_taken(world: World, case: Case) -> None:
    world.quotas = Quotas({case.quota: case.here + 1})
    world.ask(case.operation, **asked(world, case, case.here + 1))


@EACH
def test_one_more_is_refused_and_nothing_changes(world: World, case: Case) -> None:
    world.quotas = Quotas({case.quota: case.here})
    before = everything(world)
    quota = QUOTAS[case.quota]
    refused = world.refusal(case.operation, **asked(world, case, case.here + 1))
    assert refused == (case.shape or quota.fault, quota.words.format(most=case.here))
    assert everything(world) == before
    assert refused[0] in declared(case.operation)


def test_every_quota_has_its_cases() -> None:
    assert {case.quota for case in CASES} == set(QUOTAS)
    assert all(QUOTAS[noun.quota.name] is noun.quota for noun in NOUNS.values() if noun.quota)


def test_what_is_there_already_stays_and_may_become_less(world: World) -> None:
    arn = asked(world, Case("", "", lambda _: {"ResourceName": "m"}), 0)
    world.ask("AddTagsToResource", **arn, Tags=tags(2))
    world.quotas = Quotas({"tags-per-resource": 1, "nodes-per-memcached-cluster": 0, "nodes-per-region": 0})
    world.ask("AddTagsToResource", **arn, Tags=[{"Key": "k1", "Value": "w"}])
    world.ask("RemoveTagsFromResource", **arn, TagKeys=["k0"])
    world.ask("ModifyCacheCluster", CacheClusterId="m", NumCacheNodes=1, CacheNodeIdsToRemove=["0002"])


def uneven(name: str, *replicas: int) -> Asked:
    """For each shard of a group so many replicas."""
    entries = [{"NodeGroupId": str(number), "NewReplicaCount": count} for number, count in enumerate(replicas, 1)]
    return {"ReplicationGroupId": name, "ApplyImmediately": True, "ReplicaConfiguration": entries}


@pytest.mark.parametrize(
    ("quota", "most", "operation", "params"),
    [
        ("shards-per-replication-group", 0, "IncreaseReplicaCount", AT_ONCE | {"NewReplicaCount": 2}),
        ("shards-per-replication-group", 0, "CreateCacheCluster", replica(3)),
        ("replicas-per-shard", 0, "DecreaseReplicaCount", uneven("u", 2)),
        ("replicas-per-shard", 1, "DecreaseReplicaCount", {**AT_ONCE, "ReplicationGroupId": "r", "NewReplicaCount": 2}),
        ("replicas-per-shard", 2, "IncreaseReplicaCount", uneven("u", 3, 2)),
        ("subnets-per-subnet-group", 1, "ModifyCacheSubnetGroup", subnets(2)),
    ],
)
def test_only_what_grows_and_what_it_grows_in_counts(
    world: World, quota: str, most: int, operation: str, params: Asked
) -> None:
    shapes = [{"ReplicaCount": count} for count in (3, 1)]
    world.group("u", AutomaticFailoverEnabled=True, NumNodeGroups=2, NodeGroupConfiguration=shapes)
    world.group("r", NumCacheClusters=4)
    for name in "ur":
        world.settle(name)
    world.ask("ModifyCacheSubnetGroup", **subnets(3))
    world.quotas = Quotas({quota: most})
    world.ask(operation, **params)

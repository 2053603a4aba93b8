"""The requests that follow from steps: each is one that AWS's own model takes."""

from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from cachewright.controlplane.templates.actions import Action, Change, Step
from cachewright.controlplane.templates.kinds import (
    CACHE_CLUSTER,
    KINDS,
    PARAMETER_GROUP,
    REPLICATION_GROUP,
    SECURITY_GROUP,
    SECURITY_GROUP_INGRESS,
    SERVERLESS_CACHE,
    SUBNET_GROUP,
    USER,
    USER_GROUP,
    Kind,
)
from cachewright.controlplane.templates.properties import sealed
from cachewright.controlplane.templates.requests import Request, creation, deletion, final_snapshot
from cachewright.controlplane.templates.stack import Made
from cachewright.controlplane.templates.update_parts import Standing, stays
from cachewright.controlplane.templates.updates import modification, tag_changes
from cachewright.controlplane.templates.values import Properties

MODEL = ServiceModel(Loader().load_service_model("elasticache", "service-2"))
LOG: dict[str, Any] = {
    "LogType": "slow-log",
    "LogFormat": "json",
    "DestinationType": "cloudwatch-logs",
    "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "slow"}},
}
LIMITS = {"DataStorage": {"Maximum": 2, "Unit": "GB"}, "ECPUPerSecond": {"Maximum": 2000, "Minimum": 1000}}
TAGS = [{"Key": "a", "Value": "1"}]

# Properties of each type, and the requests that make one.
CREATED: list[tuple[Kind, dict[str, Any], list[str]]] = [
    (
        CACHE_CLUSTER,
        {"Engine": "redis", "ClusterName": "X", "VpcSecurityGroupIds": ["sg-1"], "Tags": TAGS},
        ["CreateCacheCluster CacheClusterId Engine SecurityGroupIds Tags"],
    ),
    (
        REPLICATION_GROUP,
        {"ReplicationGroupDescription": "d", "LogDeliveryConfigurations": [LOG]},
        ["CreateReplicationGroup LogDeliveryConfigurations ReplicationGroupDescription ReplicationGroupId"],
    ),
    (
        SERVERLESS_CACHE,
        {"ServerlessCacheName": "X", "Engine": "valkey", "CacheUsageLimits": LIMITS, "UserGroupId": "g", "Tags": TAGS},
        ["CreateServerlessCache CacheUsageLimits Engine ServerlessCacheName Tags UserGroupId"],
    ),
    (
        PARAMETER_GROUP,
        {"CacheParameterGroupFamily": "redis7", "Description": "d", "Properties": {f"p{n}": "1" for n in range(21)}},
        [
            "CreateCacheParameterGroup CacheParameterGroupFamily CacheParameterGroupName Description",
            "ModifyCacheParameterGroup CacheParameterGroupName ParameterNameValues",
            "ModifyCacheParameterGroup CacheParameterGroupName ParameterNameValues",
        ],
    ),
    (
        SUBNET_GROUP,
        {"Description": "d", "SubnetIds": ["subnet-1"]},
        ["CreateCacheSubnetGroup CacheSubnetGroupDescription CacheSubnetGroupName SubnetIds"],
    ),
    (SECURITY_GROUP, {"Description": "d"}, ["CreateCacheSecurityGroup CacheSecurityGroupName Description"]),
    (
        SECURITY_GROUP_INGRESS,
        {"CacheSecurityGroupName": "x", "EC2SecurityGroupName": "web", "EC2SecurityGroupOwnerId": "1"},
        ["AuthorizeCacheSecurityGroupIngress CacheSecurityGroupName EC2SecurityGroupName EC2SecurityGroupOwnerId"],
    ),
    (
        USER,
        {"UserId": "x", "UserName": "x", "Engine": "redis", "AccessString": "on ~* +@all", "Passwords": ["p" * 16]},
        ["CreateUser AccessString Engine Passwords UserId UserName"],
    ),
    (
        USER_GROUP,
        {"UserGroupId": "x", "Engine": "redis", "UserIds": ["a"]},
        ["CreateUserGroup Engine UserGroupId UserIds"],
    ),
]


def brief(requests: list[Request]) -> list[str]:
    """Operations with the names of their parameters; each is valid."""
    for request in requests:
        shape = MODEL.operation_model(request.operation).input_shape
        report = ParamValidator().validate(dict(request.params), shape)
        assert not report.has_errors(), report.generate_report()
    return [" ".join([request.operation, *sorted(request.params)]) for request in requests]


def made(kind: Kind, properties: Properties, deletion_policy: str = "Delete") -> Made:
    return Made("Logical", kind.type, "x", sealed(properties, "Logical"), deletion=deletion_policy)


@pytest.mark.parametrize(("kind", "properties", "expected"), CREATED, ids=lambda part: getattr(part, "short", ""))
def test_what_makes_a_resource_and_what_removes_it(kind: Kind, properties: Properties, expected: list[str]) -> None:
    assert brief(creation(made(kind, properties), properties)) == expected
    removal = brief([deletion(made(kind, properties), properties, final_snapshot(made(kind, properties, "Snapshot")))])
    assert [word for word in removal[0].split() if word.startswith("Final")] == ([kind.final] if kind.final else [])


def test_every_type_is_made_above() -> None:
    assert {kind.type for kind, _, _ in CREATED} == set(KINDS)


def step(kind: Kind, before: dict[str, Any], after: dict[str, Any]) -> Step:
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    changes = tuple(Change(name, "1" if name in before else None, "2" if name in after else None) for name in names)
    return Step(Action.UPDATE, made(kind, after), after, changes, made(kind, before))


MODIFY_GROUP = "ModifyReplicationGroup ApplyImmediately"


@pytest.mark.parametrize(
    ("kind", "before", "after", "expected"),
    [
        (
            CACHE_CLUSTER,
            {"NumCacheNodes": 3, "NotificationTopicArn": "t", "SnapshotWindow": "a"},
            {"NumCacheNodes": 1, "CacheNodeType": "t"},
            [
                "ModifyCacheCluster ApplyImmediately CacheClusterId CacheNodeIdsToRemove CacheNodeType"
                " NotificationTopicStatus NumCacheNodes"
            ],
        ),
        (
            CACHE_CLUSTER,
            {"NumCacheNodes": 1},
            {"NumCacheNodes": 4},
            ["ModifyCacheCluster ApplyImmediately CacheClusterId NumCacheNodes"],
        ),
        (CACHE_CLUSTER, {"Tags": TAGS}, {}, []),
        (CACHE_CLUSTER, {"SnapshotWindow": "a"}, {}, []),
        (
            REPLICATION_GROUP,
            {"LogDeliveryConfigurations": [LOG]},
            {},
            [f"{MODIFY_GROUP} LogDeliveryConfigurations ReplicationGroupId"],
        ),
        (
            REPLICATION_GROUP,
            {"AutomaticFailoverEnabled": True},
            {},
            [f"{MODIFY_GROUP} AutomaticFailoverEnabled ReplicationGroupId"],
        ),
        (
            REPLICATION_GROUP,
            {"UserGroupIds": ["a", "b"]},
            {"UserGroupIds": ["b", "c"]},
            [f"{MODIFY_GROUP} ReplicationGroupId UserGroupIdsToAdd UserGroupIdsToRemove"],
        ),
        (
            REPLICATION_GROUP,
            {},
            {"AuthToken": "t"},
            [f"{MODIFY_GROUP} AuthToken AuthTokenUpdateStrategy ReplicationGroupId"],
        ),
        (
            REPLICATION_GROUP,
            {"AuthToken": "s"},
            {"AuthToken": "t"},
            [f"{MODIFY_GROUP} AuthToken AuthTokenUpdateStrategy ReplicationGroupId"] * 2,
        ),
        (
            REPLICATION_GROUP,
            {"NumCacheClusters": 2},
            {"NumCacheClusters": 3},
            ["IncreaseReplicaCount ApplyImmediately NewReplicaCount ReplicationGroupId"],
        ),
        (
            REPLICATION_GROUP,
            {"ReplicasPerNodeGroup": 2},
            {"ReplicasPerNodeGroup": 1},
            ["DecreaseReplicaCount ApplyImmediately NewReplicaCount ReplicationGroupId"],
        ),
        (
            REPLICATION_GROUP,
            {"NumNodeGroups": 2},
            {"NumNodeGroups": 3},
            ["ModifyReplicationGroupShardConfiguration ApplyImmediately NodeGroupCount ReplicationGroupId"],
        ),
        (
            REPLICATION_GROUP,
            {"NumNodeGroups": 2},
            {"NumNodeGroups": 1},
            [
                "ModifyReplicationGroupShardConfiguration ApplyImmediately NodeGroupCount NodeGroupsToRetain"
                " ReplicationGroupId"
            ],
        ),
        (
            PARAMETER_GROUP,
            {"Properties": {"a": "1", "b": "1", "c": "1"}},
            {"Properties": {"a": "1", "b": "2"}},
            [
                "ResetCacheParameterGroup CacheParameterGroupName ParameterNameValues",
                "ModifyCacheParameterGroup CacheParameterGroupName ParameterNameValues",
            ],
        ),
        (
            SUBNET_GROUP,
            {"Description": "a"},
            {"Description": "b"},
            ["ModifyCacheSubnetGroup CacheSubnetGroupDescription CacheSubnetGroupName"],
        ),
        (SECURITY_GROUP, {"Tags": TAGS}, {}, []),
        (
            SERVERLESS_CACHE,
            {"Engine": "redis", "UserGroupId": "g", "Description": "d", "SnapshotRetentionLimit": 1},
            {"Engine": "valkey", "UserGroupId": "h", "CacheUsageLimits": LIMITS, "DailySnapshotTime": "03:00"},
            [
                "ModifyServerlessCache Engine ServerlessCacheName",
                "ModifyServerlessCache CacheUsageLimits ServerlessCacheName",
                "ModifyServerlessCache DailySnapshotTime ServerlessCacheName",
                "ModifyServerlessCache Description ServerlessCacheName",
                "ModifyServerlessCache ServerlessCacheName SnapshotRetentionLimit",
                "ModifyServerlessCache ServerlessCacheName UserGroupId",
            ],
        ),
        (
            SERVERLESS_CACHE,
            {"Engine": "valkey", "MajorEngineVersion": "7"},
            {"Engine": "valkey", "MajorEngineVersion": "8"},
            ["ModifyServerlessCache Engine MajorEngineVersion ServerlessCacheName"],
        ),
        (SERVERLESS_CACHE, {"Engine": "valkey", "MajorEngineVersion": "8"}, {"Engine": "valkey"}, []),
        (SERVERLESS_CACHE, {"UserGroupId": "g"}, {}, ["ModifyServerlessCache RemoveUserGroup ServerlessCacheName"]),
        (SERVERLESS_CACHE, {}, {"FinalSnapshotName": "last", "Tags": TAGS}, []),
        (USER, {"AccessString": "a"}, {"AccessString": "b"}, ["ModifyUser AccessString UserId"]),
        (USER, {}, {"AuthenticationMode": {"Type": "iam"}}, ["ModifyUser AuthenticationMode UserId"]),
        (
            USER_GROUP,
            {"UserIds": ["a"]},
            {"UserIds": ["b"]},
            ["ModifyUserGroup UserGroupId UserIdsToAdd UserIdsToRemove"],
        ),
    ],
)
def test_what_changes_a_resource(
    kind: Kind, before: dict[str, Any], after: dict[str, Any], expected: list[str]
) -> None:
    standing = Standing(("0001", "0002", "0003"), ("0001", "0002"))
    assert brief(modification(step(kind, before, after), standing)) == expected


@pytest.mark.parametrize(("before", "after", "first"), [(1, 2, "Increase"), (2, 1, "Modify")])
def test_there_is_a_replica_while_failover_is_on(before: int, after: int, first: str) -> None:
    old = {"NumCacheClusters": before, "AutomaticFailoverEnabled": before == 2}
    new = {"NumCacheClusters": after, "AutomaticFailoverEnabled": after == 2}
    requests = modification(step(REPLICATION_GROUP, old, new), Standing())
    assert [request.operation.startswith(first) for request in requests] == [True, False]


def test_what_is_asked_for() -> None:
    standing = Standing(("0001", "0003", "0004"), ("0002", "0005"))
    cluster = modification(step(CACHE_CLUSTER, {"NumCacheNodes": 3}, {"NumCacheNodes": 1}), standing)
    assert cluster[0].params["CacheNodeIdsToRemove"] == ["0003", "0004"]
    shards = modification(step(REPLICATION_GROUP, {"NumNodeGroups": 2}, {"NumNodeGroups": 1}), standing)
    assert shards[0].params["NodeGroupsToRetain"] == ["0002"]
    replicas = modification(step(REPLICATION_GROUP, {"NumCacheClusters": 1}, {"NumCacheClusters": 3}), standing)
    assert replicas[0].params["NewReplicaCount"] == 2
    tokens = modification(step(REPLICATION_GROUP, {"AuthToken": "s"}, {"AuthToken": "t"}), standing)
    assert [request.params["AuthTokenUpdateStrategy"] for request in tokens] == ["ROTATE", "SET"]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (
            {},
            {"DataStorage": {"Maximum": 0, "Unit": "GB"}, "ECPUPerSecond": {"Maximum": 0, "Minimum": 0}},
        ),
        (
            {"ECPUPerSecond": {"Maximum": 3000}},
            {"DataStorage": {"Maximum": 0, "Unit": "GB"}, "ECPUPerSecond": {"Maximum": 3000, "Minimum": 0}},
        ),
        (
            {**LIMITS, "DataStorage": {"Minimum": 1, "Unit": "GB"}},
            {**LIMITS, "DataStorage": {"Maximum": 0, "Minimum": 1, "Unit": "GB"}},
        ),
    ],
)
def test_limits_that_are_there_no_more_are_taken_away(after: dict[str, Any], expected: dict[str, Any]) -> None:
    wanted = {"CacheUsageLimits": after} if after else {}
    (request,) = modification(step(SERVERLESS_CACHE, {"CacheUsageLimits": LIMITS}, wanted), Standing())
    assert request.params["CacheUsageLimits"] == expected


def test_a_serverless_cache_names_its_last_snapshot() -> None:
    cache = made(SERVERLESS_CACHE, {"FinalSnapshotName": "last"})
    assert final_snapshot(cache, {"last"}) == "last"
    assert brief([deletion(cache, cache.properties, "last")]) == [
        "DeleteServerlessCache FinalSnapshotName ServerlessCacheName"
    ]


def test_tags_that_come_and_go() -> None:
    before: Properties = {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}, {"Key": "c", "Value": "1"}]}
    after: Properties = {"Tags": [{"Key": "b", "Value": "1"}, {"Key": "c", "Value": "2"}, {"Key": "d"}]}
    added = [{"Key": "c", "Value": "2"}, {"Key": "d", "Value": ""}]
    assert tag_changes(before, after) == (["a"], added)


def test_properties_without_a_default_stay() -> None:
    gone = step(CACHE_CLUSTER, {"SnapshotWindow": "a", "SnapshotRetentionLimit": 1, "Tags": TAGS}, {})
    assert stays(gone) == ["SnapshotWindow"]
    gone = step(SERVERLESS_CACHE, {"DailySnapshotTime": "a", "UserGroupId": "g", "FinalSnapshotName": "last"}, {})
    assert stays(gone) == ["DailySnapshotTime"]

"""ModifyReplicationGroup: what is refused, and the settings that change at once."""

from typing import Any

import pytest

from cachewright.controlplane.model.lifecycle import Phase
from tests.api.world import World

INVALID = "InvalidParameterValueException"
COMBINATION = "InvalidParameterCombinationException"
STATE = "InvalidReplicationGroupStateFault"
TOKEN = "a-token-of-20-letters"
NOW = {"ApplyImmediately": True}
FAILOVER = {"AutomaticFailoverEnabled": True, "NumCacheClusters": 2}
TLS = {"TransitEncryptionEnabled": True}
AUTH = {**TLS, "AuthToken": TOKEN}
SET = {"AuthToken": TOKEN, "AuthTokenUpdateStrategy": "SET", **NOW}


def settled(**params: Any) -> World:
    world = World()
    world.group("g", **{"Engine": "redis", **params})
    world.settle("g")
    return world


def modify(world: World, **params: Any) -> dict[str, Any]:
    return dict(world.ask("ModifyReplicationGroup", ReplicationGroupId="G", **params)["ReplicationGroup"])


REFUSED: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
    ({}, {}, COMBINATION, "No modifications were requested"),
    ({}, NOW, COMBINATION, "No modifications were requested"),
    (
        {},
        {"ReplicationGroupDescription": "d" * 256},
        INVALID,
        "ReplicationGroupDescription cannot be longer than 255 characters.",
    ),
    ({}, {"PrimaryClusterId": "x"}, "CacheClusterNotFoundFault", "CacheCluster not found: x"),
    (
        FAILOVER,
        {"PrimaryClusterId": "g-002"},
        COMBINATION,
        "Automatic failover must be disabled before the primary of a replication group can be changed.",
    ),
    (
        {},
        {"AutomaticFailoverEnabled": True},
        COMBINATION,
        "Replication group must have at least one read replica to enable autofailover.",
    ),
    ({}, {"MultiAZEnabled": True}, COMBINATION, "Must have at least 1 replica for Multi-AZ enabled Replication Group"),
    (
        {"NumCacheClusters": 2},
        {"MultiAZEnabled": True},
        COMBINATION,
        "Automatic failover must be enabled for a Multi-AZ enabled Replication Group",
    ),
    (
        {**FAILOVER, "MultiAZEnabled": True},
        {"AutomaticFailoverEnabled": False},
        COMBINATION,
        "Automatic failover must be enabled for a Multi-AZ enabled Replication Group",
    ),
    (
        {"NumCacheClusters": 2, "CacheNodeType": "cache.t1.micro", "EngineVersion": "2.8.24"},
        {"AutomaticFailoverEnabled": True},
        COMBINATION,
        "Automatic failover is not supported for T1 cache node types.",
    ),
    (
        {},
        {"SnapshotRetentionLimit": 1},
        COMBINATION,
        "Must specify both SnapshotRetentionLimit and SnapshottingClusterId to turn on snapshots",
    ),
    ({}, {"SnapshottingClusterId": "x"}, "CacheClusterNotFoundFault", "CacheCluster not found: x"),
    (
        {"SnapshotWindow": "05:00-06:00"},
        {"PreferredMaintenanceWindow": "mon:05:30-mon:06:30"},
        INVALID,
        "The snapshot window and maintenance window must not overlap.",
    ),
    ({}, {"NotificationTopicArn": "x"}, INVALID, "Invalid notification topic ARN: x"),
    (
        {},
        {"NotificationTopicStatus": "active"},
        COMBINATION,
        "NotificationTopicStatus can only be given when there is a notification topic.",
    ),
    (
        {},
        {"NotificationTopicStatus": "odd"},
        INVALID,
        "Invalid value odd for NotificationTopicStatus. Must be one of: active, inactive",
    ),
    ({}, {"CacheNodeType": "cache.x"}, INVALID, "Invalid Cache Node Type: cache.x"),
    (
        {"CacheNodeType": "cache.m5.large"},
        {"CacheNodeType": "cache.m3.2xlarge"},
        COMBINATION,
        "Cache node type cache.m5.large cannot be modified to cache.m3.2xlarge.",
    ),
    ({}, {"EngineVersion": "7.4"}, COMBINATION, "Cannot find version 7.4 for redis"),
    ({}, {"EngineVersion": "6.2"}, COMBINATION, "Cannot modify redis from 7.1.0 to 6.2.6"),
    (
        {"EngineVersion": "6.2"},
        {"EngineVersion": "7.1.0"},
        INVALID,
        "Specific version selection is not allowed for '7.1.0', please use '7.1'",
    ),
    ({}, {"Engine": "memcached"}, COMBINATION, "Cannot modify redis 7.1.0 to memcached 1.6.22"),
    (
        {"Engine": "valkey", "EngineVersion": "8.1"},
        {"Engine": "redis"},
        COMBINATION,
        "Cannot modify valkey 8.1.0 to redis 7.1.0",
    ),
    (
        {"EngineVersion": "3.2.6", "AtRestEncryptionEnabled": True},
        {"EngineVersion": "3.2.10"},
        COMBINATION,
        "Encryption features are not supported for engine version 3.2.10.",
    ),
    (
        {},
        {"CacheParameterGroupName": "default.redis6.x"},
        COMBINATION,
        "Expected a parameter group of family redis7 but found one of family redis6.x",
    ),
    (
        {"EngineVersion": "6.2"},
        {"EngineVersion": "7.1", "CacheParameterGroupName": "default.redis6.x"},
        COMBINATION,
        "Expected a parameter group of family redis7 but found one of family redis6.x",
    ),
    (
        {},
        {"CacheParameterGroupName": "default.redis7.cluster.on"},
        COMBINATION,
        "The parameter cluster-enabled has a different value in the requested parameter group than the current"
        " parameter group. This parameter value cannot be changed for a cache cluster",
    ),
    ({}, {"CacheParameterGroupName": "m"}, "CacheParameterGroupNotFoundFault", "CacheParameterGroup not found: m"),
    (
        {},
        {"CacheSecurityGroupNames": ["x"]},
        COMBINATION,
        "Use of cache security groups is not permitted in this API version for your account.",
    ),
    (
        {},
        {"TransitEncryptionMode": "preferred"},
        COMBINATION,
        "To modify transit encryption mode, set encryption-in-transit as enabled.",
    ),
    (
        {},
        TLS,
        COMBINATION,
        "Encryption in transit must be enabled with TransitEncryptionMode preferred before it can be required.",
    ),
    (
        TLS,
        {"TransitEncryptionEnabled": False},
        COMBINATION,
        "Encryption in transit must be enabled with TransitEncryptionMode preferred before it can be disabled.",
    ),
    (
        TLS,
        {"TransitEncryptionEnabled": False, "TransitEncryptionMode": "preferred"},
        COMBINATION,
        "To modify transit encryption mode, set encryption-in-transit as enabled.",
    ),
    (
        {"EngineVersion": "6.2"},
        {**TLS, "TransitEncryptionMode": "preferred"},
        COMBINATION,
        "Modification of transit encryption is not supported for redis version 6.2.6.",
    ),
    (
        {"CacheNodeType": "cache.m1.small"},
        {**TLS, "TransitEncryptionMode": "preferred"},
        COMBINATION,
        "Encryption in transit is not supported for cache node type cache.m1.small.",
    ),
    (
        {**AUTH, "TransitEncryptionMode": "preferred"},
        {"TransitEncryptionEnabled": False},
        COMBINATION,
        "Encryption in transit cannot be disabled while an AUTH token is enabled.",
    ),
    (
        {},
        {"AuthToken": TOKEN, **NOW},
        INVALID,
        "The AUTH token is only supported when encryption-in-transit is enabled",
    ),
    (TLS, {"AuthToken": "short", **NOW}, INVALID, "Invalid AuthToken provided."),
    (TLS, {"AuthToken": "with/a/slash/in/it", **NOW}, INVALID, "Invalid AuthToken provided."),
    (TLS, {"AuthToken": TOKEN}, COMBINATION, "AuthToken can only be modified with ApplyImmediately."),
    (
        TLS,
        {"AuthTokenUpdateStrategy": "ROTATE", **NOW},
        COMBINATION,
        "AuthTokenUpdateStrategy must be given with an AuthToken.",
    ),
    (
        TLS,
        {"AuthToken": TOKEN, "AuthTokenUpdateStrategy": "TURN", **NOW},
        INVALID,
        "Invalid value TURN for AuthTokenUpdateStrategy. Must be one of: ROTATE, SET, DELETE",
    ),
    (AUTH, SET, COMBINATION, "AuthTokenUpdateStrategy SET needs the AUTH token of the last ROTATE."),
    (
        AUTH,
        {"AuthTokenUpdateStrategy": "DELETE", **NOW},
        COMBINATION,
        "AuthTokenUpdateStrategy DELETE must be given with UserGroupIdsToAdd.",
    ),
    (
        AUTH,
        {"AuthTokenUpdateStrategy": "DELETE", "AuthToken": TOKEN, **NOW},
        COMBINATION,
        "AuthToken cannot be given with AuthTokenUpdateStrategy DELETE.",
    ),
    (
        AUTH,
        {"AuthTokenUpdateStrategy": "DELETE", "UserGroupIdsToAdd": ["u"], **NOW},
        "UserGroupNotFoundFault",
        "UserGroup u not found.",
    ),
    (
        AUTH,
        {"UserGroupIdsToAdd": ["u"]},
        COMBINATION,
        "User group can't be associated with auth token enabled. Pass AuthStrategy delete to proceed.",
    ),
    (
        {},
        {"UserGroupIdsToAdd": ["u"]},
        COMBINATION,
        "User group based access control requires encryption-in-transit to be enabled on the replication group.",
    ),
    (TLS, {"UserGroupIdsToAdd": ["u"]}, "UserGroupNotFoundFault", "UserGroup u not found."),
    ({}, {"UserGroupIdsToRemove": ["u"]}, "UserGroupNotFoundFault", "UserGroup u not found."),
    ({}, {"Durability": "sync"}, COMBINATION, "Durability sync requires Valkey 9.0 or later."),
    ({}, {"IpDiscovery": "ipv6"}, COMBINATION, "IpDiscovery ipv6 is not supported for network type ipv4."),
    (
        {"NetworkType": "ipv6"},
        {"IpDiscovery": "ipv4"},
        COMBINATION,
        "IpDiscovery ipv4 is not supported for network type ipv6.",
    ),
    (
        {},
        {"IpDiscovery": "x"},
        "InvalidParameterValueException",
        "Invalid value x for IpDiscovery. Must be one of: ipv4, ipv6",
    ),
]


@pytest.mark.parametrize(("group", "params", "shape", "message"), REFUSED)
def test_refused(group: dict[str, Any], params: dict[str, Any], shape: str, message: str) -> None:
    world = settled(**group)
    before = world.cache("g")
    assert world.refusal("ModifyReplicationGroup", ReplicationGroupId="g", **params) == (shape, message)
    assert world.cache("g") == before


def test_only_what_is_there_and_available() -> None:
    world = settled()
    unknown = world.refusal("ModifyReplicationGroup", ReplicationGroupId="None", MultiAZEnabled=False)
    assert unknown == ("ReplicationGroupNotFoundFault", "ReplicationGroup not found: None")
    world.phase("g", Phase.MODIFYING)
    expected = (STATE, "Replication group must be in available state to modify.")
    assert world.refusal("ModifyReplicationGroup", ReplicationGroupId="g", MultiAZEnabled=False) == expected


def test_another_discovery_is_shown_at_once_and_is_work() -> None:
    world = settled(NetworkType="dual_stack")
    assert modify(world, IpDiscovery="ipv4")["Status"] == "available"
    shown = modify(world, IpDiscovery="ipv6")
    assert (shown["IpDiscovery"], shown["Status"]) == ("ipv6", "modifying")
    assert shown["PendingModifiedValues"] == {}
    assert world.shown_cluster("g-001")["IpDiscovery"] == "ipv6"


@pytest.mark.parametrize(
    ("waiting", "asked", "message"),
    [
        (
            {"CacheNodeType": "cache.m5.large"},
            {"EngineVersion": "7.1"},
            "The engine version cannot be modified while a change of the node type is pending.",
        ),
        (
            {"EngineVersion": "7.1"},
            {"CacheNodeType": "cache.m5.large"},
            "The node type cannot be modified while a change of the engine version is pending.",
        ),
    ],
)
def test_what_waits_stands_in_the_way(waiting: dict[str, str], asked: dict[str, str], message: str) -> None:
    world = settled(EngineVersion="6.2")
    modify(world, **waiting)
    refused = world.refusal("ModifyReplicationGroup", ReplicationGroupId="g", **asked, **NOW)
    assert refused == (COMBINATION, message)
    modify(world, **waiting, **NOW)
    assert world.shown_group("g")["Status"] == "modifying"


def test_settings_change_at_once_and_nobody_is_woken() -> None:
    world = settled(NumCacheClusters=2)
    before = world.cache("g")
    topic = f"arn:aws:sns:us-east-1:{world.caller.account}:t"
    answer = modify(
        world,
        ReplicationGroupDescription="new",
        SnapshottingClusterId="G-002",
        SnapshotRetentionLimit=3,
        SnapshotWindow="05:00-06:00",
        PreferredMaintenanceWindow="MON:07:00-mon:08:00",
        NotificationTopicArn=topic,
        NotificationTopicStatus="active",
        AutoMinorVersionUpgrade=False,
        SecurityGroupIds=["sg-1"],
        NodeGroupId="0001",
        RemoveUserGroups=True,
    )
    assert answer == world.shown_group("g")
    assert (answer["Status"], answer["Description"], answer["SnapshottingClusterId"]) == ("available", "new", "g-002")
    assert (answer["SnapshotRetentionLimit"], answer["SnapshotWindow"]) == (3, "05:00-06:00")
    assert not answer["AutoMinorVersionUpgrade"]
    member = world.shown_cluster("g-001")
    assert member["PreferredMaintenanceWindow"] == "mon:07:00-mon:08:00"
    assert member["NotificationConfiguration"] == {"TopicArn": topic, "TopicStatus": "active"}
    assert member["SecurityGroups"] == [{"SecurityGroupId": "sg-1", "Status": "active"}]
    after = world.cache("g")
    assert (after.generation, after.status) == (before.generation, before.status)
    messages = [event["Message"] for event in world.ask("DescribeEvents")["Events"]]
    assert "Applied change to security group" in messages
    assert any(message.startswith("Cachewright keeps and shows") for message in messages)


def test_what_is_so_already_changes_nothing() -> None:
    world = settled(**FAILOVER)
    before = world.cache("g")
    modify(world, CacheNodeType="cache.t3.micro", EngineVersion="7.1", Engine="redis", **NOW)
    modify(world, AutomaticFailoverEnabled=True, TransitEncryptionEnabled=False, ClusterMode="disabled", **NOW)
    modify(world, CacheParameterGroupName="default.redis7", ReplicationGroupDescription="of a test")
    assert world.cache("g") == before

"""CreateCacheCluster: what is refused, and what comes of what is accepted."""

from typing import Any

import pytest

from cachewright.controlplane.api.cache_clusters.inputs import CREATE_REPLICA
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.nouns import CACHE_CLUSTER
from tests.api.world import World

INVALID = "InvalidParameterValueException"
COMBINATION = "InvalidParameterCombinationException"
MEMCACHED = {"Engine": "memcached"}
REGION_A, REGION_B, REGION_C = "us-east-1a", "us-east-1b", "us-east-1c"
ENCRYPTED = {"TransitEncryptionEnabled": True}
SNAPSHOTS = "Snapshot parameters are not supported for engine memcached."

REFUSED: list[tuple[dict[str, Any], str, str]] = [
    (
        {"CacheClusterId": "a--b"},
        INVALID,
        "The parameter CacheClusterIdentifier is not a valid identifier. Identifiers must begin with a letter; must"
        " contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive"
        " hyphens.",
    ),
    ({"CacheClusterId": "a" * 51}, INVALID, "Cache Cluster ID cannot be longer than 50 characters."),
    ({"ReplicationGroupId": "none"}, "ReplicationGroupNotFoundFault", "ReplicationGroup not found: none"),
    ({"Engine": None}, INVALID, "The parameter Engine must be provided and must not be null."),
    ({"Engine": "mysql"}, INVALID, "Invalid engine name: mysql"),
    (
        {"Engine": "Valkey"},
        INVALID,
        "Invalid engine name: valkey. Use CreateReplicationGroup to create a Valkey cache.",
    ),
    ({"EngineVersion": "7.4"}, COMBINATION, "Cannot find version 7.4 for redis"),
    (
        {"EngineVersion": "6.2.6"},
        INVALID,
        "Specific version selection is not allowed for '6.2.6', please use '6.2'",
    ),
    ({"CacheNodeType": None}, INVALID, "The parameter CacheNodeType must be provided and must not be null."),
    ({"CacheNodeType": "cache.foo"}, INVALID, "Invalid Cache Node Type: cache.foo"),
    (
        {"CacheNodeType": "cache.m8g.large"},
        COMBINATION,
        "Cache node type cache.m8g.large does not support redis 7.1.",
    ),
    (
        {"CacheNodeType": "cache.m6g.large", "EngineVersion": "5.0.5"},
        COMBINATION,
        "Cache node type cache.m6g.large does not support redis 5.0.5.",
    ),
    (
        {**MEMCACHED, "CacheNodeType": "cache.r6gd.xlarge"},
        COMBINATION,
        "Cache node type cache.r6gd.xlarge does not support memcached 1.6.22.",
    ),
    (
        {"CacheNodeType": "cache.r6gd.xlarge"},
        COMBINATION,
        "Cache node type cache.r6gd.xlarge is for replication groups only.",
    ),
    (
        {"CacheParameterGroupName": "mine"},
        "CacheParameterGroupNotFoundFault",
        "CacheParameterGroup not found: mine",
    ),
    (
        {"EngineVersion": "5.0.6", "CacheParameterGroupName": "default.redis3.2"},
        COMBINATION,
        "Expected a parameter group of family redis5.0 but found one of family redis3.2",
    ),
    (
        {"CacheParameterGroupName": "default.redis7.cluster.on"},
        COMBINATION,
        "Cluster mode should be disabled in parameter group, but found it is enabled.",
    ),
    (
        {"NumCacheNodes": 2},
        INVALID,
        "Cannot create a Redis cluster with a NumCacheNodes parameter greater than 1.",
    ),
    ({"NumCacheNodes": 0}, INVALID, "Invalid value 0 for NumCacheNodes. Must be at least 1"),
    (
        {**MEMCACHED, "NumCacheNodes": 61},
        "NodeQuotaForClusterExceededFault",
        "Cluster node quota exceeded. Each cluster can have at most 60 nodes in this region.",
    ),
    ({"AZMode": "x"}, INVALID, "Invalid value x for AZMode. Must be one of: single-az, cross-az"),
    (
        {"AZMode": "cross-az"},
        COMBINATION,
        "AZMode cross-az and PreferredAvailabilityZones are for memcached only.",
    ),
    (
        {"PreferredAvailabilityZones": [REGION_A]},
        COMBINATION,
        "AZMode cross-az and PreferredAvailabilityZones are for memcached only.",
    ),
    ({"PreferredAvailabilityZone": "us-east-1z"}, INVALID, "us-east-1z is not a valid availability zone."),
    (
        {**MEMCACHED, "NumCacheNodes": 1, "AZMode": "cross-az"},
        COMBINATION,
        "AZMode cross-az needs more than one cache node.",
    ),
    (
        {**MEMCACHED, "NumCacheNodes": 3, "PreferredAvailabilityZones": [REGION_A, REGION_B]},
        COMBINATION,
        "Must specify the same number of preferred availability zones as requested number of nodes.",
    ),
    (
        {**MEMCACHED, "NumCacheNodes": 2, "PreferredAvailabilityZones": [REGION_A, "us-west-2a"]},
        INVALID,
        "us-west-2a is not a valid availability zone.",
    ),
    (
        {
            **MEMCACHED,
            "NumCacheNodes": 2,
            "AZMode": "single-az",
            "PreferredAvailabilityZones": [REGION_A, REGION_B],
        },
        COMBINATION,
        "AZMode single-az cannot be given with several availability zones.",
    ),
    (
        {**MEMCACHED, "NumCacheNodes": 2, "AZMode": "cross-az", "PreferredAvailabilityZone": REGION_A},
        COMBINATION,
        "PreferredAvailabilityZone cannot be given with AZMode cross-az or PreferredAvailabilityZones.",
    ),
    (
        {"AuthToken": "0123456789abcdef"},
        INVALID,
        "The AUTH token is only supported when encryption-in-transit is enabled",
    ),
    ({**MEMCACHED, **ENCRYPTED, "AuthToken": "short"}, INVALID, "Invalid AuthToken provided."),
    (ENCRYPTED, COMBINATION, "Encryption feature is not supported for engine REDIS."),
    (
        {**MEMCACHED, **ENCRYPTED, "EngineVersion": "1.6.6"},
        COMBINATION,
        "Encryption features are not supported for engine version 1.6.6. Please use engine version 1.6.12",
    ),
    ({"Port": 0}, INVALID, "Invalid value 0 for Port. Must be between 1 and 65535"),
    ({"Port": 65536}, INVALID, "Invalid value 65536 for Port. Must be between 1 and 65535"),
    (
        {"CacheSecurityGroupNames": ["default"]},
        COMBINATION,
        "Use of cache security groups is not permitted in this API version for your account.",
    ),
    ({"CacheSubnetGroupName": "s"}, "CacheSubnetGroupNotFoundFault", "Cache subnet group s not found."),
    ({"NetworkType": "x"}, INVALID, "Invalid value x for NetworkType. Must be one of: ipv4, ipv6, dual_stack"),
    ({"IpDiscovery": "x"}, INVALID, "Invalid value x for IpDiscovery. Must be one of: ipv4, ipv6"),
    (
        {"PreferredMaintenanceWindow": "sun:05:00-sun:06:00", "SnapshotWindow": "05:30-06:30"},
        INVALID,
        "The snapshot window and maintenance window must not overlap.",
    ),
    ({"SnapshotWindow": "05:30-06:00"}, INVALID, "Snapshot window must be at least 60 minutes."),
    (
        {"SnapshotRetentionLimit": 36},
        INVALID,
        "Invalid value 36 for SnapshotRetentionLimit. Must be between 0 and 35",
    ),
    ({**MEMCACHED, "SnapshotRetentionLimit": 1}, COMBINATION, SNAPSHOTS),
    ({**MEMCACHED, "SnapshotWindow": "05:00-06:00"}, COMBINATION, SNAPSHOTS),
    (
        {"CacheNodeType": "cache.t1.micro", "SnapshotRetentionLimit": 1},
        COMBINATION,
        "Instance type does not support snapshotting. Snapshot retention limit parameter should not be specified.",
    ),
    ({"NotificationTopicArn": "topic"}, INVALID, "Invalid notification topic ARN: topic"),
    ({"Tags": [{"Key": "aws:x"}]}, INVALID, "Tag keys cannot start with aws:"),
]


@pytest.mark.parametrize(("params", "shape", "message"), REFUSED)
def test_refused(params: dict[str, Any], shape: str, message: str) -> None:
    world = World()
    wanted = {"CacheClusterId": "c", "Engine": "redis", "CacheNodeType": "cache.t3.micro"} | params
    present = {name: value for name, value in wanted.items() if value is not None}
    assert world.refusal("CreateCacheCluster", **present) == (shape, message)
    assert world.ask("DescribeCacheClusters") == {"CacheClusters": []}


def test_ids_are_taken_once() -> None:
    world = World()
    world.cluster("c")
    taken = ("CacheClusterAlreadyExistsFault", "Cache cluster already exists")
    params = {"Engine": "memcached", "CacheNodeType": "cache.t3.micro"}
    assert world.refusal("CreateCacheCluster", CacheClusterId="C", **params) == taken
    world.group("g", NumCacheClusters=2)
    assert world.refusal("CreateCacheCluster", CacheClusterId="g-002", **params) == taken
    World().cluster("c")  # another account


@pytest.mark.parametrize(
    ("params", "shape", "message"),
    [
        ({"ReplicationGroupId": "h"}, "ReplicationGroupNotFoundFault", "ReplicationGroup not found: h"),
        ({"CacheClusterId": "g-001"}, "CacheClusterAlreadyExistsFault", "Cache cluster already exists"),
        ({"PreferredAvailabilityZone": "x"}, INVALID, "x is not a valid availability zone."),
    ],
)
def test_a_replica_that_cannot_be(params: dict[str, Any], shape: str, message: str) -> None:
    world = World()
    world.group("g")
    world.settle("g")
    asked = {"CacheClusterId": "c", "ReplicationGroupId": "G"}
    assert world.refusal("CreateCacheCluster", **asked | params) == (shape, message)


# What AWS takes beside ReplicationGroupId, and what it refuses although it is what the group has, or no change of it.
TAKEN: dict[str, Any] = {
    "CacheClusterId": "c",
    "ReplicationGroupId": "g",
    "PreferredAvailabilityZone": REGION_C,
    "Tags": [{"Key": "own", "Value": "tag"}],
    "AutoMinorVersionUpgrade": True,
}
NOT_TAKEN: dict[str, Any] = {
    "AZMode": "single-az",
    "PreferredAvailabilityZones": [REGION_A],
    "NumCacheNodes": 1,
    "CacheNodeType": "cache.t3.micro",
    "Engine": "redis",
    "EngineVersion": "7.1",
    "CacheParameterGroupName": "default.redis7",
    "CacheSubnetGroupName": "default",
    "CacheSecurityGroupNames": ["default"],
    "SecurityGroupIds": ["sg-0a1b2c3d"],
    "SnapshotArns": ["arn:aws:s3:::bucket/x.rdb"],
    "SnapshotName": "s",
    "PreferredMaintenanceWindow": "sun:05:00-sun:06:00",
    "Port": 6379,
    "NotificationTopicArn": "arn:aws:sns:us-east-1:000000000000:x",
    "SnapshotRetentionLimit": 0,
    "SnapshotWindow": "05:00-06:00",
    "AuthToken": "0123456789abcdef",
    "OutpostMode": "single-outpost",
    "PreferredOutpostArn": "arn:aws:outposts:us-east-1:000000000000:outpost/op-0",
    "PreferredOutpostArns": ["arn:aws:outposts:us-east-1:000000000000:outpost/op-0"],
    "LogDeliveryConfigurations": [{"LogType": "slow-log"}],
    "TransitEncryptionEnabled": False,
    "NetworkType": "ipv4",
    "IpDiscovery": "ipv4",
}


def test_every_parameter_beside_a_group_is_decided() -> None:
    assert set(TAKEN) | set(NOT_TAKEN) == set(CREATE_REPLICA)
    assert not set(TAKEN) & set(NOT_TAKEN)


def test_a_replica_takes_what_is_its_own() -> None:
    world = World()
    world.group("g", AutoMinorVersionUpgrade=False)
    world.settle("g")
    nothing = {name: [] if isinstance(value, list) else "" for name, value in NOT_TAKEN.items()}
    world.ask("CreateCacheCluster", **TAKEN | nothing)
    world.settle("g")
    shown = world.shown_cluster("c")
    assert (shown["PreferredAvailabilityZone"], shown["AutoMinorVersionUpgrade"]) == (REGION_C, False)
    assert world.tags(CACHE_CLUSTER, "c") == (("own", "tag"),)


@pytest.mark.parametrize("name", NOT_TAKEN)
def test_a_replica_takes_nothing_that_is_its_groups(name: str) -> None:
    world = World()
    world.group("g", Engine="redis")
    world.settle("g")
    before = world.cache("g")
    asked = {"CacheClusterId": "c", "ReplicationGroupId": "g", name: NOT_TAKEN[name]}
    assert world.refusal("CreateCacheCluster", **asked) == (
        COMBINATION,
        "Cannot specify additional cache cluster parameters when creating a replica cluster",
    )
    assert world.cache("g") == before


def test_a_replica_joins_an_available_group() -> None:
    world = World()
    world.group("g", Tags=[{"Key": "team", "Value": "shop"}])
    refused = world.refusal("CreateCacheCluster", CacheClusterId="c", ReplicationGroupId="g")
    assert refused == ("InvalidReplicationGroupStateFault", "Replication group g is not in available state.")
    world.settle("g")
    tags = [{"Key": "own", "Value": "tag"}]
    answer = world.ask("CreateCacheCluster", CacheClusterId="C", ReplicationGroupId="G", Tags=tags)["CacheCluster"]
    assert (answer["CacheClusterId"], answer["CacheClusterStatus"]) == ("c", "creating")
    assert answer["ReplicationGroupId"] == "g"
    assert [node.zone for node in world.cache("g").spec.nodes] == ["us-east-1a", "us-east-1b"]
    shown = world.shown_group("g")
    assert (shown["Status"], shown["MemberClusters"]) == ("modifying", ["g-001", "c"])
    assert [member["CacheClusterId"] for member in shown["NodeGroups"][0]["NodeGroupMembers"]] == ["g-001"]
    world.settle("g")
    assert world.shown_cluster("c")["CacheClusterStatus"] == "available"
    assert world.tags(CACHE_CLUSTER, "c") == (("own", "tag"),)


def test_several_replicas_are_asked_for_at_the_same_time() -> None:
    world = World()
    world.group("g", NumCacheClusters=2)
    world.settle("g")
    asked = {"ReplicationGroupId": "g", "AutoMinorVersionUpgrade": True}
    for name in ("a", "b", "c"):
        assert world.ask("CreateCacheCluster", CacheClusterId=name, **asked)["CacheCluster"]["CacheClusterId"] == name
        world.phase("g", Phase.MODIFYING)  # the agent has begun
    assert [node.cluster for node in world.cache("g").spec.nodes] == ["g-001", "g-002", "a", "b", "c"]
    world.ask("IncreaseReplicaCount", ReplicationGroupId="g", NewReplicaCount=5, ApplyImmediately=True)
    refused = "InvalidReplicationGroupStateFault"
    fewer = {"ReplicationGroupId": "g", "NewReplicaCount": 1, "ApplyImmediately": True}
    assert world.refusal("DecreaseReplicaCount", **fewer)[0] == refused
    assert world.refusal("ModifyReplicationGroup", ReplicationGroupId="g", MultiAZEnabled=False)[0] == refused
    world.settle("g")
    assert len(world.shown_group("g")["MemberClusters"]) == 6


@pytest.mark.parametrize("phase", [Phase.AVAILABLE, Phase.MODIFYING])
def test_a_replica_waits_for_every_other_change(phase: Phase) -> None:
    world = World()
    world.group("g", NumCacheClusters=2)
    world.settle("g")
    change = {"AutomaticFailoverEnabled": True, "ApplyImmediately": True}
    world.ask("ModifyReplicationGroup", ReplicationGroupId="g", **change)
    world.phase("g", phase)
    refused = world.refusal("CreateCacheCluster", CacheClusterId="c", ReplicationGroupId="g")
    assert refused == ("InvalidReplicationGroupStateFault", "Replication group g is not in available state.")
    world.settle("g")
    world.phase("g", Phase.MODIFYING)  # a node is mended
    assert world.refusal("CreateCacheCluster", CacheClusterId="c", ReplicationGroupId="g") == refused


def test_a_primary_has_five_replicas_at_most() -> None:
    world = World()
    world.group("g", NumCacheClusters=6)
    world.settle("g")
    expected = (INVALID, "The number of replicas per node group must be within 0 and 5.")
    assert world.refusal("CreateCacheCluster", CacheClusterId="c", ReplicationGroupId="g") == expected


def test_nodes_in_a_region_are_counted() -> None:
    world = World()
    for number in range(7):
        world.cluster(f"m{number}", **MEMCACHED, NumCacheNodes=40)
    world.cluster("m", **MEMCACHED, NumCacheNodes=19)
    world.cluster("r")
    expected = (
        "NodeQuotaForCustomerExceededFault",
        "Customer node quota exceeded. You can have at most 300 nodes in this region.",
    )
    params = {"Engine": "redis", "CacheNodeType": "cache.t3.micro"}
    assert world.refusal("CreateCacheCluster", CacheClusterId="more", **params) == expected


def test_the_answer_of_a_new_redis_cluster() -> None:
    world = World()
    answer = world.cluster("My-Cache", Tags=[{"Key": "k", "Value": "v"}])
    window, snapshots = answer.pop("PreferredMaintenanceWindow"), answer.pop("SnapshotWindow")
    schedule = world.cache("my-cache").spec.schedule
    assert (window, snapshots) == (schedule.maintenance_window, schedule.snapshot_window)
    assert world.tags(CACHE_CLUSTER, "my-cache") == (("k", "v"),)
    assert answer == {
        "CacheClusterId": "my-cache",
        "ARN": f"arn:aws:elasticache:us-east-1:{world.caller.account}:cluster:my-cache",
        "ClientDownloadLandingPage": "https://console.aws.amazon.com/elasticache/home#client-download:",
        "CacheNodeType": "cache.t3.micro",
        "Engine": "redis",
        "EngineVersion": "7.1.0",
        "CacheClusterStatus": "creating",
        "NumCacheNodes": 1,
        "PendingModifiedValues": {},
        "CacheSecurityGroups": [],
        "CacheParameterGroup": {
            "CacheParameterGroupName": "default.redis7",
            "ParameterApplyStatus": "in-sync",
            "CacheNodeIdsToReboot": [],
        },
        "CacheSubnetGroupName": "default",
        "AutoMinorVersionUpgrade": True,
        "SecurityGroups": [],
        "SnapshotRetentionLimit": 0,
        "AuthTokenEnabled": False,
        "TransitEncryptionEnabled": False,
        "AtRestEncryptionEnabled": False,
        "ReplicationGroupLogDeliveryEnabled": False,
        "LogDeliveryConfigurations": [],
        "NetworkType": "ipv4",
        "IpDiscovery": "ipv4",
    }
    assert world.shown_cluster("MY-cache") == answer | {
        "PreferredMaintenanceWindow": window,
        "SnapshotWindow": snapshots,
    }


def test_what_is_asked_for_is_shown() -> None:
    topic = "arn:aws:sns:us-east-1:000000000000:topic"
    answer = World().cluster(
        "c",
        EngineVersion="6.x",
        PreferredMaintenanceWindow="Sun:05:00-Sun:06:00",
        SnapshotWindow="07:00-08:00",
        SnapshotRetentionLimit=35,
        NotificationTopicArn=topic,
        SecurityGroupIds=["sg-1"],
        AutoMinorVersionUpgrade=False,
        PreferredAvailabilityZone=REGION_B,
        CacheSubnetGroupName="Default",
        AZMode="single-az",
    )
    expected = {
        "EngineVersion": "6.2.6",
        "PreferredMaintenanceWindow": "sun:05:00-sun:06:00",
        "SnapshotWindow": "07:00-08:00",
        "SnapshotRetentionLimit": 35,
        "NotificationConfiguration": {"TopicArn": topic, "TopicStatus": "inactive"},
        "SecurityGroups": [{"SecurityGroupId": "sg-1", "Status": "adding"}],
        "AutoMinorVersionUpgrade": False,
        "PreferredAvailabilityZone": REGION_B,
        "CacheSubnetGroupName": "default",
    }
    assert {name: answer[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("params", "zones", "shown"),
    [
        ({"NumCacheNodes": 2}, [REGION_A, REGION_A], None),
        ({"NumCacheNodes": 2, "AZMode": "single-az"}, [REGION_A, REGION_A], None),
        ({"NumCacheNodes": 2, "PreferredAvailabilityZone": REGION_C}, [REGION_C, REGION_C], REGION_C),
        ({"NumCacheNodes": 4, "AZMode": "cross-az"}, [REGION_A, REGION_B, REGION_C, REGION_A], "Multiple"),
        (
            {"NumCacheNodes": 3, "PreferredAvailabilityZones": [REGION_B, REGION_A, REGION_B]},
            [REGION_B, REGION_A, REGION_B],
            "Multiple",
        ),
        ({"NumCacheNodes": 2, "PreferredAvailabilityZones": [REGION_B] * 2}, [REGION_B] * 2, REGION_B),
    ],
)
def test_zones_of_memcached(params: dict[str, Any], zones: list[str], shown: str | None) -> None:
    world = World()
    answer = world.cluster("m", **MEMCACHED, **params)
    assert answer.get("PreferredAvailabilityZone") == shown
    assert [node.zone for node in world.cache("m").spec.nodes] == zones
    world.settle("m")
    settled = world.shown_cluster("m")
    assert settled["PreferredAvailabilityZone"] == (shown or zones[0])
    assert [node["CustomerAvailabilityZone"] for node in settled["CacheNodes"]] == zones


def test_the_biggest_memcached_cluster() -> None:
    answer = World().cluster("m", Engine="Memcached", NumCacheNodes=40, Port=12000)
    assert (answer["NumCacheNodes"], answer["EngineVersion"]) == (40, "1.6.22")
    assert not {"SnapshotRetentionLimit", "SnapshotWindow", "ReplicationGroupId"} & set(answer)


def test_a_day_of_maintenance_is_fine_for_memcached() -> None:
    answer = World().cluster("m", **MEMCACHED, PreferredMaintenanceWindow="mon:00:00-tue:00:00")
    assert answer["PreferredMaintenanceWindow"] == "mon:00:00-tue:00:00"

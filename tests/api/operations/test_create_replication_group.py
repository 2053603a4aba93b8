"""CreateReplicationGroup: what is refused, and what comes of what is accepted."""

from typing import Any

import pytest

from tests.api.world import KEY, World

INVALID = "InvalidParameterValueException"
COMBINATION = "InvalidParameterCombinationException"
A, B, C = "us-east-1a", "us-east-1b", "us-east-1c"
REPLICAS = "The number of replicas per node group must be within 0 and 5."
CONFLICT = "NumCacheClusters cannot be given with NumNodeGroups or ReplicasPerNodeGroup."
REPLICA_COUNT = "ReplicaCount cannot be given with ReplicasPerNodeGroup or NumCacheClusters."
CLUSTERED = "Automatic failover must be enabled for a cluster mode enabled replication group."
REDIS = {"Engine": "redis"}
FAILOVER = {"AutomaticFailoverEnabled": True}


def entry(**fields: Any) -> dict[str, Any]:
    return {"NodeGroupConfiguration": [fields]}


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"ReplicationGroupId": "a" * 41}, INVALID, "Replication Group ID cannot be longer than 40 characters."),
    (
        {"ReplicationGroupDescription": "d" * 256},
        INVALID,
        "ReplicationGroupDescription cannot be longer than 255 characters.",
    ),
    (
        {"GlobalReplicationGroupId": "ldgnf-x"},
        COMBINATION,
        "Cannot use the given parameters when creating new replication group in an existing global replication group.",
    ),
    (
        {"GlobalReplicationGroupId": "ldgnf-x", "CacheNodeType": None, "Engine": None},
        "GlobalReplicationGroupNotFoundFault",
        "GlobalReplicationGroup not found: ldgnf-x",
    ),
    ({"PrimaryClusterId": "none"}, "CacheClusterNotFoundFault", "CacheCluster not found: none"),
    (
        {"Engine": "memcached"},
        INVALID,
        "Invalid engine name: memcached. Use CreateCacheCluster to create a Memcached cluster.",
    ),
    ({"EngineVersion": "7.4"}, COMBINATION, "Cannot find version 7.4 for valkey"),
    ({"CacheNodeType": None}, INVALID, "The parameter CacheNodeType must be provided and must not be null."),
    (
        {**REDIS, "CacheParameterGroupName": "default.valkey8"},
        COMBINATION,
        "valkey parameter group is not applicable to engine redis",
    ),
    ({"CacheParameterGroupName": "m"}, "CacheParameterGroupNotFoundFault", "CacheParameterGroup not found: m"),
    ({"NumCacheClusters": 2, "ReplicasPerNodeGroup": 1}, COMBINATION, CONFLICT),
    ({"NumCacheClusters": 2, "NumNodeGroups": 1}, COMBINATION, CONFLICT),
    ({"NumCacheClusters": 0}, INVALID, REPLICAS),
    ({"NumCacheClusters": 7}, INVALID, REPLICAS),
    ({"ReplicasPerNodeGroup": 6}, INVALID, REPLICAS),
    ({"ReplicasPerNodeGroup": -1}, INVALID, REPLICAS),
    ({"NumNodeGroups": 0}, INVALID, "Invalid value 0 for NumNodeGroups. Must be at least 1"),
    (
        {"NumNodeGroups": 31, "ReplicasPerNodeGroup": 2},
        COMBINATION,
        CLUSTERED,
    ),
    ({"NumNodeGroups": 2}, COMBINATION, CLUSTERED),
    ({"ClusterMode": "enabled"}, COMBINATION, CLUSTERED),
    ({"CacheParameterGroupName": "default.valkey8.cluster.on"}, COMBINATION, CLUSTERED),
    ({"ClusterMode": "x"}, INVALID, "Invalid value x for ClusterMode. Must be one of: disabled, compatible, enabled"),
    (
        {"NumNodeGroups": 2, **FAILOVER, "PreferredCacheClusterAZs": [A, B]},
        COMBINATION,
        "PreferredCacheClusterAZs can only be specified for one node group.",
    ),
    (
        {"NumNodeGroups": 2, "CacheParameterGroupName": "default.valkey8"},
        COMBINATION,
        "Cluster mode should be enabled in parameter group, but found it is disabled.",
    ),
    (
        {"NumNodeGroups": 2, **entry(ReplicaCount=1)},
        COMBINATION,
        "NodeGroupConfiguration must have as many entries as NumNodeGroups says.",
    ),
    (
        {"NumNodeGroups": 2, **FAILOVER, "SnapshotArns": ["arn:aws:s3:::bucket/x.rdb"]},
        COMBINATION,
        "Slots must be provided when restoring from snapshot ARNs with cluster mode enabled",
    ),
    (entry(NodeGroupId="2"), INVALID, "The node group of a cluster mode disabled replication group is 0001."),
    (entry(Slots="0-100"), INVALID, "The slots of the only node group must be 0-16383."),
    (entry(ReplicaCount=6), INVALID, REPLICAS),
    ({"ReplicasPerNodeGroup": 1, **entry(ReplicaCount=1)}, COMBINATION, REPLICA_COUNT),
    ({"NumCacheClusters": 2, **entry(ReplicaCount=1)}, COMBINATION, REPLICA_COUNT),
    (
        {"NumCacheClusters": 1, "PreferredCacheClusterAZs": [A], **entry(Slots="0-16383")},
        COMBINATION,
        "PreferredCacheClusterAZs cannot be given with NodeGroupConfiguration.",
    ),
    (
        entry(ReplicaCount=2, ReplicaAvailabilityZones=[A]),
        INVALID,
        "ReplicaAvailabilityZones must name one availability zone for each replica.",
    ),
    (entry(PrimaryAvailabilityZone="x"), INVALID, "x is not a valid availability zone."),
    (
        {"NumCacheClusters": 3, "PreferredCacheClusterAZs": [A, B]},
        INVALID,
        "When specifying preferred availability zones, the number of cache clusters must be specified and must match"
        " the number of preferred availability zones.",
    ),
    (
        {"PreferredCacheClusterAZs": [A]},
        INVALID,
        "When specifying preferred availability zones, the number of cache clusters must be specified and must match"
        " the number of preferred availability zones.",
    ),
    (
        {"NumCacheClusters": 1, "PreferredCacheClusterAZs": ["us-east-1d"]},
        INVALID,
        "us-east-1d is not a valid availability zone.",
    ),
    (
        FAILOVER,
        COMBINATION,
        "When using automatic failover, there must be at least 2 cache clusters in the replication group.",
    ),
    (
        {**REDIS, **FAILOVER, "NumCacheClusters": 2, "CacheNodeType": "cache.t1.micro"},
        COMBINATION,
        "Automatic failover is not supported for T1 cache node types.",
    ),
    (
        {
            **REDIS,
            **FAILOVER,
            "NumCacheClusters": 2,
            "CacheNodeType": "cache.m3.medium",
            "EngineVersion": "2.6.13",
        },
        COMBINATION,
        "Automatic failover is not supported for Redis version 2.6.13.",
    ),
    ({"MultiAZEnabled": True}, COMBINATION, "Must have at least 1 replica for Multi-AZ enabled Replication Group"),
    (
        {"MultiAZEnabled": True, "NumCacheClusters": 2},
        COMBINATION,
        "Automatic failover must be enabled for a Multi-AZ enabled Replication Group",
    ),
    (
        {"AuthToken": "0123456789abcdef"},
        INVALID,
        "The AUTH token is only supported when encryption-in-transit is enabled",
    ),
    (
        {"AuthToken": "0123456789abcde@", "TransitEncryptionEnabled": True},
        INVALID,
        "Invalid AuthToken provided.",
    ),
    (
        {**REDIS, "AtRestEncryptionEnabled": True, "EngineVersion": "3.2.10"},
        COMBINATION,
        "Encryption features are not supported for engine version 3.2.10. Please use engine version 3.2.6",
    ),
    (
        {**REDIS, "KmsKeyId": "k"},
        COMBINATION,
        "KmsKeyId can only be given when encryption at rest is enabled.",
    ),
    (
        {"UserGroupIds": ["u"]},
        COMBINATION,
        "User group based access control requires encryption-in-transit to be enabled on the replication group.",
    ),
    (
        {"UserGroupIds": ["u"], "TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred"},
        COMBINATION,
        "Transit encryption preferred is not supported with redis access control.",
    ),
    ({"UserGroupIds": ["u"], "TransitEncryptionEnabled": True}, "UserGroupNotFoundFault", "UserGroup u not found."),
    (
        {**REDIS, "EngineVersion": "6.2", "TransitEncryptionEnabled": True, "TransitEncryptionMode": "required"},
        COMBINATION,
        "Transit encryption mode is not supported for engine version 6.2.6. Please use engine version 7.0.5 or higher.",
    ),
    (
        {"TransitEncryptionMode": "preferred"},
        COMBINATION,
        "To modify transit encryption mode, set encryption-in-transit as enabled.",
    ),
    (
        {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "some"},
        INVALID,
        "Invalid value some for TransitEncryptionMode. Must be one of: preferred, required",
    ),
    (
        {**REDIS, "TransitEncryptionEnabled": True, "EngineVersion": "4.0.10", "CacheNodeType": "cache.m1.small"},
        COMBINATION,
        "Encryption in transit is not supported for cache node type cache.m1.small.",
    ),
    (
        {**REDIS, "TransitEncryptionEnabled": True, "EngineVersion": "5.0.6"},
        COMBINATION,
        "Encryption features are not supported for engine version 5.0.6. Please use engine version 6.0",
    ),
    (
        {"CacheNodeType": "cache.r6gd.xlarge"},
        COMBINATION,
        "DataTieringEnabled must be true for cache.r6gd.* node types, and for no other.",
    ),
    (
        {"DataTieringEnabled": True},
        COMBINATION,
        "DataTieringEnabled must be true for cache.r6gd.* node types, and for no other.",
    ),
    (
        {"Durability": "x"},
        INVALID,
        "Invalid value x for Durability. Must be one of: default, async, sync, disabled",
    ),
    ({"Port": 0}, INVALID, "Invalid value 0 for Port. Must be between 1 and 65535"),
    ({"CacheSubnetGroupName": "s"}, "CacheSubnetGroupNotFoundFault", "Cache subnet group s not found."),
]


@pytest.mark.parametrize(("params", "shape", "message"), REFUSED)
def test_refused(params: dict[str, Any], shape: str, message: str) -> None:
    world = World()
    usual = {"ReplicationGroupId": "g", "ReplicationGroupDescription": "d", "Engine": "valkey"}
    wanted = usual | {"CacheNodeType": "cache.t3.micro"} | params
    present = {name: value for name, value in wanted.items() if value is not None}
    assert world.refusal("CreateReplicationGroup", **present) == (shape, message)
    assert world.ask("DescribeReplicationGroups") == {"ReplicationGroups": []}


def test_ids_are_taken_once() -> None:
    world = World()
    world.group("g")
    world.cluster("h-002")
    params = {"ReplicationGroupDescription": "d", "CacheNodeType": "cache.t3.micro", "NumCacheClusters": 2}
    assert world.refusal("CreateReplicationGroup", ReplicationGroupId="G", **params) == (
        "ReplicationGroupAlreadyExistsFault",
        "Replication group already exists",
    )
    assert world.refusal("CreateReplicationGroup", ReplicationGroupId="h", **params) == (
        "CacheClusterAlreadyExistsFault",
        "Cache cluster already exists",
    )
    assert len(world.ask("DescribeReplicationGroups")["ReplicationGroups"]) == 1
    world.cluster("g")  # a cache cluster and a group may be called alike
    world.group("h")  # without a second member there is no clash


STATE = "InvalidCacheClusterStateFault"


@pytest.mark.parametrize(
    ("primary", "params", "shape", "message"),
    [
        ("g-001", {}, STATE, "Cache cluster g-001 is already a member of replication group g."),
        ("new", {}, STATE, "Cache cluster new is not in available state."),
        ("m", {}, COMBINATION, "Cache cluster m runs memcached, which does not replicate."),
        ("C", {"Engine": "valkey"}, COMBINATION, "Engine is that of the primary cluster c: redis."),
        ("c", {"Port": 7000}, COMBINATION, "Port is that of the primary cluster c: 6379."),
        (
            "c",
            {"TransitEncryptionEnabled": True},
            COMBINATION,
            "TransitEncryptionEnabled is that of the primary cluster c: False.",
        ),
        (
            "c",
            {"AuthToken": "0" * 16},
            COMBINATION,
            "AuthToken and TransitEncryptionMode cannot be given with PrimaryClusterId.",
        ),
        (
            "c",
            {"NumCacheClusters": 2, "PreferredCacheClusterAZs": [B, C]},
            COMBINATION,
            "The primary cluster c is in availability zone us-east-1a.",
        ),
    ],
)
def test_who_cannot_become_a_primary(primary: str, params: dict[str, Any], shape: str, message: str) -> None:
    world = World()
    world.group("g")
    world.cluster("m", Engine="memcached")
    for name in ("c", "g", "m"):
        if name == "c":
            world.cluster(name)
        world.settle(name)
    world.cluster("new")
    asked = {"ReplicationGroupId": "h", "ReplicationGroupDescription": "d", "PrimaryClusterId": primary}
    assert world.refusal("CreateReplicationGroup", **asked | params) == (shape, message)
    assert world.shown_cluster("c")["CacheClusterStatus"] == "available"


def test_the_answer_of_a_new_group() -> None:
    world = World()
    answer = world.group("My-Group", NumCacheClusters=3, MultiAZEnabled=True, **FAILOVER, SnapshotRetentionLimit=2)
    assert answer.pop("SnapshotWindow") == world.cache("my-group").spec.schedule.snapshot_window
    assert answer == {
        "ReplicationGroupId": "my-group",
        "ARN": f"arn:aws:elasticache:us-east-1:{world.caller.account}:replicationgroup:my-group",
        "Description": "of a test",
        "GlobalReplicationGroupInfo": {},
        "Status": "creating",
        "PendingModifiedValues": {},
        "MemberClusters": ["my-group-001", "my-group-002", "my-group-003"],
        "ReplicationGroupCreateTime": world.now,
        "SnapshottingClusterId": "my-group-002",
        "AutomaticFailover": "enabled",
        "MultiAZ": "enabled",
        "SnapshotRetentionLimit": 2,
        "ClusterEnabled": False,
        "ClusterMode": "disabled",
        "CacheNodeType": "cache.t3.micro",
        "Engine": "valkey",
        "AuthTokenEnabled": False,
        "TransitEncryptionEnabled": False,
        "AtRestEncryptionEnabled": True,
        "StorageEncryptionType": "sse-elasticache",
        "MemberClustersOutpostArns": [],
        "UserGroupIds": [],
        "LogDeliveryConfigurations": [],
        "DataTiering": "disabled",
        "AutoMinorVersionUpgrade": True,
        "NetworkType": "ipv4",
        "IpDiscovery": "ipv4",
    }


@pytest.mark.parametrize(
    ("params", "zones"),
    [
        ({}, [A]),
        ({"NumCacheClusters": 6}, [A, B, C, A, B, C]),
        ({"NumNodeGroups": 1, "ReplicasPerNodeGroup": 2}, [A, B, C]),
        ({"ReplicasPerNodeGroup": 1}, [A, B]),
        ({"NumCacheClusters": 2, "PreferredCacheClusterAZs": [C, C]}, [C, C]),
        (entry(ReplicaCount=2, PrimaryAvailabilityZone=C), [C, A, B]),
        (entry(ReplicaCount=1, PrimaryAvailabilityZone=B, ReplicaAvailabilityZones=[A]), [B, A]),
        ({"ReplicasPerNodeGroup": 1, **entry(NodeGroupId="1", Slots="0-16383")}, [A, B]),
    ],
)
def test_zones(params: dict[str, Any], zones: list[str]) -> None:
    world = World()
    world.group("g", **params)
    (shard,) = world.cache("g").spec.shards
    assert shard.id == "0001"
    assert [node.zone for node in shard.nodes] == zones
    assert [node.name for node in shard.nodes] == [f"g-00{number}.0001" for number in range(1, len(zones) + 1)]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"Engine": None}, {"Engine": "redis", "AtRestEncryptionEnabled": False, "StorageEncryptionType": "none"}),
        ({"SnapshotRetentionLimit": 1}, {"SnapshottingClusterId": "g-001"}),
        ({"KmsKeyId": KEY}, {"KmsKeyId": KEY, "StorageEncryptionType": "sse-kms"}),
        ({"Durability": "default"}, {"Durability": "default", "EffectiveDurability": "disabled"}),
        ({"CacheNodeType": "cache.r6gd.xlarge", "DataTieringEnabled": True}, {"DataTiering": "enabled"}),
        ({"AutoMinorVersionUpgrade": False}, {"AutoMinorVersionUpgrade": False}),
    ],
)
def test_what_is_asked_for_is_shown(params: dict[str, Any], expected: dict[str, Any]) -> None:
    usual = {"ReplicationGroupId": "g", "ReplicationGroupDescription": "d", "Engine": "valkey"}
    wanted = usual | {"CacheNodeType": "cache.t3.micro"} | params
    present = {name: value for name, value in wanted.items() if value is not None}
    answer = World().ask("CreateReplicationGroup", **present)["ReplicationGroup"]
    assert {name: answer[name] for name in expected} == expected


def test_a_network_type_is_shown_and_kept() -> None:
    world = World()
    group = world.group("g", NetworkType="dual_stack", IpDiscovery="ipv6")
    assert (group["NetworkType"], group["IpDiscovery"]) == ("dual_stack", "ipv6")


def test_a_group_made_out_of_a_cluster_has_its_network_type() -> None:
    world = World()
    world.cluster("one", NetworkType="ipv6")
    world.settle("one")
    params = {"ReplicationGroupId": "g", "ReplicationGroupDescription": "d", "PrimaryClusterId": "one"}
    assert world.refusal("CreateReplicationGroup", **params, NetworkType="ipv4")[0] == (
        "InvalidParameterCombinationException"
    )
    assert world.ask("CreateReplicationGroup", **params)["ReplicationGroup"]["NetworkType"] == "ipv6"

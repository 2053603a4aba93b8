"""Snapshots as the API tells of them; an agent that is a few lines long takes them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from cachewright.controlplane.maintenance import Maintenance
from cachewright.controlplane.model.drills import Unfit
from cachewright.controlplane.model.lifecycle import NodePhase, Phase
from cachewright.controlplane.model.nouns import CACHE_CLUSTER, REPLICATION_GROUP, SNAPSHOT
from cachewright.controlplane.model.pending import Pending
from cachewright.controlplane.model.quotas import Quotas
from cachewright.controlplane.model.snapshots import Snapshot, SnapshotSource, SnapshotStatus
from cachewright.controlplane.store.database import Store
from tests.api.world import KEY, START, World

MB = 1024 * 1024
TAKEN = "SnapshotAlreadyExistsFault"
UNSUPPORTED = "SnapshotFeatureNotSupportedFault"
COMBINATION = "InvalidParameterCombinationException"
INVALID = "InvalidParameterValueException"
STATE = "InvalidSnapshotStateFault"
MODEL = botocore.session.get_session().get_service_model("elasticache")
TAGS = [{"Key": "team", "Value": "shop"}]


@pytest.fixture
def world() -> World:
    """A cluster `one`, a group `rg` of two members, and a group `x` of two shards with two members each."""
    world = World()
    world.cluster("one", SnapshotWindow="05:00-06:00", PreferredMaintenanceWindow="sun:23:00-mon:01:30")
    world.group("rg", NumCacheClusters=2, AutomaticFailoverEnabled=True, Tags=TAGS)
    shards = [
        {"NodeGroupId": "0001", "PrimaryAvailabilityZone": "us-east-1a", "ReplicaAvailabilityZones": ["us-east-1b"]},
        {"NodeGroupId": "0002", "PrimaryAvailabilityZone": "us-east-1c", "ReplicaAvailabilityZones": ["us-east-1a"]},
    ]
    asked = {"NumNodeGroups": 2, "ReplicasPerNodeGroup": 1, "NodeGroupConfiguration": shards}
    world.group("x", **asked, AutomaticFailoverEnabled=True)
    for name in ("one", "rg", "x"):
        world.settle(name)
    return world


def create(world: World, name: str = "snap", **params: Any) -> dict[str, Any]:
    return dict(world.ask("CreateSnapshot", SnapshotName=name, **params or {"CacheClusterId": "one"})["Snapshot"])


def remembered(world: World, name: str) -> Snapshot | None:
    with world.store.read() as transaction:
        caller = world.caller
        return transaction.records(caller.account, caller.region, SNAPSHOT, Snapshot).get(name)


def change(world: World, name: str, **fields: Any) -> Snapshot:
    snapshot = remembered(world, name)
    assert snapshot
    changed = replace(snapshot, **fields)
    with world.store.write() as transaction:
        transaction.records(world.caller.account, world.caller.region, SNAPSHOT, Snapshot).change(name, changed)
    return changed


def take(world: World, name: str, size: int = 3 * MB) -> None:
    """What an agent does in the end."""
    snapshot = remembered(world, name)
    assert snapshot
    nodes = tuple(replace(node, taken=world.now, size=size, digest="f" * 64) for node in snapshot.nodes)
    change(world, name, status=SnapshotStatus.AVAILABLE, nodes=nodes)


def forget(world: World, name: str) -> None:
    with world.store.write() as transaction:
        transaction.records(world.caller.account, world.caller.region, SNAPSHOT, Snapshot).remove(name)


def shown(world: World, name: str = "snap", **params: Any) -> dict[str, Any]:
    (snapshot,) = world.ask("DescribeSnapshots", SnapshotName=name, **params)["Snapshots"]
    return dict(snapshot)


def listed(world: World, **params: Any) -> list[str]:
    return [each["SnapshotName"] for each in world.ask("DescribeSnapshots", **params)["Snapshots"]]


def statuses(world: World) -> dict[str, str]:
    """Of every cluster and group."""
    clusters = world.ask("DescribeCacheClusters")["CacheClusters"]
    groups = world.ask("DescribeReplicationGroups")["ReplicationGroups"]
    return {each["CacheClusterId"]: each["CacheClusterStatus"] for each in clusters} | {
        each["ReplicationGroupId"]: each["Status"] for each in groups
    }


def test_the_answer_about_a_cluster(world: World) -> None:
    answer = create(world, "Snap")
    assert answer == {
        "SnapshotName": "snap",
        "ARN": f"arn:aws:elasticache:us-east-1:{world.caller.account}:snapshot:snap",
        "SnapshotStatus": "creating",
        "SnapshotSource": "manual",
        "CacheClusterId": "one",
        "NumCacheNodes": 1,
        "PreferredAvailabilityZone": "us-east-1a",
        "CacheClusterCreateTime": START,
        "CacheNodeType": "cache.t3.micro",
        "Engine": "redis",
        "EngineVersion": world.shown_cluster("one")["EngineVersion"],
        "PreferredMaintenanceWindow": "sun:23:00-mon:01:30",
        "Port": 6379,
        "CacheParameterGroupName": "default.redis7",
        "CacheSubnetGroupName": "default",
        "VpcId": world.ask("DescribeCacheSubnetGroups")["CacheSubnetGroups"][0]["VpcId"],
        "AutoMinorVersionUpgrade": True,
        "SnapshotRetentionLimit": 0,
        "SnapshotWindow": "05:00-06:00",
        "DataTiering": "disabled",
        "NodeSnapshots": [{"CacheNodeId": "0001", "CacheSize": "", "CacheNodeCreateTime": START}],
    }
    assert shown(world, "SNAP") == answer


def test_what_was_taken_has_a_size_and_a_moment(world: World) -> None:
    create(world)
    world.wait(minutes=1)
    take(world, "snap", 2 * MB + 1)
    assert shown(world)["SnapshotStatus"] == "available"
    (node,) = shown(world, ShowNodeGroupConfig=True)["NodeSnapshots"]
    assert (node["CacheSize"], node["SnapshotCreateTime"]) == ("3 MB", world.now)
    assert "NodeGroupConfiguration" not in node


def test_the_answer_about_a_group_in_cluster_mode(world: World) -> None:
    answer = create(world, ReplicationGroupId="X")
    assert {name: answer[name] for name in ("ReplicationGroupId", "ReplicationGroupDescription", "NumNodeGroups")} == {
        "ReplicationGroupId": "x",
        "ReplicationGroupDescription": "of a test",
        "NumNodeGroups": 2,
    }
    assert answer["AutomaticFailover"] == "enabled"
    assert not {"CacheClusterId", "NumCacheNodes", "PreferredAvailabilityZone"} & answer.keys()
    replicas = [(node["CacheClusterId"], node["NodeGroupId"]) for node in answer["NodeSnapshots"]]
    assert replicas == [("x-0001-002", "0001"), ("x-0002-002", "0002")]
    assert all("NodeGroupConfiguration" not in node for node in shown(world)["NodeSnapshots"])
    nodes = shown(world, ShowNodeGroupConfig=True)["NodeSnapshots"]
    assert [node["NodeGroupConfiguration"] for node in nodes] == [
        {
            "NodeGroupId": "0001",
            "Slots": "0-8191",
            "ReplicaCount": 1,
            "PrimaryAvailabilityZone": "us-east-1a",
            "ReplicaAvailabilityZones": ["us-east-1b"],
        },
        {
            "NodeGroupId": "0002",
            "Slots": "8192-16383",
            "ReplicaCount": 1,
            "PrimaryAvailabilityZone": "us-east-1c",
            "ReplicaAvailabilityZones": ["us-east-1a"],
        },
    ]


def test_what_a_cache_keeps_of_settings_is_in_its_snapshot(world: World) -> None:
    topic = "arn:aws:sns:us-east-1:000000000000:t"
    world.group("k", NotificationTopicArn=topic, KmsKeyId=KEY, AtRestEncryptionEnabled=True, NumNodeGroups=1)
    world.settle("k")
    world.ask("ModifyReplicationGroup", ReplicationGroupId="rg", SnapshottingClusterId="rg-001")
    world.ask("ModifyReplicationGroup", ReplicationGroupId="rg", SnapshotRetentionLimit=3)
    for member, days in (("rg-001", 3), ("rg-002", 0)):
        assert create(world, f"of-{member}", CacheClusterId=member)["SnapshotRetentionLimit"] == days
    world.ask("ModifyReplicationGroup", ReplicationGroupId="x", SnapshotRetentionLimit=3)
    assert create(world, "of-x", ReplicationGroupId="x")["SnapshotRetentionLimit"] == 3
    if world.shown_group("k")["ClusterEnabled"]:
        answer = create(world, "of-k", ReplicationGroupId="k")
    else:
        answer = create(world, "of-k", CacheClusterId="k-001")
    assert (answer["TopicArn"], answer["KmsKeyId"]) == (topic, KEY)


def test_answers_have_nothing_that_the_model_does_not_know(world: World) -> None:
    create(world, ReplicationGroupId="x")
    take(world, "snap")
    snapshot = shown(world, ShowNodeGroupConfig=True)
    assert snapshot.keys() <= MODEL.shape_for("Snapshot").members.keys()
    for node in snapshot["NodeSnapshots"]:
        assert node.keys() <= MODEL.shape_for("NodeSnapshot").members.keys()
        assert node["NodeGroupConfiguration"].keys() <= MODEL.shape_for("NodeGroupConfiguration").members.keys()


@pytest.mark.parametrize(
    ("params", "busy"),
    [
        ({"CacheClusterId": "one"}, {"one"}),
        ({"CacheClusterId": "rg-002"}, {"rg", "rg-002"}),
        ({"ReplicationGroupId": "x"}, {"x", "x-0001-002", "x-0002-002"}),
    ],
)
def test_the_source_is_snapshotting_meanwhile(world: World, params: dict[str, Any], busy: set[str]) -> None:
    every = statuses(world).keys()
    create(world, **params)
    expected = {name: "snapshotting" if name in busy else "available" for name in every}
    assert statuses(world) == expected
    clusters, groups = busy & {"one", "rg-002"}, busy & {"rg", "x"}
    assert all(world.shown_cluster(name)["CacheClusterStatus"] == "snapshotting" for name in clusters)
    for name in groups:
        group = world.shown_group(name)
        assert (group["Status"], group["NodeGroups"][0]["Status"]) == ("snapshotting", "available")
    take(world, "snap")
    assert set(statuses(world).values()) == {"available"}


def test_what_is_worse_than_a_snapshot_is_shown(world: World) -> None:
    create(world)
    world.phase("one", Phase.MODIFYING)
    assert statuses(world)["one"] == "modifying"


def test_a_cache_of_the_same_name_is_another_one(world: World) -> None:
    create(world)
    world.gone("one")
    world.cluster("one")
    world.settle("one")
    assert statuses(world)["one"] == "available"


def test_what_can_be_done_meanwhile_and_what_cannot(world: World) -> None:
    create(world)
    create(world, "of-x", ReplicationGroupId="x")
    create(world, "of-rg", CacheClusterId="rg-002")
    answer = world.ask("ModifyCacheCluster", CacheClusterId="one", SnapshotRetentionLimit=1)["CacheCluster"]
    assert answer["CacheClusterStatus"] == "snapshotting"
    answer = world.ask("ModifyReplicationGroup", ReplicationGroupId="x", SnapshotRetentionLimit=1)["ReplicationGroup"]
    assert answer["Status"] == "snapshotting"
    cluster, group = "InvalidCacheClusterStateFault", "InvalidReplicationGroupStateFault"
    for operation, params, shape in (
        ("CreateSnapshot", {"SnapshotName": "again", "CacheClusterId": "one"}, cluster),
        ("CreateSnapshot", {"SnapshotName": "again", "ReplicationGroupId": "x"}, group),
        ("RebootCacheCluster", {"CacheClusterId": "one", "CacheNodeIdsToReboot": ["0001"]}, cluster),
        ("DeleteCacheCluster", {"CacheClusterId": "one"}, cluster),
        ("DeleteCacheCluster", {"CacheClusterId": "rg-002"}, cluster),
        ("DeleteReplicationGroup", {"ReplicationGroupId": "x"}, group),
        ("DeleteReplicationGroup", {"ReplicationGroupId": "rg", "RetainPrimaryCluster": True}, group),
        (
            "CreateReplicationGroup",
            {"ReplicationGroupId": "n", "ReplicationGroupDescription": "d", "PrimaryClusterId": "one"},
            cluster,
        ),
    ):
        assert world.refusal(operation, **params)[0] == shape, operation


@pytest.mark.parametrize(
    ("params", "shape", "message"),
    [
        ({}, COMBINATION, "Exactly one of CacheClusterId and ReplicationGroupId must be specified."),
        (
            {"CacheClusterId": "one", "ReplicationGroupId": "x"},
            COMBINATION,
            "Exactly one of CacheClusterId and ReplicationGroupId must be specified.",
        ),
        ({"CacheClusterId": "nobody"}, "CacheClusterNotFoundFault", "CacheCluster not found: nobody"),
        ({"ReplicationGroupId": "nobody"}, "ReplicationGroupNotFoundFault", "ReplicationGroup not found: nobody"),
        (
            {"CacheClusterId": "x-0001-001"},
            COMBINATION,
            "Cache cluster x-0001-001 is a member of cluster mode enabled replication group x. Use ReplicationGroupId.",
        ),
        (
            {"ReplicationGroupId": "rg"},
            COMBINATION,
            "Replication group rg has cluster mode disabled. Use CacheClusterId of one of its members.",
        ),
        ({"CacheClusterId": "m"}, UNSUPPORTED, "Snapshots are not supported for engine memcached."),
        ({"CacheClusterId": "t"}, UNSUPPORTED, "Snapshots are not supported for node type cache.t1.micro."),
        (
            {"CacheClusterId": "new"},
            "InvalidCacheClusterStateFault",
            "Cache cluster new is not in available state.",
        ),
        (
            {"CacheClusterId": "rg-001"},
            "InvalidCacheClusterStateFault",
            "Cache cluster rg-001 is not in available state.",
        ),
        (
            {"ReplicationGroupId": "y"},
            "InvalidReplicationGroupStateFault",
            "Replication group y is not in available state.",
        ),
        (
            {"CacheClusterId": "one", "KmsKeyId": "k"},
            "InvalidKMSKeyFault",
            "Cannot use the key k: it does not exist.",
        ),
        ({"CacheClusterId": "one", "SnapshotName": "taken"}, TAKEN, "Snapshot with specified name already exists."),
        (
            {"CacheClusterId": "one", "SnapshotName": "n" * 41},
            INVALID,
            "Snapshot Name cannot be longer than 40 characters.",
        ),
    ],
)
def test_what_cannot_be_snapshotted(world: World, params: dict[str, Any], shape: str, message: str) -> None:
    world.cluster("m", Engine="memcached")
    world.cluster("t", CacheNodeType="cache.t1.micro", EngineVersion="5.0.6")
    world.cluster("new")
    world.group("y", NumNodeGroups=2, AutomaticFailoverEnabled=True)
    world.node_phase("rg", "rg-001.0001", NodePhase.RECOVERING)
    create(world, "taken", CacheClusterId="rg-002")
    assert world.refusal("CreateSnapshot", **{"SnapshotName": "s", **params}) == (shape, message)
    assert listed(world) == ["taken"]


@pytest.mark.parametrize("name", ["1st", "a--b", "a-", "a.b", "../a", ""])
def test_names_that_are_none(world: World, name: str) -> None:
    for operation, params in (
        ("CreateSnapshot", {"SnapshotName": name, "CacheClusterId": "one"}),
        ("CopySnapshot", {"SourceSnapshotName": "snap", "TargetSnapshotName": name}),
    ):
        shape, message = world.refusal(operation, **params)
        assert (shape, message[:54]) == (INVALID, "The parameter SnapshotName is not a valid identifier. ")


def test_twenty_of_a_node_in_a_day(world: World) -> None:
    world.quotas = Quotas({"snapshots-per-node": 2})
    for number in range(2):
        create(world, f"s{number}", CacheClusterId="rg-001")
        take(world, f"s{number}")
        world.wait(hours=10)
    refused = (
        "SnapshotQuotaExceededFault",
        "The maximum number of manual snapshots for this node taken within 24 hours has been reached its quota of 2",
    )
    asked = {"SnapshotName": "s2", "CacheClusterId": "rg-001"}
    assert world.refusal("CreateSnapshot", **asked) == refused
    world.ask("CopySnapshot", SourceSnapshotName="s0", TargetSnapshotName="copy")  # nothing is taken for it
    create(world, "other", CacheClusterId="rg-002")
    world.ask("DeleteSnapshot", SnapshotName="s1")
    forget(world, "s1")
    assert world.refusal("CreateSnapshot", **asked) == refused  # it was taken, whatever became of it
    world.wait(hours=4)
    create(world, "s2", CacheClusterId="rg-001")


def test_tags_are_those_of_the_request_else_of_the_source(world: World) -> None:
    own = [{"Key": "own", "Value": "1"}]
    create(world, "none")
    create(world, "member", CacheClusterId="rg-001")
    create(world, "given", CacheClusterId="rg-002", Tags=own)
    take(world, "member")
    for target, params in (("copy", {}), ("tagged", {"Tags": own})):
        world.ask("CopySnapshot", SourceSnapshotName="member", TargetSnapshotName=target, **params)
        take(world, target)
    tags = {name: world.tags(SNAPSHOT, name) for name in listed(world)}
    shop, mine = (("team", "shop"),), (("own", "1"),)
    assert tags == {"copy": shop, "given": mine, "member": shop, "none": (), "tagged": mine}
    arn = shown(world, "none")["ARN"]
    assert world.ask("AddTagsToResource", ResourceName=arn, Tags=own)["TagList"] == own
    assert world.ask("ListTagsForResource", ResourceName=arn)["TagList"] == own
    forget(world, "none")
    assert world.tags(SNAPSHOT, "none") == ()
    assert world.refusal("ListTagsForResource", ResourceName=arn)[0] == "SnapshotNotFoundFault"


def test_filters(world: World) -> None:
    create(world, "a-one")
    create(world, "b-member", CacheClusterId="rg-002")
    create(world, "c-group", ReplicationGroupId="x")
    change(world, "c-group", source=SnapshotSource.AUTOMATED)
    for params, names in (
        ({}, ["a-one", "b-member", "c-group"]),
        ({"CacheClusterId": "ONE"}, ["a-one"]),
        ({"CacheClusterId": "rg-001"}, []),
        ({"CacheClusterId": "x-0001-002"}, ["c-group"]),
        ({"ReplicationGroupId": "RG"}, ["b-member"]),
        ({"ReplicationGroupId": "x"}, ["c-group"]),
        ({"ReplicationGroupId": "nobody"}, []),
        ({"SnapshotSource": "user"}, ["a-one", "b-member"]),
        ({"SnapshotSource": "system"}, ["c-group"]),
        ({"SnapshotName": "a-one", "SnapshotSource": "system"}, []),
        ({"SnapshotName": "a-one", "CacheClusterId": "one"}, ["a-one"]),
    ):
        assert listed(world, **params) == names, params


def test_filters_that_name_nothing(world: World) -> None:
    assert world.refusal("DescribeSnapshots", SnapshotName="Nobody") == (
        "SnapshotNotFoundFault",
        "Snapshot Nobody not found.",
    )
    assert world.refusal("DescribeSnapshots", CacheClusterId="nobody")[0] == "CacheClusterNotFoundFault"
    assert world.refusal("DescribeSnapshots", SnapshotSource="manual") == (
        INVALID,
        "Invalid value manual for SnapshotSource. Must be one of: system, user",
    )


def test_pages_of_at_most_fifty(world: World) -> None:
    create(world)
    take(world, "snap")
    names = ["snap", *(f"copy-{number:02}" for number in range(60))]
    for name in names[1:]:
        world.ask("CopySnapshot", SourceSnapshotName="snap", TargetSnapshotName=name)
        take(world, name)
    first = world.ask("DescribeSnapshots")
    assert len(first["Snapshots"]) == 50
    seen = [each["SnapshotName"] for each in first["Snapshots"]]
    assert [*seen, *listed(world, Marker=first["Marker"])] == sorted(names)
    few = world.ask("DescribeSnapshots", MaxRecords=20, CacheClusterId="one")
    assert len(few["Snapshots"]) == 20
    for size in (19, 51):
        assert world.refusal("DescribeSnapshots", MaxRecords=size) == (
            INVALID,
            f"Invalid value {size} for MaxRecords. Must be between 20 and 50",
        )


def test_a_copy(world: World) -> None:
    create(world, ReplicationGroupId="x")
    take(world, "snap")
    before = shown(world, ShowNodeGroupConfig=True)
    world.wait(hours=1)
    answer = world.ask("CopySnapshot", SourceSnapshotName="SNAP", TargetSnapshotName="Copy")["Snapshot"]
    assert (answer["SnapshotName"], answer["SnapshotStatus"], answer["SnapshotSource"]) == (
        "copy",
        "creating",
        "manual",
    )
    assert {name: shown(world, name)["SnapshotStatus"] for name in ("snap", "copy")} == {
        "snap": "copying",
        "copy": "creating",
    }
    assert set(statuses(world).values()) == {"available"}  # caches have nothing to do with it
    copy, source = remembered(world, "copy"), remembered(world, "snap")
    assert copy and source
    assert (copy.copied_from, copy.nodes) == (source.id, source.nodes)
    assert copy.id != source.id
    change(world, "copy", status=SnapshotStatus.AVAILABLE)
    assert shown(world, ShowNodeGroupConfig=True) == before
    same = {"SnapshotName", "ARN"}
    after = shown(world, "copy", ShowNodeGroupConfig=True)
    assert {name: value for name, value in after.items() if name not in same} == {
        name: value for name, value in before.items() if name not in same
    }


def test_a_copy_of_an_automatic_or_last_one_is_manual(world: World) -> None:
    create(world)
    take(world, "snap")
    change(world, "snap", source=SnapshotSource.AUTOMATED, final=True)
    world.ask("CopySnapshot", SourceSnapshotName="snap", TargetSnapshotName="copy")
    copy = remembered(world, "copy")
    assert copy
    assert (copy.source, copy.final) == (SnapshotSource.MANUAL, False)


def test_copies_that_are_refused(world: World) -> None:
    create(world)
    usual = {"SourceSnapshotName": "snap", "TargetSnapshotName": "copy"}
    state = (STATE, "Snapshot snap is not in available state.")
    for status in (SnapshotStatus.CREATING, SnapshotStatus.DELETING, SnapshotStatus.FAILED):
        change(world, "snap", status=status)
        assert world.refusal("CopySnapshot", **usual) == state
    take(world, "snap")
    for params, refused in (
        ({"SourceSnapshotName": "nobody"}, ("SnapshotNotFoundFault", "Snapshot nobody not found.")),
        ({"TargetSnapshotName": "snap"}, (TAKEN, "Snapshot with specified name already exists.")),
        ({"KmsKeyId": "k"}, ("InvalidKMSKeyFault", "Cannot use the key k: it does not exist.")),
    ):
        assert world.refusal("CopySnapshot", **usual | params) == refused
    world.ask("CopySnapshot", **usual)
    assert world.refusal("CopySnapshot", **usual | {"TargetSnapshotName": "other"}) == state


def test_deletion(world: World) -> None:
    create(world)
    take(world, "snap")
    answer = world.ask("DeleteSnapshot", SnapshotName="SNAP")["Snapshot"]
    assert answer["SnapshotStatus"] == shown(world)["SnapshotStatus"] == "deleting"
    assert set(statuses(world).values()) == {"available"}
    refused = (STATE, "Snapshot snap is not in a valid state to be deleted.")
    assert world.refusal("DeleteSnapshot", SnapshotName="snap") == refused
    forget(world, "snap")
    missing = ("SnapshotNotFoundFault", "Snapshot snap not found.")
    assert world.refusal("DeleteSnapshot", SnapshotName="snap") == missing


def test_what_is_under_way_is_not_deleted(world: World) -> None:
    create(world)
    refused = (STATE, "Snapshot snap is not in a valid state to be deleted.")
    assert world.refusal("DeleteSnapshot", SnapshotName="snap") == refused
    take(world, "snap")
    world.ask("CopySnapshot", SourceSnapshotName="snap", TargetSnapshotName="copy")
    assert world.refusal("DeleteSnapshot", SnapshotName="snap") == refused
    change(world, "copy", status=SnapshotStatus.FAILED)
    for name in ("snap", "copy"):
        world.ask("DeleteSnapshot", SnapshotName=name)


def test_a_snapshot_outlives_its_cache(world: World) -> None:
    create(world)
    take(world, "snap")
    before = shown(world)
    world.ask("DeleteCacheCluster", CacheClusterId="one")
    world.gone("one")
    assert shown(world) == before
    assert listed(world, CacheClusterId="one") == ["snap"]


def test_a_last_snapshot_of_a_cluster(world: World) -> None:
    answer = world.ask("DeleteCacheCluster", CacheClusterId="one", FinalSnapshotIdentifier="Last")["CacheCluster"]
    assert answer["CacheClusterStatus"] == statuses(world)["one"] == "deleting"
    assert shown(world, "last")["CacheClusterId"] == "one"
    assert not world.cache("one").deleting  # an agent does that, once the snapshot is safe
    last = remembered(world, "last")
    assert last
    assert (last.final, last.source, last.cluster) == (True, SnapshotSource.MANUAL, "one")


def test_a_last_snapshot_of_a_group_is_its_primarys(world: World) -> None:
    params = {"ReplicationGroupId": "rg", "FinalSnapshotIdentifier": "last"}
    answer = world.ask("DeleteReplicationGroup", **params)["ReplicationGroup"]
    assert answer["Status"] == "deleting"
    assert {statuses(world)[name] for name in ("rg", "rg-001", "rg-002")} == {"deleting"}
    assert shown(world, "last")["CacheClusterId"] == "rg-001"
    assert world.tags(SNAPSHOT, "last") == (("team", "shop"),)


def test_a_last_snapshot_of_shards_is_their_primaries(world: World) -> None:
    world.ask("DeleteReplicationGroup", ReplicationGroupId="x", FinalSnapshotIdentifier="last")
    snapshot = shown(world, "last")
    assert snapshot["ReplicationGroupId"] == "x"
    assert [node["CacheClusterId"] for node in snapshot["NodeSnapshots"]] == ["x-0001-001", "x-0002-001"]
    assert statuses(world)["x"] == "deleting"


def test_a_cache_whose_last_snapshot_is_under_way_takes_nothing_else(world: World) -> None:
    world.ask("DeleteCacheCluster", CacheClusterId="one", FinalSnapshotIdentifier="last")
    world.ask("DeleteReplicationGroup", ReplicationGroupId="rg", FinalSnapshotIdentifier="of-rg")
    world.ask("DeleteReplicationGroup", ReplicationGroupId="x", FinalSnapshotIdentifier="of-x")
    one, rg, now = {"CacheClusterId": "one"}, {"ReplicationGroupId": "rg"}, {"ApplyImmediately": True}
    for operation, params in (
        ("CreateSnapshot", {"SnapshotName": "s", **one}),
        ("DeleteCacheCluster", one),
        ("DeleteCacheCluster", one | {"FinalSnapshotIdentifier": "again"}),
        ("DeleteCacheCluster", {"CacheClusterId": "rg-002"}),
        ("ModifyCacheCluster", one | {"SnapshotRetentionLimit": 1}),
        ("RebootCacheCluster", one | {"CacheNodeIdsToReboot": ["0001"]}),
        ("CreateCacheCluster", rg | {"CacheClusterId": "rg-003"}),
        ("DeleteReplicationGroup", rg),
        ("ModifyReplicationGroup", rg | {"SnapshotWindow": "05:00-06:00"}),
        ("IncreaseReplicaCount", rg | now | {"NewReplicaCount": 2}),
        ("DecreaseReplicaCount", rg | now | {"NewReplicaCount": 0}),
        ("TestFailover", rg | {"NodeGroupId": "0001"}),
        ("ModifyReplicationGroupShardConfiguration", {"ReplicationGroupId": "x", "NodeGroupCount": 3, **now}),
        (
            "CreateReplicationGroup",
            {"ReplicationGroupId": "n", "ReplicationGroupDescription": "d", "PrimaryClusterId": "one"},
        ),
    ):
        shape, _ = world.refusal(operation, **params)
        assert shape in {"InvalidCacheClusterStateFault", "InvalidReplicationGroupStateFault"}, operation
    for noun, name in ((CACHE_CLUSTER, "one"), (REPLICATION_GROUP, "rg")):
        arn = f"arn:aws:elasticache:us-east-1:{world.caller.account}:{noun.type}:{name}"
        assert world.refusal("AddTagsToResource", ResourceName=arn, Tags=TAGS)[0].startswith("InvalidReplication")


def test_a_cache_in_trouble_takes_nothing_else_either(world: World) -> None:
    world.report("one", replace(world.cache("one").status, reason="why"))
    world.ask("DeleteCacheCluster", CacheClusterId="one", FinalSnapshotIdentifier="last")
    assert world.refusal("DeleteCacheCluster", CacheClusterId="one")[0] == "InvalidCacheClusterStateFault"


def test_what_waits_for_its_window_waits_for_a_snapshot(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'own.db'}")
    store.prepare()
    world = World(store=store)
    world.cluster("one", PreferredMaintenanceWindow="sun:23:00-mon:01:30")
    world.settle("one")
    world.ask("ModifyCacheCluster", CacheClusterId="one", CacheNodeType="cache.t3.small")
    create(world)
    maintenance = Maintenance(store, lambda: world.now, 1.0)
    maintenance.look()
    world.wait(hours=11.5)
    maintenance.look()
    waiting = world.cache("one").spec.pending
    assert waiting.node_type == "cache.t3.small"
    with pytest.raises(Unfit, match="cannot open the maintenance window of one: it is snapshotting"):
        maintenance.run("one", "")
    take(world, "snap")
    maintenance.look()
    assert world.cache("one").spec.pending == Pending()
    store.close()


def test_no_window_opens_for_what_ends(world: World) -> None:
    world.ask("DeleteCacheCluster", CacheClusterId="one", FinalSnapshotIdentifier="last")
    with pytest.raises(Unfit, match="it is deleting"):
        Maintenance(world.store, lambda: world.now, 1.0).run("one", world.caller.account)


def test_the_cache_stays_if_its_last_snapshot_fails(world: World) -> None:
    world.ask("DeleteCacheCluster", CacheClusterId="one", FinalSnapshotIdentifier="last")
    change(world, "last", status=SnapshotStatus.FAILED, failure="why")
    assert statuses(world)["one"] == "available"
    world.ask("DeleteCacheCluster", CacheClusterId="one", FinalSnapshotIdentifier="other")


@pytest.mark.parametrize("operation", ["DeleteCacheCluster", "DeleteReplicationGroup"])
def test_last_snapshots_that_are_refused(world: World, operation: str) -> None:
    create(world, "taken", CacheClusterId="rg-002")
    take(world, "taken")
    clusters = operation == "DeleteCacheCluster"
    name = {"CacheClusterId": "one"} if clusters else {"ReplicationGroupId": "rg"}
    for wanted, shape in (("taken", TAKEN), ("a--b", INVALID)):
        assert world.refusal(operation, **name, FinalSnapshotIdentifier=wanted)[0] == shape
    world.quotas = Quotas({"snapshots-per-node": 0})
    refused = world.refusal(operation, **name, FinalSnapshotIdentifier="last")
    assert refused[0] == "SnapshotQuotaExceededFault"
    assert refused[0] in {shape.name for shape in MODEL.operation_model(operation).error_shapes}
    assert set(statuses(world).values()) == {"available"}
    assert listed(world) == ["taken"]


def test_there_is_no_last_snapshot_of_what_never_was(world: World) -> None:
    world.cluster("c")
    world.phase("c", Phase.FAILED)
    world.group("g")
    world.phase("g", Phase.FAILED)
    params = {"FinalSnapshotIdentifier": "last"}
    assert world.refusal("DeleteCacheCluster", CacheClusterId="c", **params) == (
        "InvalidCacheClusterStateFault",
        "Cache cluster c could not be created. Delete it without a final snapshot.",
    )
    assert world.refusal("DeleteReplicationGroup", ReplicationGroupId="g", **params) == (
        "InvalidReplicationGroupStateFault",
        "Replication group g could not be created. Delete it without a final snapshot.",
    )


def test_a_last_snapshot_of_a_replica(world: World) -> None:
    world.group("plain", NumCacheClusters=3, Tags=TAGS)
    world.settle("plain")
    member = {"CacheClusterId": "plain-002"}
    answer = world.ask("DeleteCacheCluster", **member, FinalSnapshotIdentifier="last")["CacheCluster"]
    assert answer["CacheClusterStatus"] == "deleting"
    shown_now = {name: statuses(world)[name] for name in ("plain", "plain-001", "plain-002", "plain-003")}
    assert list(shown_now.values()) == ["snapshotting", "available", "deleting", "available"]
    last = remembered(world, "last")
    assert last
    assert (last.leaves, last.final, last.cluster, last.nodes[0].cluster) == (True, False, "plain-002", "plain-002")
    assert world.tags(SNAPSHOT, "last") == (("team", "shop"),)
    for operation, params in (
        ("DeleteCacheCluster", member),
        ("DeleteCacheCluster", member | {"FinalSnapshotIdentifier": "again"}),
        ("CreateSnapshot", member | {"SnapshotName": "again"}),
        ("ModifyCacheCluster", member | {"SnapshotWindow": "05:00-06:00"}),
        ("DeleteReplicationGroup", {"ReplicationGroupId": "plain"}),
    ):
        shape, _ = world.refusal(operation, **params)
        assert shape in {"InvalidCacheClusterStateFault", "InvalidReplicationGroupStateFault"}, operation
    change(world, "last", status=SnapshotStatus.FAILED, failure="why")
    assert statuses(world)["plain-002"] == "available"


def test_replicas_that_have_to_stay_have_no_last_snapshot_either(world: World) -> None:
    world.group("plain", NumCacheClusters=3, AutomaticFailoverEnabled=True)
    world.settle("plain")
    params = {"FinalSnapshotIdentifier": "other"}
    for member, reason in (
        ("plain-001", "primary"),
        ("rg-002", "autofailover"),
        ("x-0001-002", "DecreaseReplicaCount"),
    ):
        shape, message = world.refusal("DeleteCacheCluster", CacheClusterId=member, **params)
        assert (shape, reason in message) == ("InvalidCacheClusterStateFault", True)
    world.ask("DeleteCacheCluster", CacheClusterId="plain-002", FinalSnapshotIdentifier="last")
    for final in ({}, params):
        _, message = world.refusal("DeleteCacheCluster", CacheClusterId="plain-003", **final)
        assert "the only read replica" in message, "the other one is as good as gone"


def sealed(world: World, name: str) -> tuple[bool, str]:
    """Whether the files of a snapshot are sealed, and with which key of a KMS."""
    snapshot = remembered(world, name)
    assert snapshot
    return snapshot.sealed, snapshot.settings.kms_key_id


def test_what_is_sealed_and_with_what(world: World) -> None:
    world.group("o", Engine="redis", NumCacheClusters=1)
    world.group("e", Engine="redis", NumCacheClusters=1, AtRestEncryptionEnabled=True)
    world.group("k", Engine="redis", NumCacheClusters=1, AtRestEncryptionEnabled=True, KmsKeyId=KEY)
    expected = {"o": (False, ""), "e": (True, ""), "k": (True, KEY)}
    for name, how in expected.items():
        world.settle(name)
        create(world, f"of-{name}", CacheClusterId=f"{name}-001")
        assert sealed(world, f"of-{name}") == how
        take(world, f"of-{name}")
        for copy, key in ((f"same-{name}", {}), (f"other-{name}", {"KmsKeyId": KEY})):
            world.ask("CopySnapshot", SourceSnapshotName=f"of-{name}", TargetSnapshotName=copy, **key)
            assert sealed(world, copy) == ((True, KEY) if key else how)
            take(world, copy)
    assert create(world, "own", CacheClusterId="o-001", KmsKeyId=KEY)["KmsKeyId"] == KEY
    assert sealed(world, "own") == (True, KEY)


def test_a_key_that_cannot_be_used_is_refused() -> None:
    world, refusal = World(), ("InvalidKMSKeyFault", "Cannot use the key k: it does not exist.")
    usual = {"ReplicationGroupId": "g", "ReplicationGroupDescription": "d", "CacheNodeType": "cache.t3.micro"}
    usual |= {"Engine": "valkey"}
    assert world.refusal("CreateReplicationGroup", **usual, KmsKeyId="k") == refusal
    assert world.ask("DescribeReplicationGroups")["ReplicationGroups"] == []

"""Snapshots of serverless caches as the API tells of them; an agent that is a few lines long takes them."""

from dataclasses import replace
from typing import Any

import pytest

from cachewright.controlplane.model.nouns import SERVERLESS_CACHE_SNAPSHOT
from cachewright.controlplane.model.quotas import Quotas
from cachewright.controlplane.model.snapshots import Snapshot, SnapshotStatus
from tests.api.world import KEY, World

TAGS = [{"Key": "team", "Value": "shop"}]
STATE = "InvalidServerlessCacheStateFault"
BUSY = "InvalidServerlessCacheSnapshotStateFault"
MISSING = "ServerlessCacheSnapshotNotFoundFault"
INVALID = "InvalidParameterValueException"
COMBINATION = "InvalidParameterCombinationException"


@pytest.fixture
def world() -> World:
    """A serverless cache `sc` that is available."""
    world = World()
    cache(world, "sc", Tags=TAGS)
    world.settle("sc")
    return world


def cache(world: World, name: str, **params: Any) -> dict[str, Any]:
    asked = {"ServerlessCacheName": name, "Engine": "valkey", **params}
    return dict(world.ask("CreateServerlessCache", **asked)["ServerlessCache"])


def create(world: World, name: str = "snap", **params: Any) -> dict[str, Any]:
    asked = {"ServerlessCacheSnapshotName": name, "ServerlessCacheName": "sc", **params}
    return dict(world.ask("CreateServerlessCacheSnapshot", **asked)["ServerlessCacheSnapshot"])


def take(world: World, name: str = "snap") -> None:
    """What an agent does in the end."""
    with world.store.write() as transaction:
        records = transaction.records(world.caller.account, world.caller.region, SERVERLESS_CACHE_SNAPSHOT, Snapshot)
        snapshot = records.get(name)
        assert snapshot
        nodes = tuple(replace(node, taken=world.now, size=100, digest="f" * 64) for node in snapshot.nodes)
        records.change(name, replace(snapshot, status=SnapshotStatus.AVAILABLE, nodes=nodes))


def listed(world: World, **params: Any) -> list[str]:
    answer = world.ask("DescribeServerlessCacheSnapshots", **params)["ServerlessCacheSnapshots"]
    return [each["ServerlessCacheSnapshotName"] for each in answer]


def shown(world: World, name: str = "snap") -> dict[str, Any]:
    (snapshot,) = world.ask("DescribeServerlessCacheSnapshots", ServerlessCacheSnapshotName=name)[
        "ServerlessCacheSnapshots"
    ]
    return dict(snapshot)


def test_the_answer(world: World) -> None:
    answer = create(world, "Snap", KmsKeyId=KEY)
    assert answer == {
        "ServerlessCacheSnapshotName": "snap",
        "ARN": f"arn:aws:elasticache:us-east-1:{world.caller.account}:serverlesscachesnapshot:snap",
        "SnapshotType": "manual",
        "Status": "creating",
        "ServerlessCacheConfiguration": {
            "ServerlessCacheName": "sc",
            "Engine": "valkey",
            "MajorEngineVersion": "8",
        },
        "KmsKeyId": KEY,
    }
    take(world)
    whole = {"Status": "available", "CreateTime": world.now, "BytesUsedForCache": "100"}
    assert shown(world, "SNAP") == {**answer, **whole}


def test_nothing_else_is_done_to_a_cache_of_which_one_is_taken(world: World) -> None:
    create(world)
    for operation, params in (
        ("CreateServerlessCacheSnapshot", {"ServerlessCacheSnapshotName": "two"}),
        ("DeleteServerlessCache", {}),
    ):
        assert world.refusal(operation, ServerlessCacheName="sc", **params)[0] == STATE
    assert listed(world) == ["snap"]


def test_names(world: World) -> None:
    create(world)
    take(world)
    asked = {"ServerlessCacheName": "sc"}
    refused = world.refusal("CreateServerlessCacheSnapshot", ServerlessCacheSnapshotName="SNAP", **asked)
    assert refused == (
        "ServerlessCacheSnapshotAlreadyExistsFault",
        "Serverless cache snapshot snap already exists.",
    )
    for name in ("1st", "a--b", "a" * 256, "end-"):
        assert world.refusal("CreateServerlessCacheSnapshot", ServerlessCacheSnapshotName=name, **asked)[0] == INVALID
    create(world, "a" * 255)
    world.cluster("one")
    world.settle("one")
    world.ask("CreateSnapshot", SnapshotName="snap", CacheClusterId="one")  # of another noun
    assert world.refusal("DescribeSnapshots", SnapshotName="a" * 255)[0] == "SnapshotNotFoundFault"


def test_what_is_not_there(world: World) -> None:
    named = {"ServerlessCacheSnapshotName": "nosuch"}
    for operation, params in (
        ("DescribeServerlessCacheSnapshots", named),
        ("DeleteServerlessCacheSnapshot", named),
        ("ExportServerlessCacheSnapshot", {**named, "S3BucketName": "shelf"}),
        (
            "CopyServerlessCacheSnapshot",
            {"SourceServerlessCacheSnapshotName": "nosuch", "TargetServerlessCacheSnapshotName": "two"},
        ),
    ):
        assert world.refusal(operation, **params) == (MISSING, "ServerlessCacheSnapshot not found: nosuch")
    missing = "ServerlessCacheNotFoundFault"
    assert world.refusal("DescribeServerlessCacheSnapshots", ServerlessCacheName="nosuch")[0] == missing
    asked = {"ServerlessCacheSnapshotName": "snap", "ServerlessCacheName": "nosuch"}
    assert world.refusal("CreateServerlessCacheSnapshot", **asked)[0] == missing


def test_only_what_is_whole_is_copied_exported_and_deleted(world: World) -> None:
    create(world)
    names = {"SourceServerlessCacheSnapshotName": "snap", "TargetServerlessCacheSnapshotName": "two"}
    own = {"ServerlessCacheSnapshotName": "snap"}
    assert world.refusal("CopyServerlessCacheSnapshot", **names)[0] == BUSY
    assert world.refusal("ExportServerlessCacheSnapshot", **own, S3BucketName="shelf")[0] == BUSY
    assert world.refusal("DeleteServerlessCacheSnapshot", **own)[0] == BUSY
    take(world)
    world.ask("CopyServerlessCacheSnapshot", **names)
    assert shown(world)["Status"] == "copying"
    assert world.refusal("DeleteServerlessCacheSnapshot", **own)[0] == BUSY
    take(world, "two")
    deleted = world.ask("DeleteServerlessCacheSnapshot", **own)["ServerlessCacheSnapshot"]
    assert deleted["Status"] == "deleting"


def test_tags_are_those_of_the_request(world: World) -> None:
    create(world)
    take(world)
    assert world.tags(SERVERLESS_CACHE_SNAPSHOT, "snap") == ()
    names = {"SourceServerlessCacheSnapshotName": "snap", "TargetServerlessCacheSnapshotName": "two"}
    world.ask("CopyServerlessCacheSnapshot", **names, Tags=TAGS)
    arn = shown(world, "two")["ARN"]
    assert world.ask("ListTagsForResource", ResourceName=arn)["TagList"] == TAGS
    assert world.refusal("ListTagsForResource", ResourceName=arn.replace("two", "nosuch"))[0] == MISSING


def test_the_quota_of_a_day(world: World) -> None:
    world.quotas = Quotas({"snapshots-per-serverless-cache": 2})
    for name in ("a", "b"):
        create(world, name)
        take(world, name)
    asked = {"ServerlessCacheSnapshotName": "c", "ServerlessCacheName": "sc"}
    exceeded = "ServerlessCacheSnapshotQuotaExceededFault"
    assert world.refusal("CreateServerlessCacheSnapshot", **asked)[0] == exceeded
    world.wait(hours=24, seconds=1)
    create(world, "c")


def test_pages_and_filters(world: World) -> None:
    cache(world, "other")
    world.settle("other")
    for name, source in (("a", "sc"), ("b", "other"), ("c", "sc")):
        create(world, name, ServerlessCacheName=source)
        take(world, name)
    first = world.ask("DescribeServerlessCacheSnapshots", MaxResults=2)
    assert [each["ServerlessCacheSnapshotName"] for each in first["ServerlessCacheSnapshots"]] == ["a", "b"]
    assert listed(world, MaxResults=2, NextToken=first["NextToken"]) == ["c"]
    assert listed(world, ServerlessCacheName="SC") == ["a", "c"]
    assert (listed(world, SnapshotType="manual"), listed(world, SnapshotType="automated")) == (["a", "b", "c"], [])
    for wrong in ({"MaxResults": 51}, {"MaxResults": 0}, {"NextToken": "nonsense"}, {"SnapshotType": "daily"}):
        assert world.refusal("DescribeServerlessCacheSnapshots", **wrong)[0] == INVALID


@pytest.mark.parametrize(
    ("arns", "fault"),
    [
        (["arn:aws:elasticache:us-east-1:{own}:serverlesscachesnapshot:nosuch"], MISSING),
        (["arn:aws:elasticache:us-east-1:{own}:snapshot:nosuch"], "SnapshotNotFoundFault"),
        (["arn:aws:elasticache:us-east-1:999999999999:snapshot:snap"], INVALID),
        (["arn:aws:elasticache:eu-west-1:{own}:serverlesscachesnapshot:snap"], INVALID),
        (["arn:aws:elasticache:us-east-1:{own}:cluster:snap"], INVALID),
        (["snap"], INVALID),
        (["arn:aws:s3:::shelf/a,b.rdb"], INVALID),
        (["arn:aws:s3:::shelf/a.rdb"], INVALID),
        (["arn:aws:elasticache:us-east-1:{own}:serverlesscachesnapshot:snap"] * 2, COMBINATION),
    ],
)
def test_what_no_cache_begins_with(world: World, arns: list[str], fault: str) -> None:
    named = [arn.format(own=world.caller.account) for arn in arns]
    asked = {"ServerlessCacheName": "two", "Engine": "valkey", "SnapshotArnsToRestore": named}
    assert world.refusal("CreateServerlessCache", **asked)[0] == fault
    assert len(world.ask("DescribeServerlessCaches")["ServerlessCaches"]) == 1


def test_a_snapshot_that_a_cache_begins_with_is_restoring(world: World) -> None:
    create(world)
    take(world)
    arn = shown(world)["ARN"]
    cache(world, "two", SnapshotArnsToRestore=[arn])
    assert shown(world)["Status"] == "restoring"
    refused = world.refusal(
        "CreateServerlessCache", ServerlessCacheName="m", Engine="memcached", SnapshotArnsToRestore=[arn]
    )
    assert refused[0] == COMBINATION
    asked = {"ServerlessCacheName": "old", "Engine": "redis", "SnapshotArnsToRestore": [arn]}
    assert world.refusal("CreateServerlessCache", **asked)[0] == COMBINATION  # Valkey 8 is no Redis 7


def test_a_group_takes_one_kind_of_snapshot(world: World) -> None:
    create(world)
    asked = {"ReplicationGroupId": "rg", "ReplicationGroupDescription": "d", "ServerlessCacheSnapshotName": "snap"}
    assert world.refusal("CreateReplicationGroup", **asked)[0] == BUSY
    take(world)
    assert world.refusal("CreateReplicationGroup", **asked, SnapshotName="snap")[0] == COMBINATION
    assert world.refusal("CreateReplicationGroup", **asked, SnapshotArns=["arn:aws:s3:::b12/a"])[0] == COMBINATION
    answer = world.group("rg", ServerlessCacheSnapshotName="snap")
    assert answer["ClusterEnabled"] is True


def test_a_last_snapshot_needs_a_name_that_is_free(world: World) -> None:
    create(world)
    take(world)
    refused = world.refusal("DeleteServerlessCache", ServerlessCacheName="sc", FinalSnapshotName="snap")
    assert refused[0] == "ServerlessCacheSnapshotAlreadyExistsFault"
    (sc,) = world.ask("DescribeServerlessCaches")["ServerlessCaches"]
    assert sc["Status"] == "available"
    answer = world.ask("DeleteServerlessCache", ServerlessCacheName="sc", FinalSnapshotName="last")
    assert answer["ServerlessCache"]["Status"] == "deleting"
    assert shown(world, "last")["SnapshotType"] == "manual"


def memcached(world: World) -> str:
    """The ARN of a snapshot `snap` of a cache of Memcached."""
    cache(world, "m", Engine="memcached")
    world.settle("m")
    answer = create(world, ServerlessCacheName="m")
    assert answer["ServerlessCacheConfiguration"] == {
        "ServerlessCacheName": "m",
        "Engine": "memcached",
        "MajorEngineVersion": "1.6",
    }
    take(world)
    return str(answer["ARN"])


def test_memcached_begins_with_memcached_alone(world: World) -> None:
    arn = memcached(world)
    for engine in ("valkey", "redis"):
        asked = {"ServerlessCacheName": "two", "Engine": engine, "SnapshotArnsToRestore": [arn]}
        assert world.refusal("CreateServerlessCache", **asked)[0] == COMBINATION
    cache(world, "two", Engine="memcached", SnapshotArnsToRestore=[arn])
    assert shown(world)["Status"] == "restoring"


def test_groups_do_not_begin_with_memcached(world: World) -> None:
    memcached(world)
    asked = {"ReplicationGroupId": "rg", "ReplicationGroupDescription": "d", "ServerlessCacheSnapshotName": "snap"}
    for engine in ({}, {"Engine": "redis"}, {"Engine": "valkey"}, {"Engine": "memcached"}):
        assert world.refusal("CreateReplicationGroup", **asked, **engine)[0] == COMBINATION
    assert world.ask("DescribeReplicationGroups")["ReplicationGroups"] == []


def test_memcached_is_not_exported(world: World) -> None:
    memcached(world)
    asked = {"ServerlessCacheSnapshotName": "snap", "S3BucketName": "shelf"}
    assert world.refusal("ExportServerlessCacheSnapshot", **asked) == (
        INVALID,
        "Export is not supported for engine memcached.",
    )
    assert shown(world)["Status"] == "available"


def test_memcached_does_not_begin_with_an_object(world: World) -> None:
    asked = {"ServerlessCacheName": "two", "Engine": "memcached", "SnapshotArnsToRestore": ["arn:aws:s3:::shelf/a.rdb"]}
    assert world.refusal("CreateServerlessCache", **asked)[0] == COMBINATION


def test_the_schedule_of_memcached(world: World) -> None:
    answer = cache(world, "m", Engine="memcached", SnapshotRetentionLimit=3, DailySnapshotTime="04:30")
    assert (answer["SnapshotRetentionLimit"], answer["DailySnapshotTime"]) == (3, "04:30")
    world.settle("m")
    world.ask("ModifyServerlessCache", ServerlessCacheName="m", SnapshotRetentionLimit=5)
    (seen,) = world.ask("DescribeServerlessCaches", ServerlessCacheName="m")["ServerlessCaches"]
    assert seen["SnapshotRetentionLimit"] == 5

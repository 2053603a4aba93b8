"""Caches that begin with objects, and snapshots that become some: what is refused, and what is written down."""

from typing import Any

import pytest

from cachewright.controlplane.model.buckets import ObjectName, ObjectVersion, Obstacle, Refusal
from cachewright.controlplane.model.seeds import Seed, SeedFile
from cachewright.controlplane.model.snapshots import Export, SnapshotStatus
from tests.api.operations.test_snapshots import change, create, remembered, shown, take
from tests.api.world import World

INVALID, COMBINATION = "InvalidParameterValueException", "InvalidParameterCombinationException"
DUMP = ObjectVersion(ObjectName("mine", "a/dump.rdb"), 7, "tag")
OTHER = ObjectVersion(ObjectName("mine", "other.rdb"), 8, "gat")
ARN, OTHER_ARN = "arn:aws:s3:::mine/a/dump.rdb", "arn:aws:s3:::mine/other.rdb"
SLOTS = "Slots must be provided when restoring from snapshot ARNs with cluster mode enabled"
UNFETCHED = "Unable to fetch metadata from S3 for bucket: mine key: a/dump.rdb."
CLUSTERED: dict[str, Any] = {"CacheParameterGroupName": "default.valkey8.cluster.on", "AutomaticFailoverEnabled": True}


@pytest.fixture
def world() -> World:
    world = World()
    world.looks = {str(each.name): each for each in (DUMP, OTHER)}
    return world


def seed(world: World, name: str) -> Seed | None:
    return world.cache(name).spec.seed


def slots(*served: str) -> dict[str, Any]:
    return {"NodeGroupConfiguration": [{"Slots": each} for each in served], **CLUSTERED}


def test_a_cluster_begins_with_an_object(world: World) -> None:
    told = world.cluster("one", SnapshotArns=[ARN])
    assert told["CacheClusterStatus"] == "creating"
    file = SeedFile("0001", "", 7, "", "", DUMP)
    assert seed(world, "one") == Seed("", "s3://mine/a/dump.rdb", (file,))


@pytest.mark.parametrize("engine", ["redis", "valkey"])
def test_a_group_begins_with_an_object(engine: str, world: World) -> None:
    world.group("rg", SnapshotArns=[ARN], Engine=engine)
    assert seed(world, "rg") == Seed("", "s3://mine/a/dump.rdb", (SeedFile("0001", "", 7, "", "", DUMP),))


def test_one_object_for_several_shards_is_loaded_where_most_of_it_stays(world: World) -> None:
    world.group("rg", SnapshotArns=[ARN], **slots("0-99", "100-16383"))
    assert seed(world, "rg") == Seed("", str(DUMP.name), (SeedFile("0002", "", 7, "", "0-16383", DUMP),))


def test_each_shard_begins_with_its_own_object(world: World) -> None:
    world.group("rg", SnapshotArns=[ARN, OTHER_ARN], **slots("0-99", "100-16383"))
    files = (SeedFile("0001", "", 7, "", "0-99", DUMP), SeedFile("0002", "", 8, "", "100-16383", OTHER))
    assert seed(world, "rg") == Seed("", str(DUMP.name), files)


@pytest.mark.parametrize(
    ("params", "refused"),
    [
        ({"SnapshotArns": [ARN, OTHER_ARN]}, (COMBINATION, "Exactly one snapshot ARN must be specified, but found 2.")),
        (
            {"SnapshotName": "snap"},
            (COMBINATION, "SnapshotName and SnapshotArns cannot be given together."),
        ),
        ({"Engine": "memcached"}, (COMBINATION, "Snapshot parameters are not supported for engine memcached.")),
        (
            {"SnapshotArns": ["arn:aws:s3:::mine/a,b.rdb"]},
            (INVALID, "Invalid value for SnapshotArns: 'a,b.rdb' is no name of an object"),
        ),
        (
            {"SnapshotArns": ["arn:aws:s3:::mine/../x.rdb"]},
            (INVALID, "Invalid value for SnapshotArns: '../x.rdb' is no name of an object"),
        ),
        ({"SnapshotArns": ["x"]}, (INVALID, "Invalid value for SnapshotArns: 'x' is no ARN of an object")),
    ],
)
def test_what_a_cluster_does_not_begin_with(params: dict[str, Any], refused: tuple[str, str], world: World) -> None:
    usual = {"CacheClusterId": "one", "Engine": "redis", "CacheNodeType": "cache.t3.micro", "SnapshotArns": [ARN]}
    assert world.refusal("CreateCacheCluster", **usual | params) == refused
    assert world.ask("DescribeCacheClusters") == {"CacheClusters": []}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"NumNodeGroups": 2, **CLUSTERED}, SLOTS),
        ({"PrimaryClusterId": "one"}, "PrimaryClusterId and SnapshotArns cannot be given together."),
        (
            {**slots("0-99", "100-199", "200-16383"), "SnapshotArns": [ARN, OTHER_ARN]},
            "1 or 3 snapshot ARNs must be specified, but found 2.",
        ),
    ],
)
def test_what_a_group_does_not_begin_with(params: dict[str, Any], message: str, world: World) -> None:
    world.cluster("one")
    world.settle("one")
    usual: dict[str, Any] = {"ReplicationGroupId": "rg", "ReplicationGroupDescription": "d", "Engine": "valkey"}
    usual |= {"CacheNodeType": "cache.t3.micro", "SnapshotArns": [ARN]}
    assert world.refusal("CreateReplicationGroup", **usual | params) == (COMBINATION, message)


@pytest.mark.parametrize(
    ("obstacle", "words"),
    [
        (Obstacle.NO_BUCKET, "The S3 bucket mine does not exist."),
        (Obstacle.NO_OBJECT, "The S3 bucket mine contains no object with key a/dump.rdb."),
        (Obstacle.UNREADABLE, "ElastiCache has not been granted READ permissions mine on the S3 Bucket."),
        (Obstacle.ELSEWHERE, "The S3 bucket mine is outside of the region."),
        (None, "The S3 bucket mine cannot be used. (it does not answer)"),
    ],
)
def test_what_is_not_there_is_told_at_once(obstacle: Obstacle | None, words: str, world: World) -> None:
    del world.looks[str(DUMP.name)]
    if obstacle:
        world.looks[str(DUMP.name)] = Refusal(DUMP.name, obstacle)
    usual = {"CacheClusterId": "one", "Engine": "redis", "CacheNodeType": "cache.t3.micro", "SnapshotArns": [ARN]}
    assert world.refusal("CreateCacheCluster", **usual) == (INVALID, f"{UNFETCHED} {words}")
    assert world.ask("DescribeCacheClusters") == {"CacheClusters": []}


def exported(world: World, *free: str) -> dict[str, Any]:
    """A snapshot of a group of two shards, and what asks for its export; these objects are not there yet."""
    world.group("x", NumNodeGroups=2, **CLUSTERED)
    world.settle("x")
    create(world, ReplicationGroupId="x")
    take(world, "snap")
    for key in free:
        name = ObjectName("mine", key)
        world.looks[str(name)] = Refusal(name, Obstacle.NO_OBJECT)
    return {"SourceSnapshotName": "snap", "TargetSnapshotName": "Out", "TargetBucket": "mine"}


def test_an_export_is_written_down_at_its_source(world: World) -> None:
    asked = exported(world, "out-0001.rdb", "out-0002.rdb")
    told = world.ask("CopySnapshot", **asked)["Snapshot"]
    assert (told["SnapshotName"], told["SnapshotStatus"]) == ("snap", "copying")
    assert shown(world)["SnapshotStatus"] == "copying"
    snapshot = remembered(world, "snap")
    assert snapshot
    assert snapshot.export == Export("mine", "out")
    keys = {shard: name.key for shard, name in snapshot.exports.items()}
    assert keys == {"0001": "out-0001.rdb", "0002": "out-0002.rdb"}
    assert remembered(world, "out") is None
    state = ("InvalidSnapshotStateFault", "Snapshot snap is not in available state.")
    assert world.refusal("CopySnapshot", **asked) == state
    assert world.refusal("DeleteSnapshot", SnapshotName="snap")[0] == state[0]


@pytest.mark.parametrize(
    ("params", "looks", "message"),
    [
        ({"TargetBucket": ".."}, {}, "The S3 bucket .. does not exist."),
        ({}, {1: Obstacle.NO_BUCKET}, "The S3 bucket mine does not exist."),
        ({}, {1: Obstacle.NO_OBJECT, 2: None}, "The S3 bucket mine already contains an object with key out-0002.rdb."),
        ({}, {1: Obstacle.UNREADABLE}, "ElastiCache has not been granted READ permissions mine on the S3 Bucket."),
        ({}, {}, "The S3 bucket mine cannot be used. (it does not answer)"),
    ],
)
def test_exports_that_are_refused(
    params: dict[str, str], looks: dict[int, Obstacle | None], message: str, world: World
) -> None:
    asked = exported(world)
    for number, obstacle in looks.items():
        name = ObjectName("mine", f"out-000{number}.rdb")
        world.looks[str(name)] = Refusal(name, obstacle) if obstacle else ObjectVersion(name, 1, "t")
    assert world.refusal("CopySnapshot", **asked | params) == (INVALID, message)
    assert shown(world)["SnapshotStatus"] == "available"


def test_two_exports_do_not_write_the_same_objects(world: World) -> None:
    asked = exported(world, "out-0001.rdb", "out-0002.rdb")
    world.ask("CopySnapshot", SourceSnapshotName="snap", TargetSnapshotName="twin")
    change(world, "twin", status=SnapshotStatus.AVAILABLE)
    world.ask("CopySnapshot", **asked)
    message = "The S3 bucket mine already contains an object with key out-0001.rdb."
    assert world.refusal("CopySnapshot", **asked | {"SourceSnapshotName": "twin"}) == (INVALID, message)

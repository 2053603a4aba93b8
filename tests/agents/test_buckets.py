"""Caches that begin with objects, and snapshots that become some, on the pretend machine."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.buckets.buckets import Buckets, refused
from cachewright.agents.memory.rdb import dumped, loaded
from cachewright.agents.queries.engines import LiveEngines
from cachewright.agents.snapshots.exporting import Exporting
from cachewright.controlplane.model.buckets import ObjectName, ObjectVersion, Obstacle
from cachewright.controlplane.model.cache import Kind
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.snapshots import SnapshotStatus
from tests.agents.test_crashes import Crash, Fuse, Fused, fused
from tests.agents.test_reconcile import assert_sound, home_key
from tests.agents.test_refusing_engines import look_for
from tests.agents.test_restore import DATA, assert_no_file_left, assert_restored, fill, held, shards
from tests.house import House, house

ARN = "arn:aws:s3:::mine/dump.rdb"
NAME = ObjectName("mine", "dump.rdb")
FORBIDDEN = "ElastiCache has not been granted WRITE permissions mine on the S3 Bucket. (of a test)"
HALVES = {"0001": "0-8191", "0002": "8192-16383"}


@dataclass
class Broken:
    """Buckets of which something is wrong: what is said of each deed, so many times."""

    real: Buckets
    obstacles: dict[str, tuple[Obstacle, int]] = field(default_factory=dict)
    after: int = 0  # pieces that arrive before

    def look(self, name: ObjectName) -> ObjectVersion:
        self._refuse("look", name)
        return self.real.look(name)

    def read(self, version: ObjectVersion) -> Iterator[bytes]:
        if self.obstacles.get("read", (Obstacle.NO_ANSWER, 0))[1]:
            yield from list(self.real.read(version))[: self.after]
        self._refuse("read", version.name)
        yield from self.real.read(version)

    def write(self, name: ObjectName, pieces: Iterable[bytes]) -> None:
        self._refuse("write", name)
        self.real.write(name, pieces)

    def remove(self, name: ObjectName) -> None:
        self._refuse("remove", name)
        self.real.remove(name)

    def _refuse(self, deed: str, name: ObjectName) -> None:
        obstacle, times = self.obstacles.get(deed, (Obstacle.NO_ANSWER, 0))
        if times:
            self.obstacles[deed] = (obstacle, times - 1)
            raise refused(name, obstacle, "of a test")


def home_in(directory: Path) -> House:
    """A house with a bucket, in which a dump is."""
    home = house(directory)
    home.engines = LiveEngines(home.tools, home.buckets)
    home.buckets.make("mine")
    home.buckets.write(NAME, [dumped(DATA)])
    return home


@pytest.fixture
def home(tmp_path: Path) -> House:
    return home_in(tmp_path)


def objects(home: House) -> Mapping[str, bytes]:
    folder = home.buckets.directory / "mine"
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != NAME.key}


def ask(home: House, **params: Any) -> None:
    usual: dict[str, Any] = {"ReplicationGroupId": "rg", "ReplicationGroupDescription": "d", "Engine": "redis"}
    usual |= {"CacheNodeType": "cache.t3.micro", "SnapshotArns": [ARN]}
    home.call("CreateReplicationGroup", **usual | params)


def snapped(home: House) -> None:
    """A snapshot `snap` of a group that holds the data."""
    cache = home.group("source", nodes=1)
    fill(home, cache)
    home.call("CreateSnapshot", SnapshotName="snap", CacheClusterId="source-001")
    home.settle_snapshot("snap")


def export(home: House) -> None:
    home.call("CopySnapshot", SourceSnapshotName="snap", TargetSnapshotName="out", TargetBucket="mine")


def status(home: House) -> str:
    told: str = home.call("DescribeSnapshots", SnapshotName="snap")["Snapshots"][0]["SnapshotStatus"]
    return told


def test_a_cluster_begins_with_an_object_and_forgets_it_with_a_reboot(home: House) -> None:
    cache = home.cluster("one", SnapshotArns=[ARN])
    assert_restored(home, cache)
    assert_no_file_left(home)
    home.buckets.remove(NAME)
    home.call("RebootCacheCluster", CacheClusterId="one", CacheNodeIdsToReboot=["0001"])
    home.settle()
    assert held(home, cache, "one.0001") == {}


@pytest.mark.parametrize("served", [HALVES.values(), ("0-99", "100-9000", "9001-16383")])
def test_one_object_is_dealt_out_to_shards(served: Iterable[str], home: House) -> None:
    configuration = [{"Slots": slots} for slots in served]
    ask(home, NodeGroupConfiguration=configuration, CacheParameterGroupName="default.redis7.cluster.on",
        AutomaticFailoverEnabled=True)  # fmt: skip
    home.settle()
    assert_restored(home, home.cache(Kind.REPLICATION_GROUP, "rg"))


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_every_prefix_of_a_restore_comes_to_rest_with_everything(before: bool, tmp_path: Path) -> None:
    for number in range(1, 100):
        directory = tmp_path / str(number)
        directory.mkdir()
        home = home_in(directory)
        ask(home, NumCacheClusters=2, AutomaticFailoverEnabled=True)
        home.restart(fused(home.backend, Fuse(number, before)))
        try:
            home.reconcile(home_key(home))
            assert number > 2
            return
        except Crash:
            pass
        home.restart()
        home.settle()
        cache = home.cache(Kind.REPLICATION_GROUP, "rg")
        assert_sound(home, cache)
        assert_restored(home, cache)
    raise AssertionError("the plan never ends")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot restore shard 0001: s3://mine/dump.rdb is damaged"),
        (b"no dump", "Wrong signature trying to load DB from file"),
        (dumped(DATA)[:-20], "Wrong signature trying to load DB from file"),
    ],
)
def test_what_is_no_dump_fails_with_the_reason(content: bytes, reason: str, home: House) -> None:
    home.buckets.write(NAME, [content])
    home.call("CreateCacheCluster", CacheClusterId="rg", Engine="redis", CacheNodeType="cache.t3.micro",
              SnapshotArns=[ARN])  # fmt: skip
    look_for(home, timedelta(seconds=10), Kind.CACHE_CLUSTER)
    assert home.call("DescribeCacheClusters")["CacheClusters"][0]["CacheClusterStatus"] == "restore-failed"
    assert any(reason in message for message in home.messages()), home.messages()


def test_an_object_that_is_another_one_by_now_is_not_restored(home: House) -> None:
    ask(home)
    home.buckets.write(NAME, [dumped({"other": "1"})])
    look_for(home, timedelta(seconds=10))
    assert home.cache(Kind.REPLICATION_GROUP, "rg").phase is Phase.FAILED
    said = "The object with key dump.rdb in the S3 bucket mine is another one by now."
    assert f"rg: cannot restore shard 0001 from s3://mine/dump.rdb: {said}" in home.messages()


@pytest.mark.parametrize("after", [0, 1], ids=["does not begin", "breaks off"])
def test_a_bucket_that_answers_again_ends_a_failure(after: int, home: House) -> None:
    ask(home)
    broken = Broken(home.buckets, {"read": (Obstacle.NO_ANSWER, 1)}, after)
    tools = home.tools()
    home.reconciler = replace(home.reconciler, tools=lambda: replace(tools, buckets=broken))
    home.reconcile(home_key(home))
    cache = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert cache.phase is (Phase.CREATING if after else Phase.FAILED)
    assert cache.reason.endswith("The S3 bucket mine cannot be used. (of a test)")
    look_for(home, timedelta(seconds=40))
    assert_restored(home, home.cache(Kind.REPLICATION_GROUP, "rg"))


def test_an_export_is_read_back(home: House) -> None:
    snapped(home)
    export(home)
    assert status(home) == "copying"
    home.settle_snapshot("snap")
    assert status(home) == "available"
    assert {name: loaded(content) for name, content in objects(home).items()} == {"out-0001.rdb": DATA}
    assert "source-001: Exported snapshot with ID 'snap' to s3://mine/out-0001.rdb" in home.messages()
    ask(home, SnapshotArns=["arn:aws:s3:::mine/out-0001.rdb"])
    home.settle()
    assert_restored(home, home.cache(Kind.REPLICATION_GROUP, "rg"))


def test_each_shard_is_exported_and_read_back(home: House) -> None:
    shards(home)
    export(home)
    home.settle_snapshot("snap")
    assert sorted(objects(home)) == ["out-0001.rdb", "out-0002.rdb"]
    arns = [f"arn:aws:s3:::mine/out-{shard}.rdb" for shard in HALVES]
    ask(home, SnapshotArns=arns, NodeGroupConfiguration=[{"Slots": slots} for slots in HALVES.values()],
        CacheParameterGroupName="default.redis7.cluster.on", AutomaticFailoverEnabled=True)  # fmt: skip
    home.settle()
    assert_restored(home, home.cache(Kind.REPLICATION_GROUP, "rg"))


@pytest.mark.parametrize("engine", ["redis", "valkey"])
def test_keys_of_another_shard_end_the_restore(engine: str, home: House) -> None:
    """They would be lost, and nobody told."""
    home.buckets.write(ObjectName("mine", "all.rdb"), [dumped(DATA)])
    home.buckets.write(ObjectName("mine", "none.rdb"), [dumped({})])
    arns = [f"arn:aws:s3:::mine/{name}.rdb" for name in ("all", "none")]
    ask(home, Engine=engine, SnapshotArns=arns, AutomaticFailoverEnabled=True,
        NodeGroupConfiguration=[{"Slots": slots} for slots in HALVES.values()])  # fmt: skip
    look_for(home, timedelta(seconds=60))
    cache = home.cache(Kind.REPLICATION_GROUP, "rg")
    said = "it has keys of other slots than 0-8191, which shard 0001 begins with."
    assert (cache.phase, cache.reason) == (Phase.FAILED, f"Restore from s3://mine/all.rdb failed: {said}")
    assert f"rg: {cache.reason}" in home.messages()


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_every_prefix_of_an_export_comes_to_rest(before: bool, tmp_path: Path) -> None:
    for number in range(1, 100):
        directory = tmp_path / str(number)
        directory.mkdir()
        home = home_in(directory)
        snapped(home)
        export(home)
        fuse = Fuse(number, before)
        home.snapshots.exporting = Exporting(home.files, Fused(home.buckets, fuse))
        home.snapshots.ledger = Fused(home.snapshots.ledger, fuse)  # type: ignore[assignment]
        try:
            home.settle_snapshot("snap")
            assert number > 2
            return
        except Crash:
            pass
        home.restart()
        home.settle_snapshot("snap")
        assert status(home) == "available"
        assert {name: loaded(content) for name, content in objects(home).items()} == {"out-0001.rdb": DATA}
    raise AssertionError("it never ends")


@pytest.mark.parametrize(
    ("obstacle", "times", "seconds", "said"),
    [
        (Obstacle.NO_ANSWER, 3, 10, ""),
        (Obstacle.NO_ANSWER, 1000, 70, "The S3 bucket mine cannot be used. (of a test)"),
        (Obstacle.UNWRITABLE, 1, 1, FORBIDDEN),
    ],
    ids=["for a while", "for long", "forbidden"],
)  # fmt: skip
def test_a_bucket_that_takes_nothing(obstacle: Obstacle, times: int, seconds: int, said: str, home: House) -> None:
    snapped(home)
    export(home)
    broken = Broken(home.buckets, {"write": (obstacle, times)})
    home.snapshots.exporting = Exporting(home.files, broken)
    begun = home.clock.moment
    home.settle_snapshot("snap")
    assert home.clock.moment - begun <= timedelta(seconds=seconds)
    assert status(home) == "available"
    assert sorted(objects(home)) == ([] if said else ["out-0001.rdb"])
    told = [message for message in home.messages() if "xport" in message]
    if said:
        assert told == [f"source-001: Failed to export snapshot for cache source-001. {said}"]


def test_an_export_of_which_a_part_fails_leaves_nothing(home: House) -> None:
    shards(home)
    export(home)
    path = next(home.files.directory.rglob("0002.rdb"))
    path.write_bytes(path.read_bytes()[:-1])
    home.settle_snapshot("snap")
    assert objects(home) == {}
    told = "Failed to export snapshot for cache source. The file of shard 0002 of snapshot snap is damaged."
    assert any(message.endswith(told) for message in home.messages())
    assert home.snapshot("snap")
    assert status(home) == SnapshotStatus.AVAILABLE


def test_an_object_that_no_one_may_read(home: House) -> None:
    if not os.geteuid():
        home.engines = LiveEngines(home.tools, Broken(home.buckets, {"look": (Obstacle.UNREADABLE, 1)}))
    else:
        (home.buckets.directory / "mine" / "dump.rdb").chmod(0)
    with pytest.raises(Exception, match="ElastiCache has not been granted READ permissions mine on the S3 Bucket"):
        ask(home)

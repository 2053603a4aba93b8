"""Snapshots of serverless caches on the pretend machine, and what is made of them."""

from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.memory.rdb import loaded
from cachewright.agents.queries.engines import LiveEngines
from cachewright.controlplane.automatic_snapshots import AutomaticSnapshots
from cachewright.controlplane.model.cache import Cache, Key, Kind
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.snapshots import SnapshotStatus
from tests.agents.test_restore import CLUSTERED, DATA, fill, taken
from tests.agents.test_restore import assert_restored as restored
from tests.house import ACCOUNT, REGION, House, house

ARN = f"arn:aws:elasticache:{REGION}:{ACCOUNT}"


@pytest.fixture
def home(tmp_path: Path) -> House:
    return house(tmp_path)


def serverless(home: House, name: str = "sc", **params: Any) -> Cache:
    home.call("CreateServerlessCache", **{"ServerlessCacheName": name, "Engine": "valkey", **params})
    home.settle()
    return home.cache(Kind.SERVERLESS_CACHE, name)


def saved(home: House, name: str = "snap", cache: str = "sc") -> None:
    home.call("CreateServerlessCacheSnapshot", ServerlessCacheSnapshotName=name, ServerlessCacheName=cache)
    home.settle_snapshot(name, serverless=True)


def shown(home: House, name: str = "snap") -> dict[str, Any]:
    asked = home.call("DescribeServerlessCacheSnapshots", ServerlessCacheSnapshotName=name)
    (snapshot,) = asked["ServerlessCacheSnapshots"]
    return dict(snapshot)


def gone(home: House, name: str) -> bool:
    with home.store.read() as transaction:
        return transaction.caches.get(Key(ACCOUNT, REGION, Kind.SERVERLESS_CACHE, name)) is None


def test_a_snapshot_has_everything_and_says_so(home: House) -> None:
    fill(home, serverless(home))
    saved(home)
    snapshot = home.snapshot("snap", serverless=True)
    assert snapshot
    (node,) = snapshot.nodes
    content = b"".join(home.files.read(snapshot.id, node.shard))
    assert loaded(content) == DATA
    answer = shown(home)
    assert (answer["Status"], answer["BytesUsedForCache"]) == ("available", str(len(content)))
    assert "snap: Snapshot snap created for cache sc." in home.messages()


def test_a_serverless_cache_begins_with_a_serverless_snapshot(home: House) -> None:
    fill(home, serverless(home))
    saved(home)
    cache = serverless(home, "two", SnapshotArnsToRestore=[f"{ARN}:serverlesscachesnapshot:snap"])
    restored(home, cache)
    words = "Cache two is created and data was restored from snapshot. Your cache is ready to use."
    assert f"two: {words}" in home.messages()


def test_a_serverless_cache_begins_with_a_snapshot_of_a_cluster(home: House) -> None:
    fill(home, home.cluster("source"))
    taken(home, CacheClusterId="source")
    restored(home, serverless(home, SnapshotArnsToRestore=[f"{ARN}:snapshot:snap"]))


def test_a_serverless_cache_begins_with_a_snapshot_of_several_shards(home: House) -> None:
    home.group("source", NumNodeGroups=3, ReplicasPerNodeGroup=1, NumCacheClusters=None, **CLUSTERED)
    fill(home, home.cache(Kind.REPLICATION_GROUP, "source"))
    taken(home, ReplicationGroupId="source")
    cache = serverless(home, SnapshotArnsToRestore=[f"{ARN}:snapshot:snap"])
    restored(home, cache)
    assert list(cache.status.shards) == ["0001"]


@pytest.mark.parametrize("mode", ["enabled", "disabled"])
def test_a_group_begins_with_a_serverless_snapshot(home: House, mode: str) -> None:
    fill(home, serverless(home))
    saved(home)
    asked = {"ReplicationGroupId": "rg", "ReplicationGroupDescription": "d", "ServerlessCacheSnapshotName": "snap"}
    home.call("CreateReplicationGroup", **asked, ClusterMode=mode, CacheNodeType="cache.t3.micro")
    home.settle()
    cache = home.cache(Kind.REPLICATION_GROUP, "rg")
    restored(home, cache)
    assert cache.spec.clustered is (mode == "enabled")


def test_an_exported_snapshot_is_an_object_that_caches_begin_with(home: House) -> None:
    fill(home, serverless(home))
    saved(home)
    home.engines = LiveEngines(home.tools, home.buckets)
    home.buckets.make("shelf")
    home.call("ExportServerlessCacheSnapshot", ServerlessCacheSnapshotName="snap", S3BucketName="shelf")
    assert shown(home)["Status"] == "exporting"
    home.settle_snapshot("snap", serverless=True)
    assert shown(home)["Status"] == "available"
    restored(home, serverless(home, "two", SnapshotArnsToRestore=["arn:aws:s3:::shelf/snap-0001.rdb"]))


def test_a_copy_outlives_what_it_is_of(home: House) -> None:
    fill(home, serverless(home))
    saved(home)
    names = {"SourceServerlessCacheSnapshotName": "snap", "TargetServerlessCacheSnapshotName": "copy"}
    home.call("CopyServerlessCacheSnapshot", **names)
    home.settle_snapshot("copy", serverless=True)
    home.call("DeleteServerlessCacheSnapshot", ServerlessCacheSnapshotName="snap")
    home.settle_snapshot("snap", serverless=True)
    assert home.snapshot("snap", serverless=True) is None
    restored(home, serverless(home, "two", SnapshotArnsToRestore=[f"{ARN}:serverlesscachesnapshot:copy"]))


def test_a_cache_ends_when_its_last_snapshot_is_safe(home: House) -> None:
    fill(home, serverless(home))
    answer = home.call("DeleteServerlessCache", ServerlessCacheName="sc", FinalSnapshotName="last")
    assert answer["ServerlessCache"]["Status"] == "deleting"
    home.settle()
    assert home.cache(Kind.SERVERLESS_CACHE, "sc").phase is Phase.AVAILABLE
    home.settle_snapshot("last", serverless=True)
    home.settle()
    assert gone(home, "sc")
    assert shown(home, "last")["Status"] == "available"


def test_what_cannot_be_taken_is_told(home: House) -> None:
    serverless(home)
    home.call("CreateServerlessCacheSnapshot", ServerlessCacheSnapshotName="snap", ServerlessCacheName="sc")
    with home.store.write() as transaction:
        transaction.caches.mark_deleted(Key(ACCOUNT, REGION, Kind.SERVERLESS_CACHE, "sc"))
    home.settle()
    home.settle_snapshot("snap", serverless=True)
    assert shown(home)["Status"] == "create-failed"
    assert any(text.startswith("snap: Failed to create snapshot for cache sc. ") for text in home.messages())


def test_the_days_snapshot_goes_with_its_cache(home: House) -> None:
    serverless(home, SnapshotRetentionLimit=2, DailySnapshotTime=f"{home.clock():%H:%M}")
    daily = AutomaticSnapshots(home.store, home.clock, home.random)
    daily.look()
    (name,) = [each["ServerlessCacheSnapshotName"] for each in every(home)]
    assert name == f"automatic.sc-{home.clock():%Y-%m-%d-%H-%M}"
    home.settle_snapshot(name, serverless=True)
    daily.look()
    (answer,) = every(home)
    assert (answer["SnapshotType"], (answer["ExpiryTime"] - answer["CreateTime"]).days) == ("automated", 2)
    home.call("DeleteServerlessCache", ServerlessCacheName="sc")
    home.settle()
    daily.look()
    home.settle_snapshot(name, serverless=True)
    assert every(home) == []


def every(home: House) -> list[dict[str, Any]]:
    return list(home.call("DescribeServerlessCacheSnapshots")["ServerlessCacheSnapshots"])


def test_a_killed_agent_takes_it_all_the_same(home: House) -> None:
    fill(home, serverless(home))
    home.call("CreateServerlessCacheSnapshot", ServerlessCacheSnapshotName="snap", ServerlessCacheName="sc")
    home.restart()
    assert [str(key) for key in home.snapshots.ledger.unfinished()] == [f"{ACCOUNT}/{REGION}/serverless-snapshot/snap"]
    home.settle()
    home.settle_snapshot("snap", serverless=True)
    snapshot = home.snapshot("snap", serverless=True)
    assert snapshot
    assert snapshot.status is SnapshotStatus.AVAILABLE

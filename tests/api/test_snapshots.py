"""Snapshots through boto3: the whole agent, a pretend machine."""

from typing import Any

import pytest

from tests.api.test_lifecycle import SOON, elasticache, endpoint
from tests.e2e.waiting import until

__all__ = ["elasticache", "endpoint"]  # fixtures


def _create(elasticache: Any, name: str) -> None:
    """A cluster that is available."""
    elasticache.create_cache_cluster(CacheClusterId=name, Engine="redis", CacheNodeType="cache.t3.micro")
    elasticache.get_waiter("cache_cluster_available").wait(CacheClusterId=name, WaiterConfig=SOON)


def _snapshots(elasticache: Any) -> list[dict[str, Any]]:
    return list(elasticache.get_paginator("describe_snapshots").paginate().search("Snapshots[]"))


def _snapshot(elasticache: Any, name: str) -> dict[str, Any]:
    (snapshot,) = elasticache.describe_snapshots(SnapshotName=name)["Snapshots"]
    return dict(snapshot)


def _taken(elasticache: Any, name: str) -> dict[str, Any]:
    until(f"{name} is available", lambda: _snapshot(elasticache, name)["SnapshotStatus"] == "available")
    return _snapshot(elasticache, name)


def test_a_snapshot_is_taken_copied_and_removed(elasticache: Any) -> None:
    _create(elasticache, "kept")
    created = elasticache.create_snapshot(CacheClusterId="kept", SnapshotName="first")["Snapshot"]
    assert created["SnapshotStatus"] == "creating"
    (node,) = _taken(elasticache, "first")["NodeSnapshots"]
    assert node["CacheSize"] == "1 MB"
    assert node["SnapshotCreateTime"] >= node["CacheNodeCreateTime"]
    (cluster,) = elasticache.describe_cache_clusters(CacheClusterId="kept")["CacheClusters"]
    assert cluster["CacheClusterStatus"] == "available"
    elasticache.copy_snapshot(SourceSnapshotName="first", TargetSnapshotName="second")
    _taken(elasticache, "second")
    elasticache.delete_snapshot(SnapshotName="first")
    until("it is gone", lambda: [each["SnapshotName"] for each in _snapshots(elasticache)] == ["second"])


def test_a_cluster_ends_when_its_last_snapshot_is_safe(elasticache: Any) -> None:
    _create(elasticache, "last")
    elasticache.delete_cache_cluster(CacheClusterId="last", FinalSnapshotIdentifier="rest")
    elasticache.get_waiter("cache_cluster_deleted").wait(CacheClusterId="last", WaiterConfig=SOON)
    assert _snapshot(elasticache, "rest")["SnapshotStatus"] == "available"
    messages = [event["Message"] for event in elasticache.describe_events(SourceIdentifier="last")["Events"]]
    assert "Snapshot succeeded for snapshot with ID 'rest' of cache cluster with ID 'last'" in messages


@pytest.mark.parametrize("shape", [{"NumCacheClusters": 2}, {"NumNodeGroups": 2, "ReplicasPerNodeGroup": 1}])
def test_a_group_ends_when_its_last_snapshot_is_safe(elasticache: Any, shape: dict[str, int]) -> None:
    usual = {"ReplicationGroupDescription": "d", "Engine": "valkey", "CacheNodeType": "cache.t3.micro"}
    elasticache.create_replication_group(ReplicationGroupId="end", AutomaticFailoverEnabled=True, **usual, **shape)
    elasticache.get_waiter("replication_group_available").wait(ReplicationGroupId="end", WaiterConfig=SOON)
    elasticache.delete_replication_group(ReplicationGroupId="end", FinalSnapshotIdentifier="rest")
    elasticache.get_waiter("replication_group_deleted").wait(ReplicationGroupId="end", WaiterConfig=SOON)
    snapshot = _snapshot(elasticache, "rest")
    assert snapshot["SnapshotStatus"] == "available"
    assert all(node["SnapshotCreateTime"] for node in snapshot["NodeSnapshots"])

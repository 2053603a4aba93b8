"""Memcached clusters that are modified through boto3: what a client is told on the way, on a pretend machine."""

from typing import Any

import pytest

from tests.api.test_lifecycle import SOON, _cluster, _messages, elasticache, endpoint

__all__ = ["elasticache", "endpoint"]  # fixtures
NOW: dict[str, Any] = {"ApplyImmediately": True}


@pytest.fixture
def cluster(elasticache: Any) -> Any:
    """A client of an account with a cluster `m` of three nodes across zones."""
    asked = {"Engine": "memcached", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": 3, "AZMode": "cross-az"}
    elasticache.create_cache_cluster(CacheClusterId="m", **asked)
    return _settled(elasticache)


def _settled(elasticache: Any) -> Any:
    elasticache.get_waiter("cache_cluster_available").wait(CacheClusterId="m", WaiterConfig=SOON)
    return elasticache


def test_what_waits_is_told_in_full(cluster: Any) -> None:
    scaling = {"ScalePercentage": 50, "ScaleIntervalMinutes": 5}
    asked = {"NumCacheNodes": 1, "CacheNodeIdsToRemove": ["0002", "0003"], "CacheNodeType": "cache.r6g.large"}
    shown = cluster.modify_cache_cluster(CacheClusterId="m", ScaleConfig=scaling, **asked)["CacheCluster"]
    assert (shown["CacheClusterStatus"], shown["NumCacheNodes"]) == ("available", 3)
    assert shown["PendingModifiedValues"] == asked | {"ScaleConfig": scaling}
    told = "Cachewright keeps and shows ScaleConfig, but does not act on it yet."
    assert told in _messages(cluster, "m")


def test_nodes_come_at_once(cluster: Any) -> None:
    zones = ["us-east-1c", "us-east-1a"]
    asked = {"NumCacheNodes": 5, "AZMode": "cross-az", "NewAvailabilityZones": zones}
    shown = cluster.modify_cache_cluster(CacheClusterId="m", **asked, **NOW)["CacheCluster"]
    assert (shown["CacheClusterStatus"], shown["NumCacheNodes"]) == ("modifying", 3)
    assert shown["PendingModifiedValues"] == {"NumCacheNodes": 5}
    nodes = _cluster(_settled(cluster), "m")["CacheNodes"]
    assert [node["CacheNodeId"] for node in nodes] == ["0001", "0002", "0003", "0004", "0005"]
    assert [node["CustomerAvailabilityZone"] for node in nodes[3:]] == zones
    assert len({node["Endpoint"]["Address"] for node in nodes}) == 5


def test_nodes_go_at_once(cluster: Any) -> None:
    cluster.modify_cache_cluster(CacheClusterId="m", NumCacheNodes=2, CacheNodeIdsToRemove=["0002"], **NOW)
    shown = _cluster(_settled(cluster), "m")
    assert [node["CacheNodeId"] for node in shown["CacheNodes"]] == ["0001", "0003"]
    assert (shown["NumCacheNodes"], shown["PendingModifiedValues"]) == (2, {})
    assert _messages(cluster, "m")[-2:] == [
        "Removed cache nodes 0002",
        "Finished modifying number of nodes from 3 to 2",
    ]


def test_a_reboot_of_everything_does_what_waits(cluster: Any) -> None:
    cluster.modify_cache_cluster(CacheClusterId="m", EngineVersion="1.6.22", NumCacheNodes=4)
    shown = cluster.reboot_cache_cluster(CacheClusterId="m", CacheNodeIdsToReboot=["0001", "0002", "0003"])
    assert shown["CacheCluster"]["CacheClusterStatus"] == "rebooting cluster nodes"
    assert _cluster(_settled(cluster), "m")["NumCacheNodes"] == 4


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"NumCacheNodes": 2}, "InvalidParameterCombination"),
        ({"NumCacheNodes": 2, "CacheNodeIdsToRemove": ["0007"]}, "InvalidParameterValue"),
        ({"NumCacheNodes": 61}, "NodeQuotaForClusterExceeded"),
        ({"AZMode": "single-az"}, "InvalidParameterCombination"),
        ({"EngineVersion": "1.5.16"}, "InvalidParameterCombination"),
        ({"SnapshotRetentionLimit": 1}, "InvalidParameterCombination"),
    ],
)
def test_refused(cluster: Any, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(cluster.exceptions.ClientError) as refused:
        cluster.modify_cache_cluster(CacheClusterId="m", **asked)
    assert refused.value.response["Error"]["Code"] == code

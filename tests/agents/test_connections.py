"""Connections to engines: the agent keeps one to what is there, and to nothing else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cachewright.controlplane.model.cache import Kind, Transit
from tests.house import House, house

NOW: dict[str, Any] = {"ApplyImmediately": True}
CLUSTER: dict[str, Any] = {
    "ReplicationGroupId": "rg",
    "ReplicationGroupDescription": "for a test",
    "Engine": "valkey",
    "CacheNodeType": "cache.t3.micro",
    "NumNodeGroups": 2,
    "ReplicasPerNodeGroup": 1,
    "AutomaticFailoverEnabled": True,
}
SHARDS: dict[str, Any] = {"ReplicationGroupId": "rg", "NodeGroupCount": 1, "NodeGroupsToRemove": ["0002"], **NOW}


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A new house."""
    return house(tmp_path)


def replicas(home: House) -> None:
    home.group("rg", nodes=3)
    home.call("DecreaseReplicaCount", ReplicationGroupId="rg", NewReplicaCount=1, **NOW)


def shards(home: House) -> None:
    home.call("CreateReplicationGroup", **CLUSTER)
    home.settle()
    home.call("ModifyReplicationGroupShardConfiguration", **SHARDS)


def memcached(home: House) -> None:
    home.cluster("m", Engine="memcached", NumCacheNodes=3)
    home.call("ModifyCacheCluster", CacheClusterId="m", NumCacheNodes=1, CacheNodeIdsToRemove=["0002", "0003"], **NOW)


def surge(home: House) -> None:
    home.group("rg", nodes=1)
    home.call("ModifyReplicationGroup", ReplicationGroupId="rg", CacheNodeType="cache.m5.large", **NOW)


@pytest.mark.parametrize("way", [replicas, shards, memcached, surge], ids=lambda way: way.__name__)
def test_no_connection_stays_to_a_node_that_left(home: House, way: Callable[[House], None]) -> None:
    way(home)
    assert home.machine.connected
    home.settle()
    with home.store.read() as transaction:
        (cache,) = transaction.caches.all()
    assert home.machine.connected == {known.address for known in cache.status.nodes.values()}


def test_no_connection_stays_to_how_a_node_was_reached_before(home: House) -> None:
    home.group("rg", nodes=2)
    for transit in (Transit.PREFERRED, Transit.REQUIRED):
        cache = home.cache(Kind.REPLICATION_GROUP, "rg")
        with home.store.write() as transaction:
            transaction.caches.write_spec(cache, replace(cache.spec, transit=transit))
        home.settle()
    known = home.cache(Kind.REPLICATION_GROUP, "rg").status.nodes.values()
    assert home.machine.connected == {one.address for one in known}


def test_no_connection_stays_to_a_cache_that_is_deleted(home: House) -> None:
    home.group("rg", nodes=2)
    assert home.machine.connected
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.settle()
    assert home.machine.connected == set()

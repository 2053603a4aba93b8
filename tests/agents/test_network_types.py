"""Caches that are reached by IPv6, and machines where that is impossible."""

from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.lifecycle import Phase
from tests.house import PORTS, House, house

SHARDED: dict[str, Any] = {"NumCacheClusters": None, "NumNodeGroups": 2, "ReplicasPerNodeGroup": 1}


@pytest.fixture
def home(tmp_path: Path) -> House:
    return house(tmp_path)


def families(cache: Cache) -> set[int]:
    """The families of all addresses that are told."""
    told = (*cache.status.endpoints.values(), *(node.address for node in cache.status.nodes.values()))
    return {ip_address(address.host).version for address in told}


def tried(home: House, kind: Kind, name: str) -> Cache:
    """A cache that was tried to make once."""
    home.reconcile(home.cache(kind, name).key)
    return home.cache(kind, name)


def test_the_addresses_are_of_the_family_that_discovery_asks_for(home: House) -> None:
    assert families(home.group("four")) == {4}
    assert families(home.group("six", NetworkType="ipv6")) == {6}
    assert families(home.group("both", NetworkType="dual_stack")) == {4}
    assert families(home.group("other", NetworkType="dual_stack", IpDiscovery="ipv6")) == {6}
    assert families(home.cluster("mc", Engine="memcached", NetworkType="ipv6")) == {6}


@pytest.mark.parametrize("discovery", ["ipv4", "ipv6"])
def test_endpoints_of_a_dual_stack_lead_in_both_families(home: House, discovery: str) -> None:
    cache = home.group("rg", NetworkType="dual_stack", IpDiscovery=discovery)
    network, primary = home.tools().network, cache.status.endpoints["primary"]
    (leader,) = home.routes()[primary]
    twins = {
        endpoint.host: [target.host for target in targets]
        for endpoint, targets in home.routes().items()
        if endpoint.host == network.twin(primary.host)
    }
    assert twins == {network.twin(primary.host): [network.twin(leader.host)]}
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.settle(cache.key)
    assert home.routes() == {}


def test_an_address_stays_when_a_node_is_made_again(home: House) -> None:
    before = home.group("rg", NetworkType="ipv6")
    name = before.status.shards["0001"].primary
    home.machine.stop(home.container(name))
    home.settle(before.key)
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert after.status.nodes[name].life > before.status.nodes[name].life
    assert [node.address for node in after.status.nodes.values()] == [
        node.address for node in before.status.nodes.values()
    ]


def test_a_cluster_knows_itself_by_ipv6(home: House) -> None:
    cache = home.group("rg", **SHARDED, NetworkType="ipv6")
    assert cache.phase is Phase.AVAILABLE
    assert families(cache) == {6}


def test_without_ipv6_the_reason_is_told(home: House) -> None:
    home.machine.ipv6 = False
    assert home.group("four").phase is Phase.AVAILABLE
    usual = {"ReplicationGroupDescription": "d", "Engine": "valkey", "CacheNodeType": "cache.t3.micro"}
    home.call("CreateReplicationGroup", ReplicationGroupId="rg", NetworkType="dual_stack", **usual)
    failed = tried(home, Kind.REPLICATION_GROUP, "rg")
    assert (failed.phase, failed.status.nodes) == (Phase.FAILED, {})
    assert "cannot have network type dual_stack: the network cachewright-test has no IPv6" in failed.reason
    assert any("has no IPv6" in message for message in home.messages())
    (shown,) = home.call("DescribeReplicationGroups", ReplicationGroupId="rg")["ReplicationGroups"]
    assert shown["Status"] == "create-failed"
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.settle(failed.key)


def test_published_endpoints_have_none(tmp_path: Path) -> None:
    home = house(tmp_path, PORTS)
    usual = {"Engine": "redis", "CacheNodeType": "cache.t3.micro"}
    home.call("CreateCacheCluster", CacheClusterId="one", NetworkType="ipv6", **usual)
    failed = tried(home, Kind.CACHE_CLUSTER, "one")
    assert failed.phase is Phase.FAILED
    assert "published endpoints are ports of 127.0.0.1, which is of IPv4" in failed.reason
    (shown,) = home.call("DescribeCacheClusters", CacheClusterId="one")["CacheClusters"]
    assert shown["CacheClusterStatus"] == "incompatible-network"

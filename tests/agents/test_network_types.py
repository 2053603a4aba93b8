"""Caches that are reached by IPv6, and machines where that is impossible."""

from ipaddress import ip_address
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from cachewright.agents.memory.gateway import MemoryGateway
from cachewright.agents.planning.actions import Route
from cachewright.agents.reconcile.act import carry_out
from cachewright.agents.reconcile.act.acting import Acting
from cachewright.controlplane.model.cache import Address, Cache, Kind, NodeStatus
from cachewright.controlplane.model.lifecycle import Phase
from tests.agents.test_crashes import moments
from tests.agents.test_reconcile import assert_sound
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


def test_only_the_endpoint_that_is_told_leads_to_one_at_a_time(home: House) -> None:
    cache = home.group("rg", NetworkType="dual_stack")
    primary, tools = cache.status.endpoints["primary"], home.tools()
    with patch.object(MemoryGateway, "route") as told:
        carry_out(Acting(tools, cache, cache.status), Route({primary: ()}, frozenset({primary})))
    twin = Address(tools.network.twin(primary.host), primary.port)
    told.assert_called_once_with({primary: (), twin: ()}, {primary})


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


BOTH: dict[str, Any] = {"NetworkType": "dual_stack"}


def told_by_ipv6(home: House, cache: Cache) -> Cache:
    """The same cache, of which the addresses of the other family are told."""
    if cache.key.kind is Kind.REPLICATION_GROUP:
        home.call("ModifyReplicationGroup", ReplicationGroupId=cache.key.id, IpDiscovery="ipv6")
    else:
        home.call("ModifyCacheCluster", CacheClusterId=cache.key.id, IpDiscovery="ipv6")
    assert home.cache(cache.key.kind, cache.key.id).phase is Phase.MODIFYING
    home.settle(cache.key)
    return home.cache(cache.key.kind, cache.key.id)


def lives(home: House) -> set[tuple[str, str]]:
    """Every container, and its start."""
    return {(container.name, container.started_at) for container in home.containers()}


@pytest.mark.parametrize(
    "shape", [{}, {"TransitEncryptionEnabled": True}, SHARDED], ids=["plain", "encrypted", "sharded"]
)
def test_another_family_is_told_and_nothing_is_lost(home: House, shape: dict[str, Any]) -> None:
    before = home.group("rg", **BOTH, **shape)
    primaries = [known.primary for known in before.status.shards.values()]
    for name in primaries:
        home.machine.processes.write(before.status.nodes[name].address.host, "key", "value")
    running, routes = lives(home), home.routes()
    after = told_by_ipv6(home, before)
    assert (after.phase, families(after), lives(home), home.routes()) == (Phase.AVAILABLE, {6}, running, routes)
    network = home.tools().network
    for name, known in after.status.nodes.items():
        assert known.address.host == network.twin(before.status.nodes[name].address.host)
        assert home.machine.processes.at(known.address.host).data == {"key": "value"}
    for shard in after.status.shards.values():
        leader = after.status.nodes[shard.primary].address.host
        replicas = {known.address.host for known in shard_of(after, shard.primary)} - {leader}
        assert home.machine.processes.heard(leader) == replicas
        assert {home.machine.processes.at(replica).leader for replica in replicas} == {leader}


def shard_of(cache: Cache, node: str) -> list[NodeStatus]:
    """What is known of the nodes of its shard."""
    return [cache.status.nodes[one.name] for one in cache.shard_of(node).nodes]


def test_nodes_of_a_cluster_know_each_other_by_the_family_that_is_told(home: House) -> None:
    cache = told_by_ipv6(home, home.group("rg", **SHARDED, **BOTH))
    told = {known.address for known in cache.status.nodes.values()}
    for address in told:
        member = home.machine.processes.at(address.host).member
        assert member
        assert {said.address for said in member.known.values()} == told


def test_who_dies_after_the_change_begins_by_the_family_that_is_told(home: House) -> None:
    cache = told_by_ipv6(home, home.group("rg", **BOTH))
    primary = cache.status.shards["0001"].primary
    home.machine.kill(home.container(primary))
    home.settle(cache.key)
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert after.status.shards["0001"].primary != primary
    assert_sound(home, after)
    assert families(after) == {6}


def test_memcached_is_listed_anew_by_the_family_that_is_told(home: House) -> None:
    before = home.cluster("mc", Engine="memcached", NumCacheNodes=2, **BOTH)
    running = lives(home)
    after = told_by_ipv6(home, before)
    assert before.status.discovery
    assert after.status.discovery
    assert (after.phase, families(after), lives(home)) == (Phase.AVAILABLE, {6}, running)
    assert after.status.discovery.version == before.status.discovery.version + 2
    (listing,) = home.backend.directory(Address("", 0), "").state().discovery.values()
    assert [(entry.host, entry.port) for entry in listing.nodes] == [
        (known.address.host, known.address.port) for known in after.status.nodes.values()
    ]


@pytest.mark.parametrize("shape", [{}, SHARDED], ids=["plain", "sharded"])
def test_a_change_of_the_family_may_end_at_any_deed(home: House, shape: dict[str, Any]) -> None:
    cache = home.group("rg", nodes=2, **BOTH, **shape)
    home.call("ModifyReplicationGroup", ReplicationGroupId="rg", IpDiscovery="ipv6")
    for _ in moments(home, lambda: home.reconcile(cache.key)):
        home.settle()
        after = home.cache(Kind.REPLICATION_GROUP, "rg")
        assert (after.phase, families(after)) == (Phase.AVAILABLE, {6})


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

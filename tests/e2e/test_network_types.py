"""Caches by IPv6: real nodes and clients, by the addresses that are told and by those of the other family, also as
those are told from now on.
"""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from ipaddress import ip_address
from typing import Any

import docker
import pytest
from pymemcache import Client
from redis import Redis
from redis.cluster import RedisCluster
from redis.exceptions import ConnectionError as RefusedError
from redis.exceptions import RedisError

from tests.e2e.clients import writing
from tests.e2e.cloud import Cloud, Place, member_places, place, primary_of, redis_at
from tests.e2e.cluster_clients import crowding, pythons
from tests.e2e.encrypted import verifying
from tests.e2e.plane import Plane, lent
from tests.e2e.sharded import Sharded
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def beside(machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A control plane whose network has IPv6."""
    with lent(machine, tmp_path_factory.mktemp("ipv6") / "data", {"CACHEWRIGHT_IPV6": "on"}) as plane:
        yield plane


@pytest.fixture
def cloud(machine: docker.DockerClient, account: str, beside: Plane) -> Iterator[Cloud]:
    """An account there."""
    cloud = Cloud(beside, machine, account)
    yield cloud
    cloud.leave()


BY_IPV6 = {"NetworkType": "dual_stack", "IpDiscovery": "ipv6"}


def twin(cloud: Cloud, where: Place) -> Place:
    """The address of IPv4 of whoever has this one of IPv6: both are as far from the beginning of their subnets."""
    network = cloud.machine.networks.list(names=[f"cachewright-{cloud.plane.instance}"])[0]
    pools = network.attrs["IPAM"]["Config"]
    four, six = (next(pool["Subnet"].split("/")[0] for pool in pools if mark in pool["Subnet"]) for mark in ".:")
    return str(ip_address(four) + (int(ip_address(where[0])) - int(ip_address(six)))), where[1]


def test_an_encrypted_group_is_reached_by_both_families_before_and_after_a_failover(cloud: Cloud) -> None:
    group = cloud.group("rg", 2, **BY_IPV6, TransitEncryptionEnabled=True, TransitEncryptionMode="preferred")
    primary = place(group["PrimaryEndpoint"])
    every = [primary, place(group["ReaderEndpoint"]), *member_places(group).values()]
    assert {ip_address(host).version for host, _ in every} == {6}
    options = verifying(cloud.plane)
    redis_at(primary, **options).set("key", "value")
    for where in (*every, *(twin(cloud, where) for where in every)):
        assert [redis_at(where).get("key"), redis_at(where, **options).get("key")] == ["value", "value"]
    cloud.api.test_failover(ReplicationGroupId="rg", NodeGroupId="0001")
    after = cloud.available_group("rg")
    assert member_places(after) == member_places(group)
    for where in (primary, twin(cloud, primary)):
        until("the endpoint leads to the new primary", partial(_leads, redis_at(where, **options)))
        assert redis_at(where, **options).get("key") == "value"


def _leads(client: Redis) -> bool:
    """Not while connections to the former primary end."""
    try:
        return str(client.info("replication")["role"]) == "master"
    except RedisError:
        return False


def test_nodes_of_a_cluster_announce_ipv6_and_listen_nowhere_else(cloud: Cloud) -> None:
    group = Sharded(cloud, "rg").create(2, NetworkType="ipv6")
    with closing(RedisCluster(*group.entrance, decode_responses=True)) as client:
        for number in range(50):
            client.set(f"key-{number}", number)
        assert [client.get(f"key-{number}") for number in range(50)] == [str(number) for number in range(50)]
        assert {ip_address(node.host).version for node in client.get_nodes()} == {6}
        node = client.get_nodes()[0]
    with pytest.raises(RefusedError):
        redis_at(twin(cloud, (node.host, int(node.port)))).ping()


def family(places: dict[str, Place]) -> set[int]:
    """The families of these addresses."""
    return {ip_address(host).version for host, _ in places.values()}


@pytest.mark.parametrize("release", [{"EngineVersion": "6.2"}, {"EngineVersion": "7.1"}, {"Engine": "valkey"}], ids=str)
def test_nodes_of_a_cluster_are_told_by_the_other_family_while_clients_write(
    cloud: Cloud, release: dict[str, Any]
) -> None:
    group = Sharded(cloud, "rg").create(2, NetworkType="dual_stack", **release)
    before, running = group.places, {name: one.id for name, one in cloud.containers().items()}
    with crowding(*pythons(group)) as crowd:
        cloud.api.modify_replication_group(ReplicationGroupId="rg", IpDiscovery="ipv6")
        assert group.shown["Status"] == "modifying"
        group.available()
        crowd.progress()
    assert (crowd.lost(group), crowd.failures) == ({}, {})
    assert (family(before), family(group.places)) == ({4}, {6})
    assert {name: one.id for name, one in cloud.containers().items()} == running
    group.check()
    with closing(RedisCluster(*group.entrance, decode_responses=True)) as client:
        assert {ip_address(node.host).version for node in client.get_nodes()} == {6}


def test_a_group_is_told_by_the_other_family_and_back_while_a_client_writes(cloud: Cloud) -> None:
    group = cloud.group("rg", 2, NetworkType="dual_stack")
    primary, running = place(group["PrimaryEndpoint"]), {name: one.id for name, one in cloud.containers().items()}
    with writing(primary) as writer:
        six = cloud.modified("rg", IpDiscovery="ipv6")
        assert family(member_places(six) | {"primary": place(six["PrimaryEndpoint"])}) == {6}
        assert twin(cloud, place(six["PrimaryEndpoint"])) == primary
        back = cloud.modified("rg", IpDiscovery="ipv4")
        writer.progress()
    assert (writer.lost(), writer.failures) == ([], 0)
    assert member_places(back) == member_places(group)
    assert {name: one.id for name, one in cloud.containers().items()} == running
    replica = next(where for name, where in member_places(back).items() if name != primary_of(back))
    until("the replica has everything", lambda: redis_at(replica).dbsize() == redis_at(primary).dbsize())


def test_memcached_is_listed_anew_by_the_other_family(cloud: Cloud) -> None:
    before = cloud.cluster("mc", Engine="memcached", NumCacheNodes=2, NetworkType="dual_stack")
    cloud.api.modify_cache_cluster(CacheClusterId="mc", IpDiscovery="ipv6")
    after = cloud.available_cluster("mc")
    told = [place(node["Endpoint"]) for node in after["CacheNodes"]]
    lists = [listed(place(before["ConfigurationEndpoint"])), listed(place(after["ConfigurationEndpoint"]))]
    assert lists == [told, told]
    assert {ip_address(host).version for host, _ in told} == {6}


def listed(configuration: Place) -> list[Place]:
    """The nodes that a configuration endpoint names."""
    with closing(Client(configuration, timeout=5, connect_timeout=5)) as client:
        answer = client.raw_command(b"config get cluster", end_tokens=b"\n\r\nEND\r\n").decode()
    return [(host, int(port)) for host, _, port in (entry.split("|") for entry in answer.split("\n")[2].split(" "))]


def test_memcached_lists_the_family_of_its_discovery(cloud: Cloud) -> None:
    cluster = cloud.cluster("mc", Engine="memcached", NumCacheNodes=2, **BY_IPV6)
    configuration, told = place(cluster["ConfigurationEndpoint"]), [place(n["Endpoint"]) for n in cluster["CacheNodes"]]
    assert listed(configuration) == told
    assert {ip_address(host).version for host, _ in told} == {6}
    with closing(Client(twin(cloud, told[0]), timeout=5, connect_timeout=5)) as client:
        client.set("key", "value", noreply=False)
    with closing(Client(told[0], timeout=5, connect_timeout=5)) as client:
        assert client.get("key") == b"value"

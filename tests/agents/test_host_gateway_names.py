"""Encrypted clients on several hosts: any gateway leads them to the cache whose host name they send, at one port."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.memory.hosts import Power
from cachewright.agents.planning.labels import GATEWAY, SNI
from cachewright.controlplane.model.cache import Address, Cache, Kind
from cachewright.controlplane.model.hostnames import Naming
from tests.agents.site import HOSTS, Site, site
from tests.agents.test_crashes import moments
from tests.agents.test_hosts import PRIMARY

NAMES = Naming("cache.test", on=True)
TLS: dict[str, Any] = {"TransitEncryptionEnabled": True}


@pytest.fixture
def home(tmp_path: Path) -> Site:
    return site(tmp_path, NAMES)


def assert_led(home: Site, cache: Cache, *hosts: str) -> None:
    """Each of these hosts leads by every name of the cache where the endpoint leads, and by no other name."""
    for host in hosts:
        gateway = home.gateways[host]
        for part, endpoint in cache.status.endpoints.items():
            for name in NAMES.names(cache, part):
                assert gateway.connect_by(name).target in gateway.routes()[gateway_address(home, endpoint.port)]
        known = {name for names in gateway.names().values() for name in names}
        assert known == NAMES.records(cache).keys()


def gateway_address(home: Site, port: int) -> Address:
    """An endpoint as the gateway of a host knows it."""
    return Address(str(home.tools().network.gateway), port)


def group(home: Site) -> Cache:
    return home.cache(Kind.REPLICATION_GROUP, "rg")


def assert_none(home: Site, *hosts: str) -> None:
    assert [home.gateways[host].names() for host in hosts] == [{}] * len(hosts)


def test_every_host_leads_by_all_names_of_an_encrypted_cache(home: Site) -> None:
    home.group("plain")
    home.group(**TLS)
    home.settle_all()
    assert_led(home, group(home), *HOSTS)


def test_a_memcached_cluster_is_led_to_by_its_names(home: Site) -> None:
    cache = home.cluster("mc", Engine="memcached", NumCacheNodes=2, AZMode="cross-az", **TLS)
    home.settle_all()
    assert_led(home, home.cluster_of(), *HOSTS)
    (configuration,) = NAMES.names(cache, "configuration")
    assert home.gateways["h2"].connect_by(configuration).target == home.gateways["h2"].behind(
        cache.status.endpoints["configuration"].port
    )


def test_names_are_withdrawn_with_the_cache(home: Site) -> None:
    home.group(**TLS)
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.settle_all()
    assert_none(home, *HOSTS)


def test_names_go_with_the_node_that_has_them(home: Site) -> None:
    before = home.group(**TLS)
    home.call("DecreaseReplicaCount", ReplicationGroupId="rg", NewReplicaCount=1, ApplyImmediately=True)
    home.settle_all()
    assert len(group(home).status.nodes) < len(before.status.nodes)
    assert_led(home, group(home), *HOSTS)


def test_a_cache_is_led_to_by_name_while_it_is_encrypted(home: Site) -> None:
    home.group(Engine="valkey")
    assert_none(home, *HOSTS)
    change = {"ReplicationGroupId": "rg", "ApplyImmediately": True, "TransitEncryptionEnabled": True}
    home.call("ModifyReplicationGroup", **change, TransitEncryptionMode="preferred")
    home.settle_all()
    assert_led(home, group(home), *HOSTS)
    home.call("ModifyReplicationGroup", **{**change, "TransitEncryptionEnabled": False})
    home.settle_all()
    assert_none(home, *HOSTS)


def test_a_host_that_comes_back_leads_by_the_names_of_now(home: Site) -> None:
    home.group(**TLS)
    home.settle_all()
    lost = group(home).status.nodes[PRIMARY].host
    there = [name for name in HOSTS if name != lost]
    home.power(lost, Power.OFF)
    home.clock.moment += timedelta(seconds=3)
    home.settle_all()
    home.call("DecreaseReplicaCount", ReplicationGroupId="rg", NewReplicaCount=1, ApplyImmediately=True)
    home.settle_all()
    assert_led(home, group(home), *there)
    home.power(lost, Power.ON)
    with pytest.raises(ConnectionRefusedError):
        home.gateways[lost].connect_by(NAMES.names(group(home), "primary")[0])
    home.settle_all()
    assert_led(home, group(home), *HOSTS)


def test_names_are_told_whenever_the_agent_dies(home: Site) -> None:
    home.cluster("one")
    for _ in moments(home, lambda: home.group(**TLS), fewest=4):
        home.settle_all()
        assert_led(home, group(home), *HOSTS)


def test_gateways_that_were_started_while_names_were_off_are_replaced(tmp_path: Path) -> None:
    home = site(tmp_path)
    home.group(**TLS)
    assert {one.labels.get(SNI) for one in home.backend.runtime.containers(GATEWAY)} == {None}
    assert_none(home, *HOSTS)
    home.naming = NAMES
    home.restart()
    home.settle_all()
    assert {one.labels.get(SNI) for one in home.backend.runtime.containers(GATEWAY)} == {"16444"}
    assert_led(home, group(home), *HOSTS)

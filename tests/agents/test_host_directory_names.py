"""Host names on several hosts: the directory of each answers for all of them, and they lead to hosts that are there."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cachewright.agents.memory.hosts import Power
from cachewright.agents.planning.labels import DIRECTORY, NAMING
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.hostnames import Naming
from tests.agents.site import HOSTS, Site, site
from tests.agents.test_crashes import moments
from tests.agents.test_hosts import PRIMARY

NAMES = Naming("cache.test", on=True)


@pytest.fixture
def home(tmp_path: Path) -> Site:
    return site(tmp_path, NAMES)


def group(home: Site) -> Cache:
    return home.cache(Kind.REPLICATION_GROUP, "rg")


def answered(home: Site, *hosts: str) -> dict[str, str]:
    """What is answered for every name, at each of these hosts the same."""
    told = [home.directories[host].state().names.values() for host in hosts]
    (every, *others) = [{name: to for names in each for name, to in names.items()} for each in told]
    assert others == [every] * len(others)
    return every


def assert_led(home: Site, *hosts: str) -> None:
    """Every name is answered for at these hosts, and leads to one of them: that of a node to where it runs."""
    known, every = group(home), answered(home, *hosts)
    assert every == NAMES.records(known)
    addresses = {HOSTS[host].address for host in hosts}
    assert set(every.values()) <= addresses
    for name, node in known.status.nodes.items():
        assert {every[one] for one in NAMES.names(known, name)} == {HOSTS[node.host].address}


def test_every_directory_answers_for_every_name(home: Site) -> None:
    home.group()
    home.settle_all()
    assert_led(home, *HOSTS)
    assert {one.labels[NAMING] for one in home.backend.runtime.containers(DIRECTORY)} == {"yes"}


def test_names_lead_to_hosts_that_are_there(home: Site) -> None:
    home.group()
    home.settle_all()
    told = group(home).status.endpoints["primary"].host
    (lost,) = (name for name, host in HOSTS.items() if host.address == told)
    home.power(lost, Power.OFF)
    home.clock.moment += timedelta(seconds=1)
    home.settle_all()
    assert_led(home, *(name for name in HOSTS if name != lost))
    moved = answered(home, *(name for name in HOSTS if name != lost))
    home.power(lost, Power.ON)
    home.settle_all()
    assert answered(home, *HOSTS) == moved


def test_names_follow_whenever_the_agent_dies(home: Site) -> None:
    home.group()
    home.settle_all()
    lost = group(home).status.nodes[PRIMARY].host
    home.power(lost, Power.OFF)
    home.clock.moment += timedelta(seconds=3)
    there = [name for name in HOSTS if name != lost]
    for _ in moments(home, home.settle_all, fewest=4):
        home.settle_all()
        assert_led(home, *there)


def test_a_directory_that_was_started_while_names_were_off_is_replaced(tmp_path: Path) -> None:
    home = site(tmp_path)
    home.cluster("mc", Engine="memcached")
    assert {one.labels[NAMING] for one in home.backend.runtime.containers(DIRECTORY)} == {"no"}
    home.naming = NAMES
    home.restart()
    home.settle_all()
    assert {one.labels[NAMING] for one in home.backend.runtime.containers(DIRECTORY)} == {"yes"}
    cache = home.cluster_of()
    assert answered(home, *HOSTS) == NAMES.records(cache)
    assert home.answer("h1", cache).nodes[0].host == NAMES.names(cache, "mc.0001")[0]


def test_host_names_need_ip_addresses_of_hosts(home: Site) -> None:
    with home.store.write() as transaction:
        transaction.hosts.write(replace(HOSTS["h2"], address="h2"))
    home.call(
        "CreateCacheCluster", CacheClusterId="one", Engine="redis", CacheNodeType="cache.t3.micro", NumCacheNodes=1
    )
    home.reconcile(home.cluster_of("one").key)
    assert "host h2 was told with the address h2" in home.cluster_of("one").status.reason

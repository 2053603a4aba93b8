"""Memcached clusters on several hosts: a directory beside the gateway of each, all of which answer the same."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.directory.program.listing import Entry, Listing
from cachewright.agents.memory.hosts import Power
from cachewright.agents.planning.labels import DIRECTORY
from cachewright.agents.system import listings
from cachewright.agents.system.directory import every
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.lifecycle import Phase
from tests.agents.site import HOSTS, Site, site
from tests.agents.test_crashes import moments
from tests.agents.test_loaded import eventually
from tests.house import PATIENCE, House

GLANCE = 0.3  # seconds in which who does not wait is done


@pytest.fixture
def home(tmp_path: Path) -> Site:
    return site(tmp_path)


def ask(home: Site, name: str = "mc", nodes: int = 3, **params: Any) -> None:
    asked = {"CacheClusterId": name, "Engine": "memcached", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": nodes}
    home.call("CreateCacheCluster", **asked, **{"AZMode": "cross-az", **params})


def made(home: Site, name: str = "mc", nodes: int = 3, **params: Any) -> Cache:
    """A new cluster over the zones."""
    ask(home, name, nodes, **params)
    home.settle_all()
    return home.cluster_of(name)


def drain(home: Site, name: str, *, draining: bool = True) -> None:
    with home.store.write() as transaction:
        transaction.hosts.write(replace(transaction.hosts.all()[name], draining=draining))


def places(cache: Cache) -> dict[str, str]:
    return {name: known.host for name, known in cache.status.nodes.items()}


def assert_discovered(home: Site, *hosts: str, name: str = "mc") -> Listing:
    """Clients are told the same at each of these hosts, and whoever they are told of is there at any."""
    cache = home.cluster_of(name)
    (told, *others) = [home.answer(host, cache) for host in hosts]
    assert others == [told] * len(others)
    nodes = cache.status.nodes
    at = {known: HOSTS[known.host] for known in nodes.values()}
    entries = {
        Entry(at[known].address, at[known].address, cache.status.endpoints[one].port) for one, known in nodes.items()
    }
    assert set(told.nodes) == entries
    assert set(told.targets) == {(known.address.host, known.address.port) for known in nodes.values()}
    for host in hosts:
        for entry in told.nodes:
            assert home.machine.processes.at(home.gateways[host].behind(entry.port).host)
    return told


def assert_sound(home: Site, *hosts: str) -> None:
    """Every directory of these hosts knows what is written down, and nothing runs that nobody knows."""
    written = listings.written(home.store, home.tools())
    assert [home.directories[host].state() for host in hosts] == [written] * len(hosts)
    assert sorted(host for host, _ in home.containers_of(DIRECTORY)) == sorted(hosts)
    nodes = [one.labels["cachewright.node"] for one in home.containers() if "cachewright.node" in one.labels]
    assert max(Counter(nodes).values(), default=1) == 1


def test_clients_discover_the_same_nodes_at_each_host(home: Site) -> None:
    cache = made(home)
    assert sorted(places(cache).values()) == sorted(HOSTS)
    assert assert_discovered(home, *HOSTS).version == 1
    assert_sound(home, *HOSTS)


def test_nodes_are_in_the_zones_that_were_asked_for(home: Site) -> None:
    cache = made(home, nodes=2, PreferredAvailabilityZones=["us-east-1c", "us-east-1b"])
    assert places(cache) == {"mc.0001": "h3", "mc.0002": "h2"}


def test_there_is_no_directory_before_somebody_needs_one(home: Site) -> None:
    home.group()
    home.settle_all()
    assert home.containers_of(DIRECTORY) == []
    made(home)
    assert len(home.containers_of(DIRECTORY)) == len(HOSTS)


def test_each_gateway_leads_to_the_directory_of_its_host(home: Site) -> None:
    cache = made(home)
    port = cache.status.endpoints["configuration"].port
    led = {host: home.gateways[host].behind(port).host for host in HOSTS}
    assert led == dict(home.containers_of(DIRECTORY))


@pytest.mark.parametrize("power", [Power.OFF, Power.CUT])
def test_nodes_of_a_host_that_is_away_are_rebuilt_and_every_surviving_host_says_so(home: Site, power: Power) -> None:
    before = assert_discovered(home, *HOSTS) if made(home) else None
    assert before
    home.power("h1", power)
    home.clock.moment += timedelta(seconds=1)
    home.settle_all()
    after = assert_discovered(home, "h2", "h3")
    assert after.version == before.version + 1
    assert len(after.nodes) == 3
    assert any("runs on host" in message and "no host of us-east-1a has room" in message for message in home.messages())
    home.power("h1", Power.ON)
    with pytest.raises(ConnectionRefusedError):
        home.answer("h1", home.cluster_of())
    home.settle_all()
    assert assert_discovered(home, *HOSTS) == after
    assert_sound(home, *HOSTS)


def test_a_host_that_comes_back_answers_nobody_before_its_directory_was_told_everything(home: Site) -> None:
    cache = made(home)
    home.power("h1", Power.OFF)
    home.clock.moment += timedelta(seconds=1)
    home.settle_all()
    home.power("h1", Power.ON)
    home.directories["h1"].answers = False
    for _ in range(3):
        for keeper in home.keepers:
            keeper.probe()
    assert not home.gateways["h1"].lapsed
    with pytest.raises(ConnectionRefusedError):
        home.gateways["h1"].behind(cache.status.endpoints["configuration"].port)
    home.directories["h1"].answers = True
    home.settle_all()
    assert_discovered(home, *HOSTS)


def test_a_cluster_is_available_once_it_is_discovered_at_each_host_that_answers(home: Site) -> None:
    """Not before a directory that answers was told everything, however long another one has answered nobody."""
    made(home)
    home.directories["h3"].answers = False
    home.turn()
    every(home.tools()).doubt("h1")
    ask(home, "other")
    with ThreadPoolExecutor() as pool:
        settling = pool.submit(House.settle, home)
        eventually(lambda: _is_listed(home.cluster_of("other")))
        assert not wait([settling], timeout=GLANCE).done
        assert home.cluster_of("other").phase is Phase.CREATING
        for keeper in home.keepers:
            keeper.probe()
        settling.result()
    cache = home.cluster_of("other")
    assert cache.phase is Phase.AVAILABLE
    for host in ("h1", "h2"):
        assert home.answer(host, cache).version == 1


def _is_listed(cache: Cache) -> bool:
    """Whether it was decided who is listed."""
    return cache.status.discovery is not None and cache.status.discovery.version > 0


def test_a_directory_that_misses_something_is_told_it_later(home: Site) -> None:
    made(home)
    home.directories["h2"].answers = False
    home.call("ModifyCacheCluster", CacheClusterId="mc", NumCacheNodes=5, ApplyImmediately=True)
    House.settle(home)
    assert len(assert_discovered(home, "h1", "h3").nodes) == 5
    home.directories["h2"].answers = True
    home.settle_all()
    assert assert_discovered(home, *HOSTS).version == 3


def test_what_was_deleted_meanwhile_is_forgotten_by_who_missed_it(home: Site) -> None:
    made(home)
    made(home, "other")
    home.directories["h2"].answers = False
    home.call("DeleteCacheCluster", CacheClusterId="other")
    House.settle(home)
    home.directories["h2"].answers = True
    home.settle_all()
    assert_sound(home, *HOSTS)


def test_a_directory_that_somebody_removes_comes_back_and_is_led_to(home: Site) -> None:
    before = assert_discovered(home, *HOSTS) if made(home) else None
    (name,) = [one.name for one in home.backend.runtime.containers(DIRECTORY) if one.host == "h2"]
    home.backend.runtime.remove(name)
    home.settle_all()
    assert assert_discovered(home, *HOSTS) == before


def test_a_host_that_joins_others_answers_as_they_do(home: Site) -> None:
    with home.store.write() as transaction:
        transaction.hosts.remove("h3")
    made(home, nodes=2)
    before = assert_discovered(home, "h1", "h2")
    assert_sound(home, "h1", "h2")
    with home.store.write() as transaction:
        transaction.hosts.write(replace(HOSTS["h3"], joining=True))
    home.settle_all()
    assert assert_discovered(home, *HOSTS) == before
    assert_sound(home, *HOSTS)


def test_nodes_leave_a_drained_host_one_by_one(home: Site) -> None:
    made(home)
    drain(home, "h2")
    home.settle_all()
    told = assert_discovered(home, *HOSTS)
    assert "h2" not in places(home.cluster_of()).values()
    assert told.version == 2


def test_an_encrypted_cluster_is_discovered_at_a_host_that_comes_back(home: Site) -> None:
    made(home, TransitEncryptionEnabled=True)
    home.power("h3", Power.OFF)
    home.clock.moment += timedelta(seconds=1)
    home.settle_all()
    home.power("h3", Power.ON)
    home.settle_all()
    assert assert_discovered(home, *HOSTS).encrypted
    assert_sound(home, *HOSTS)


def create(home: Site) -> None:
    home.settle_all()
    ask(home)


def lose_a_host(home: Site) -> None:
    made(home)
    home.power("h1", Power.OFF)
    home.clock.moment += PATIENCE


def get_a_host_back(home: Site) -> None:
    """What was cut off comes back once it is without nodes."""
    made(home)
    home.power("h1", Power.CUT)
    home.clock.moment += PATIENCE
    home.settle_all()
    home.power("h1", Power.ON)


def drain_a_host(home: Site) -> None:
    made(home)
    drain(home, "h3")


def shrink(home: Site) -> None:
    made(home)
    gone = {"NumCacheNodes": 2, "CacheNodeIdsToRemove": ["0001"]}
    home.call("ModifyCacheCluster", CacheClusterId="mc", ApplyImmediately=True, **gone)


@pytest.mark.parametrize("way", [create, lose_a_host, get_a_host_back, drain_a_host, shrink])
def test_an_agent_may_die_at_any_deed(home: Site, way: Any) -> None:
    way(home)
    away = [name for name, host in home.machine.hosts.known.items() if host.power is not Power.ON]
    there = [name for name in HOSTS if name not in away]
    for _ in moments(home, home.settle_all, fewest=4):
        home.settle_all()
        assert home.cluster_of().phase == "available"
        assert_discovered(home, *there)
        assert_sound(home, *there)


def test_the_end_of_a_cluster_is_told_whenever_the_agent_dies(home: Site) -> None:
    made(home)
    home.call("DeleteCacheCluster", CacheClusterId="mc")
    for _ in moments(home, home.settle_all):
        home.settle_all()
        assert_sound(home, *HOSTS)
        assert not any(home.directories[host].state().discovery for host in HOSTS)

"""Limits of serverless caches on the pretend machine: how much is held, and through whom clients come."""

from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.memory.engines.figures import limit
from cachewright.agents.planning.containers import Container, State
from cachewright.agents.planning.labels import METERED, NODE, ROLE
from cachewright.agents.planning.links import METERING_PORT
from cachewright.controlplane.model.cache import Address, Cache, Kind
from tests.agents.test_serverless_snapshots import serverless
from tests.house import House, house

GIB = 1024**3


@pytest.fixture
def home(tmp_path: Path) -> House:
    return house(tmp_path)


def limited(home: House, **limits: Any) -> Cache:
    return serverless(home, CacheUsageLimits=limits)


def modified(home: House, **limits: Any) -> Cache:
    home.call("ModifyServerlessCache", ServerlessCacheName="sc", CacheUsageLimits=limits)
    home.settle()
    return home.cache(Kind.SERVERLESS_CACHE, "sc")


def relays(home: House) -> dict[str, str]:
    """How many ECPUs each lets pass, by the node that it is beside."""
    found = (each for each in home.containers() if each.labels.get(ROLE) == "relay")
    return {each.labels[NODE]: each.labels.get(METERED, "") for each in found if each.state is State.RUNNING}


def leads(home: House, cache: Cache) -> dict[str, list[str]]:
    """Where each endpoint leads: to which node, and to which port."""
    names = {known.address.host: name for name, known in cache.status.nodes.items()}
    routes = home.routes()
    return {
        name: [f"{names[target.host]} {target.port}" for target in routes[cache.status.endpoints[name]]]
        for name in ("primary", "reader")
    }


def counted(cache: Cache) -> dict[str, list[str]]:
    """Both endpoints by the relay of the primary, which counts for the whole cache."""
    door = f"{cache.status.shards['0001'].primary} {METERING_PORT}"
    return {"primary": [door], "reader": [door]}


def relay_of(home: House, cache: Cache) -> Container:
    leader = cache.status.shards["0001"].primary
    return next(each for each in home.containers() if (each.labels.get(ROLE), each.labels[NODE]) == ("relay", leader))


def test_without_a_limit_nobody_is_between(home: House) -> None:
    cache = serverless(home)
    assert relays(home) == {}
    first, second = (node.name for node in cache.spec.nodes)
    assert leads(home, cache) == {"primary": [f"{first} 6379"], "reader": [f"{second} 6379"]}


def test_with_a_limit_clients_come_by_the_relay_of_the_primary(home: House) -> None:
    cache = limited(home, ECPUPerSecond={"Maximum": 5000})
    assert relays(home) == {node.name: "5000" for node in cache.spec.nodes}
    assert leads(home, cache) == counted(cache)


def test_a_limit_comes_and_goes(home: House) -> None:
    cache = serverless(home)
    life = {name: known.life for name, known in cache.status.nodes.items()}
    cache = modified(home, ECPUPerSecond={"Maximum": 1000})
    assert (set(relays(home).values()), leads(home, cache)) == ({"1000"}, counted(cache))
    cache = modified(home, ECPUPerSecond={"Maximum": 2000})
    assert (set(relays(home).values()), leads(home, cache)) == ({"2000"}, counted(cache))
    cache = modified(home, ECPUPerSecond={"Maximum": 0})
    assert relays(home) == {}
    assert {target.rpartition(" ")[2] for targets in leads(home, cache).values() for target in targets} == {"6379"}
    assert {name: known.life for name, known in cache.status.nodes.items()} == life


def test_a_relay_that_dies_keeps_nobody_out(home: House) -> None:
    cache = limited(home, ECPUPerSecond={"Maximum": 5000})
    home.machine.kill(relay_of(home, cache).name)
    home.settle()
    cache = home.cache(Kind.SERVERLESS_CACHE, "sc")
    assert set(relays(home).values()) == {"5000"}
    assert leads(home, cache) == counted(cache)


def test_after_a_failover_the_new_primary_is_reached_by_its_relay(home: House) -> None:
    cache = limited(home, ECPUPerSecond={"Maximum": 5000})
    before = cache.status.shards["0001"].primary
    container = next(each for each in home.containers() if each.labels[NODE] == before and ROLE not in each.labels)
    home.machine.kill(container.name)
    home.settle()
    cache = home.cache(Kind.SERVERLESS_CACHE, "sc")
    assert cache.status.shards["0001"].primary != before
    assert set(relays(home).values()) == {"5000"}
    assert leads(home, cache) == counted(cache)


def test_a_deleted_cache_leaves_no_relay(home: House) -> None:
    limited(home, ECPUPerSecond={"Maximum": 5000})
    home.call("DeleteServerlessCache", ServerlessCacheName="sc")
    home.settle()
    assert home.containers() == []


def test_memcached_is_not_counted(home: House) -> None:
    cache = serverless(home, Engine="memcached", CacheUsageLimits={"ECPUPerSecond": {"Maximum": 5000}})
    assert relays(home) == {}
    assert "CacheUsageLimits" in cache.presentation.unbuilt


def held(home: House, address: Address) -> int:
    process = home.machine.processes.at(address.host)
    return int(process.configuration.get("maxmemory") or limit(process))


def test_a_cache_holds_as_much_as_its_limit_says(home: House) -> None:
    cache = limited(home, DataStorage={"Maximum": 2, "Unit": "GB"})
    assert {held(home, known.address) for known in cache.status.nodes.values()} == {2 * GIB}
    life = {name: known.life for name, known in cache.status.nodes.items()}
    cache = modified(home, DataStorage={"Maximum": 1, "Unit": "GB"})
    assert {held(home, known.address) for known in cache.status.nodes.values()} == {GIB}
    cache = modified(home, DataStorage={"Maximum": 0, "Unit": "GB"})
    assert all(held(home, known.address) > 2 * GIB for known in cache.status.nodes.values())
    assert {name: known.life for name, known in cache.status.nodes.items()} == life

"""Serverless caches on the pretend machine: one endpoint, whoever is behind it."""

from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.engines.redis import cluster_options
from cachewright.agents.planning.cluster.nodes import NOWHERE
from cachewright.agents.planning.links import reach
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.hostnames import Naming
from cachewright.controlplane.model.versions import Engine
from tests.agents.test_crashes import Crash, Fuse, fused
from tests.house import MODES, House, house


@pytest.fixture(params=MODES)
def home(tmp_path: Path, request: pytest.FixtureRequest) -> House:
    """A new house, whose endpoints are reached either way."""
    return house(tmp_path, MODES[request.param])


def created(home: House, **params: Any) -> Cache:
    """A serverless cache, available."""
    home.call("CreateServerlessCache", **{"ServerlessCacheName": "s", "Engine": "redis"} | params)
    return settled(home)


def settled(home: House) -> Cache:
    """The cache, once it has come to rest."""
    home.settle()
    return home.cache(Kind.SERVERLESS_CACHE, "s")


def assert_sound(home: House, cache: Cache) -> None:
    """One endpoint at two ports, that nodes tell clients by their roles, and which lead to these roles."""
    status, drivers = cache.status, home.backend.drivers
    primary, reader = status.endpoints["primary"], status.endpoints["reader"]
    leader = status.shards["0001"].primary
    (follower,) = set(status.nodes) - {leader}
    assert home.routes()[primary] == (status.nodes[leader].address,)
    assert home.routes()[reader] == (status.nodes[follower].address,)
    for name, told in ((leader, primary), (follower, reader)):
        answer = drivers[cache.spec.engine].look(reach(status, name))
        assert answer
        assert answer.membership
        assert answer.membership.port == told.port
        assert status.nodes[name].address.port == primary.port
    assert cache.reason == ""


def test_an_endpoint_of_two_ports(home: House) -> None:
    cache = created(home)
    assert_sound(home, cache)
    ports = (6379, 6380) if home.published is None else (6379, home.published[0])
    assert tuple(cache.status.endpoints[name].port for name in ("primary", "reader")) == ports
    assert cache.status.endpoints["primary"].host == cache.status.endpoints["reader"].host
    assert {node.zone for node in cache.spec.nodes} == {"us-east-1a", "us-east-1b"}


@pytest.mark.parametrize("what", ["kill", "pause", "remove"])
def test_the_endpoint_outlives_its_primary(home: House, what: str) -> None:
    cache = created(home)
    before, leader = cache.status.endpoints, cache.status.shards["0001"].primary
    home.machine.processes.write(cache.status.nodes[leader].address.host, "key", "value")
    getattr(home.machine, what)(home.container(leader))
    cache = settled(home)
    assert cache.status.endpoints == before
    assert cache.status.shards["0001"].primary != leader
    assert_sound(home, cache)
    assert f"s: Failover from node {leader} to node {cache.status.shards['0001'].primary}." in home.messages()


def test_another_engine_rolls_through_the_nodes(home: House) -> None:
    before = created(home).status.endpoints
    home.call("ModifyServerlessCache", ServerlessCacheName="s", Engine="valkey", MajorEngineVersion="8")
    cache = settled(home)
    assert (cache.status.version, cache.status.endpoints) == ("8.2.0", before)
    assert_sound(home, cache)


def test_both_nodes_begin_together_as_replicas_of_nobody(tmp_path: Path) -> None:
    """Then neither the primary nor the replica waits: it takes over, and is followed."""
    home = house(tmp_path)
    cache = created(home)
    assert {known.life for known in cache.status.nodes.values()} == {1}
    told = [home.machine.files(home.container(name))[cluster_options.STATE].decode() for name in cache.status.nodes]
    for text in told:
        rows = {row[0]: row[1:4] for line in text.splitlines() if (row := line.split(" "))[0] != "vars"}
        (absent,) = (name for name, (place, _, _) in rows.items() if place.startswith(f"{NOWHERE}@"))
        assert {follows for name, (_, _, follows) in rows.items() if name != absent} == {absent}
        assert sum("myself,slave" in flags for _, flags, _ in rows.values()) == 1
    known = [home.backend.drivers[cache.spec.engine].look(reach(cache.status, name)) for name in cache.status.nodes]
    assert all(one and one.membership and len(one.membership.peers) == 2 for one in known)


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_every_prefix_of_a_creation_comes_to_rest(before: bool, tmp_path: Path) -> None:
    for number in range(1, 40):
        (directory := tmp_path / str(number)).mkdir()
        home = house(directory)
        home.restart(fused(home.backend, Fuse(number, before)))
        try:
            created(home)
            return  # it took fewer deeds
        except Crash:
            home.restart()
        assert_sound(home, settled(home))
    raise AssertionError("the creation never ends")


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_every_prefix_of_a_failover_comes_to_rest(before: bool, tmp_path: Path) -> None:
    for number in range(1, 40):
        (directory := tmp_path / str(number)).mkdir()
        home = house(directory)
        leader = created(home).status.shards["0001"].primary
        home.machine.kill(home.container(leader))
        home.restart(fused(home.backend, Fuse(number, before)))
        try:
            home.settle()
            return  # it took fewer deeds
        except Crash:
            home.restart()
        assert_sound(home, settled(home))
    raise AssertionError("the failover never ends")


def test_memcached_has_one_node_behind_both_ports(home: House) -> None:
    cache = created(home, Engine="memcached")
    (node,) = cache.status.nodes.values()
    assert set(home.routes().values()) == {(node.address,)}
    assert {"primary", "reader"} <= set(cache.status.endpoints)
    assert cache.spec.engine is Engine.MEMCACHED


def test_it_is_called_by_one_name(tmp_path: Path) -> None:
    home = house(tmp_path)
    home.naming = Naming(on=True)
    home.restart()
    cache = created(home)
    (name,) = {cache.status.shown(endpoint).host for endpoint in ("primary", "reader")}
    assert name.startswith("s-")
    assert name.endswith(".serverless.use1.cache.cachewright.test")


def test_nothing_is_left_of_it(home: House) -> None:
    created(home)
    home.call("DeleteServerlessCache", ServerlessCacheName="s")
    home.settle()
    assert (home.containers(), home.routes()) == ([], {})
    assert home.messages()[-1] == "s: Cache s was deleted."
    with home.store.read() as transaction:
        assert transaction.caches.keys() == []

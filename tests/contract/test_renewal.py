"""Processes that begin anew in their containers, of the pretend engine and of real ones."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from cachewright.agents.engines.command_lines import command
from cachewright.agents.engines.driver import having
from cachewright.agents.engines.facets import Renewal
from cachewright.agents.engines.redis.renewal import renewable
from cachewright.agents.engines.start import Start
from cachewright.agents.memory.runtime import MemoryRuntime
from cachewright.agents.planning.containers import Blueprint, Container
from cachewright.agents.planning.sizing import Size
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import ClusterMode
from tests.contract.test_cluster_driver import ENGINES, MIB, PORT, World, _made, _pretend, eventually
from tests.e2e.cloud import redis_at


@pytest.fixture(params=[pytest.param(_pretend, id="pretend"), *ENGINES])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Without cluster mode."""
    for made in _made(request.param):
        yield replace(made, spec=replace(made.spec, cluster_mode=ClusterMode.DISABLED))


def renewal(world: World) -> Renewal:
    return having(world.driver.renewal, world.spec.engine, "a process that begins anew")


def started(world: World, *, anew: bool = True) -> Container:
    """A node that can begin anew, or one that cannot."""
    words = command(world.spec, Start(Size(400 * MIB, 700 * MIB), world.version, PORT))
    made = Blueprint(world.prefix, world.image, words, world.reach(0).address.host, 700 * MIB, {})
    where = "/usr/bin" if world.image.rpartition(":")[2].count("debian") or world.image == "redis" else "/usr/local/bin"
    again = replace(made, command=renewable(words, world.version), directory=where)
    world.runtime.launch(again if anew else made)
    assert eventually(partial(world.driver.ping, world.reach(0)))
    (container,) = world.runtime.containers()
    return container


def test_nothing_of_a_process_is_left_but_its_container(world: World) -> None:
    before, node = started(world), world.reach(0)
    if isinstance(world.runtime, MemoryRuntime):
        processes = world.runtime.machine.processes
        processes.write(node.address.host, "key", "value")
        renewal(world).renew(node)
        assert processes.at(node.address.host).data == {}
    else:
        assert_renewed(world)
    assert world.driver.ping(node)
    assert world.runtime.containers() == [before]


def assert_renewed(world: World) -> None:
    """Of keys, settings, scripts, users, figures and connections nothing is left, and each process is another one."""
    place = (world.reach(0).address.host, PORT)
    with socket.create_connection(place, timeout=5) as idle, redis_at(place) as client:
        fresh = client.config_get("*"), client.acl_list()
        script = client.script_load("return 1")
        client.set("key", "value")
        client.config_set("maxmemory-policy", "allkeys-random")
        client.acl_setuser("somebody", enabled=True, nopass=True)
        process = client.info("server")["run_id"]
        renewal(world).renew(world.reach(0))
        assert idle.recv(1) == b""
        assert client.dbsize() == 0
        assert client.script_exists(script) == [False]
        assert (client.config_get("*"), client.acl_list()) == fresh
        assert "cmdstat_set" not in client.info("commandstats")
        assert client.info("server")["run_id"] != process
        assert client.info("server")["process_id"] == 1


def test_a_process_that_does_not_know_where_its_program_is_refuses_and_goes_on(world: World) -> None:
    started(world, anew=False)
    with pytest.raises(Later):
        renewal(world).renew(world.reach(0))
    assert world.driver.ping(world.reach(0))

"""What every client of a drill keeps, the pretend one and Redis's alike."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cachewright.agents.drills.clients import pretend
from cachewright.agents.engines.redis.probe import Client, Probe, RedisClient, Refused, longest_gap
from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.planning.links import Reach
from cachewright.agents.runtime.connection import Engine
from cachewright.agents.runtime.docker import DockerRuntime
from cachewright.agents.runtime.images import Images
from cachewright.agents.toolbox import LazyTools
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.versions import Engine as EngineName
from cachewright.controlplane.model.versions import requested_version
from tests.e2e.waiting import until
from tests.house import house

LIMIT = 16 << 20  # bytes that the engine may fill
COMMAND = ("redis-server", "--protected-mode", "no", "--save", "", "--maxmemory", str(LIMIT))


@dataclass(frozen=True, slots=True)
class World:
    """A client of a node, and how to end the node."""

    client: Client
    kill: Callable[[], None]


def _memory(directory: Path) -> Iterator[World]:
    home = house(directory)
    cache = home.cluster("one")
    where = Reach(cache.status.nodes["one.0001"].address)
    client = pretend(LazyTools(home.store, "test", home.backend, home.files, home.buckets).tools(), where)
    yield World(client, lambda: home.machine.kill(home.container("one.0001")))


def _docker(_: Path) -> Iterator[World]:
    instance, engine = f"cwdc-{uuid.uuid4().hex[:8]}", Engine()
    row = requested_version(EngineName.REDIS, "7.1")
    image = Images(engine).find(row.engine, row.version, row.family, row.upstream).reference
    runtime = DockerRuntime(instance, engine)
    address = str(runtime.open_network().first_node)
    try:
        runtime.launch(Blueprint(f"{instance}-0", image, COMMAND, address, 8 * LIMIT, {}))
        client = RedisClient(Address(address, 6379))
        until("the engine takes writes", lambda: _takes_writes(client))
        yield World(client, lambda: runtime.kill(f"{instance}-0"))
    finally:
        runtime.raze()


@pytest.fixture(
    params=[pytest.param(_memory, id="memory"), pytest.param(_docker, id="docker", marks=pytest.mark.docker)]
)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    make: Callable[[Path], Iterator[World]] = request.param
    yield from make(tmp_path)


def test_what_is_written_is_read_until_it_is_swept(world: World) -> None:
    for key in ("drill:1", "drill:2", "mine"):
        world.client.write(key, "x")
    assert world.client.read(["drill:1", "drill:3", "mine"]) == ["x", None, "x"]
    assert world.client.sweep("drill:") == 2
    assert world.client.sweep("drill:") == 0
    assert world.client.read(["drill:1", "mine"]) == [None, "x"]


def test_whoever_is_gone_refuses(world: World) -> None:
    world.kill()
    with pytest.raises(Refused):
        world.client.write("a", "1")
    with pytest.raises(Refused):
        world.client.read(["a"])
    with pytest.raises(Refused):
        world.client.sweep("a")


def test_a_probe_counts_what_it_was_promised(world: World) -> None:
    with Probe(world.client, "probe") as probe:
        until("some writes are acknowledged", lambda: len(probe.acknowledged) > 10)
    assert probe.lost() == 0
    assert probe.failures == 0
    assert longest_gap(probe.acknowledged, 0.0) > 0
    world.client.sweep("probe:3")
    assert probe.lost() == 1


def test_a_probe_goes_on_when_it_is_refused(world: World) -> None:
    with Probe(world.client, "probe") as probe:
        until("a write is acknowledged", lambda: probe.acknowledged)
        world.kill()
        until("several are refused", lambda: probe.failures > 3)
    assert probe.complaint


@pytest.mark.docker
def test_memory_is_filled_to_the_brim(tmp_path: Path) -> None:
    for world in _docker(tmp_path):
        assert world.client.fill("junk:", lambda: True) == 0
        written = world.client.fill("junk:", lambda: False)
        assert written * (256 << 10) > LIMIT // 4
        with pytest.raises(Refused, match="maxmemory"):
            world.client.write("one more", "x")
        assert world.client.sweep("junk:") == written
        world.client.write("one more", "x")


def _takes_writes(client: Client) -> bool:
    try:
        client.write("first", "x")
    except Refused:
        return False
    return True

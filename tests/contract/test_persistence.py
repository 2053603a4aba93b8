"""Files of what nodes hold, from the pretend engine and from real ones."""

import subprocess
from collections.abc import Iterator

import pytest
from redis import Redis

from cachewright.agents.engines.driver import having
from cachewright.agents.engines.facets import Persistence, Save
from cachewright.agents.memory.rdb import loaded
from cachewright.agents.memory.runtime import MemoryRuntime
from cachewright.agents.planning.containers import Blueprint, Tmpfs
from cachewright.agents.planning.verdicts import Later
from tests.contract.test_cluster_driver import ENGINES, PAIRS, PORT, World, _made, _pretend, eventually, real

__all__ = ["real"]


@pytest.fixture(params=[pytest.param(_pretend, id="pretend"), *ENGINES])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A cluster of one node that holds something."""
    for made in _made(request.param):
        made.found(1)
        made.write(made.reach(0).address, PAIRS)
        yield made


def persistence(world: World) -> Persistence:
    return having(world.driver.persistence, world.spec.engine, "persistence")


def finished(world: World, save: Save) -> str:
    """The path of the file, once there is one."""
    paths: list[str] = []

    def look() -> bool:
        paths.extend(filter(None, [persistence(world).saved(world.reach(0), save)]))
        return bool(paths)

    assert eventually(look)
    return paths[0]


def content(world: World, path: str) -> bytes:
    return b"".join(world.runtime.read(f"{world.prefix}-0", path))


def keys_of(world: World, path: str) -> int:
    """How many keys a file has, in the judgement of the engine that wrote it."""
    if isinstance(world.runtime, MemoryRuntime):
        return len(loaded(content(world, path)))
    program = f"{world.spec.engine}-check-rdb"
    words = ["docker", "exec", f"{world.prefix}-0", program, path]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert "Looks OK" in said or "looks OK" in said, said
    return int(next(line for line in said.splitlines() if "keys read" in line).split()[1])


def test_everything_is_saved_in_a_file_that_is_whole(world: World) -> None:
    node, save = world.reach(0), persistence(world).begin_save(world.reach(0))
    path = finished(world, save)
    whole = content(world, path)
    assert whole[:5] in (b"REDIS", b"VALKE")
    assert whole[-9] == 0xFF
    assert keys_of(world, path) == len(PAIRS)
    world.write(node.address, {"later": "1"})
    again = finished(world, persistence(world).begin_save(node))
    assert keys_of(world, again) == len(PAIRS) + 1


def test_what_was_read_is_discarded_and_does_not_come_back_at_a_restart(world: World) -> None:
    path = finished(world, persistence(world).begin_save(world.reach(0)))
    name = f"{world.prefix}-0"
    world.runtime.copy(name, [persistence(world).discarded()], "10001:10001")
    assert len(content(world, path)) < 20
    world.runtime.restart(name)
    world.driver.disconnect(world.reach(0).address)
    world.agree()
    assert world.read(world.reach(0).address, list(PAIRS)) == [None] * len(PAIRS)
    assert keys_of(world, finished(world, persistence(world).begin_save(world.reach(0)))) == 0


def test_a_restart_without_that_would_bring_it_back(world: World) -> None:
    finished(world, persistence(world).begin_save(world.reach(0)))
    world.runtime.restart(f"{world.prefix}-0")
    world.driver.disconnect(world.reach(0).address)
    world.agree()
    assert world.read(world.reach(0).address, list(PAIRS)) == list(PAIRS.values())


def test_a_save_ends_with_its_process(world: World) -> None:
    save = persistence(world).begin_save(world.reach(0))
    world.runtime.restart(f"{world.prefix}-0")
    world.driver.disconnect(world.reach(0).address)
    world.agree()
    with pytest.raises(Later, match="it was started anew meanwhile"):
        persistence(world).saved(world.reach(0), save)


def test_a_node_that_is_gone_saves_nothing(world: World) -> None:
    save = persistence(world).begin_save(world.reach(0))
    world.kill(0)
    with pytest.raises(Later, match="cannot see whether"):
        persistence(world).saved(world.reach(0), save)
    with pytest.raises(Later, match=r"cannot have .* save what it holds"):
        persistence(world).begin_save(world.reach(0))


@pytest.mark.docker
def test_one_save_waits_for_another_and_one_that_is_ended_is_no_success(real: World) -> None:
    slow = _alone(real, ("--rdb-key-save-delay", "2000"))
    save = persistence(real).begin_save(real.reach(0))
    with pytest.raises(Later, match="another save is under way"):
        persistence(real).begin_save(real.reach(0))
    assert persistence(real).saved(real.reach(0), save) is None
    slow.flushall()
    with pytest.raises(Later, match="somebody ended the save"):
        finished(real, save)


@pytest.mark.docker
def test_a_disk_that_is_full_is_told_and_clients_go_on_writing(real: World) -> None:
    client = _alone(real, (), Tmpfs("/tmp", 1 << 16))
    client.set("large", "x" * (1 << 20))
    client.config_set("rdbcompression", "no")
    save = persistence(real).begin_save(real.reach(0))
    with pytest.raises(Later, match="the engine could not write the file"):
        finished(real, save)
    assert client.set("more", "1")
    client.delete("large")
    assert finished(real, persistence(real).begin_save(real.reach(0)))


@pytest.mark.docker
def test_a_node_that_loads_answers_and_says_so(real: World) -> None:
    client = _alone(real, ("--key-load-delay", "300", "--rdbcompression", "no"))
    client.mset({f"key {number}": "x" * 2000 for number in range(6000)})  # it listens once in 2 MiB
    finished(real, persistence(real).begin_save(real.reach(0)))
    real.runtime.restart(f"{real.prefix}-0")
    real.driver.disconnect(real.reach(0).address)
    said: list[bool] = []

    def look() -> bool:
        answer = real.driver.look(real.reach(0))
        said.extend([answer.loading] if answer else [])
        return bool(said) and not said[-1]

    assert eventually(look)
    assert said[0]


def _alone(real: World, words: tuple[str, ...], *memory: Tmpfs) -> Redis:
    """A node that is no cluster's, with some keys."""
    command = (f"{real.spec.engine}-server", "--save", "", "--dir", "/tmp", "--protected-mode", "no", *words)
    address = str(real.network.first_node)
    made = Blueprint(f"{real.prefix}-0", real.image, command, address, 700 << 20, {"n": "0"}, tmpfs=memory)
    real.runtime.launch(made)
    client = Redis(address, PORT)
    assert eventually(lambda: real.driver.ping(real.reach(0)))
    client.mset(dict(PAIRS))
    return client

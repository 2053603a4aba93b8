"""Slow logs, and what containers say, of pretend and of real engines."""

from collections.abc import Iterator

import pytest
from redis import Redis

from cachewright.agents.engines.driver import having
from cachewright.agents.engines.facets import SlowLog
from cachewright.agents.memory.runtime import MemoryRuntime
from cachewright.agents.planning.log_records import SlowEntry, engine_line
from cachewright.controlplane.model.versions import Engine
from tests.contract.test_cluster_driver import ENGINES, PORT, World, _made, _pretend, eventually

REDIS7 = next(engine for engine in ENGINES if engine.id == "redis7")


@pytest.fixture(params=[pytest.param(_pretend, id="pretend"), REDIS7])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """One node."""
    for made in _made(request.param):
        made.found(1)
        yield made


def slow_log(world: World) -> SlowLog:
    return having(world.driver.slow_log, Engine.REDIS, "slow logs")


def be_slow(world: World) -> int:
    """A client named `someone` asks something slowly; the id of the entry."""
    if isinstance(world.runtime, MemoryRuntime):
        slow = world.runtime.machine.processes.at(world.reach(0).address.host).slow
        slow.append(SlowEntry(len(slow), 1, 20000, (b"DEBUG", b"SLEEP", b"0.02"), b"10.0.0.1:5", b"someone"))
        return len(slow) - 1
    with Redis(world.reach(0).address.host, PORT, client_name="someone") as client:
        client.eval("local s = 0; for i = 1, 50000000 do s = s + i end; return s", 0)
        newest: int = client.slowlog_get(1)[0]["id"]
        return newest


def test_a_slow_command_is_told_with_its_client_and_its_process(world: World) -> None:
    identifier = be_slow(world)
    end = slow_log(world).end_of_slow_log(world.reach(0))
    assert end
    assert (end.id, len(end.process)) == (identifier, 40)
    entry = slow_log(world).slow_entries(world.reach(0), 10)[-1]
    assert (entry.id, entry.name) == (identifier, b"someone")
    assert entry.duration > 10_000
    assert b":" in entry.address


def test_another_process_has_another_name(world: World) -> None:
    before = slow_log(world).end_of_slow_log(world.reach(0))
    world.runtime.restart(f"{world.prefix}-0")
    world.driver.disconnect(world.reach(0).address)
    assert before
    assert eventually(lambda: slow_log(world).end_of_slow_log(world.reach(0)) is not None)
    after = slow_log(world).end_of_slow_log(world.reach(0))
    assert after
    assert after.process != before.process


def test_a_node_that_is_frozen_tells_nothing(world: World) -> None:
    world.runtime.pause(f"{world.prefix}-0")
    assert slow_log(world).end_of_slow_log(world.reach(0)) is None
    world.runtime.unpause(f"{world.prefix}-0")


def test_what_a_container_says_is_told_from_a_moment_on(world: World) -> None:
    name = f"{world.prefix}-0"
    if isinstance(world.runtime, MemoryRuntime):
        for moment in (1, 2, 3):
            world.runtime.machine.say(name, moment, b"1:M 01 Jan 2026 00:00:00.000 * hello")
    said = world.runtime.log(name, 0, 1000)
    assert len(said) > 2
    assert any(engine_line(line.text) for line in said)
    assert [line.moment for line in said] == sorted(line.moment for line in said)
    middle = said[len(said) // 2].moment
    assert world.runtime.log(name, middle, 1000) == [line for line in said if line.moment > middle]
    assert world.runtime.log(name, said[-1].moment, 1000) == []
    assert world.runtime.log(name, 0, 2) == said[:2]

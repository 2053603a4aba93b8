"""Nodes that are started before anybody asks for them: who gets one, what it then is, and what a crash leaves."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from cachewright.agents.backends import Backend
from cachewright.agents.memory.runtime import MemoryRuntime
from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.planning.labels import CACHE, WARM
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.reconcile.turns import Priority, Turn, Until
from cachewright.agents.reconcile.warm.pool import WarmPool, keep
from cachewright.agents.reconcile.warm.shapes import USUAL
from cachewright.agents.reconcile.warm.stock import Stock
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.versions import Engine, requested_version
from tests.agents.test_crashes import Crash, Fuse, Fused
from tests.agents.test_reconcile import assert_sound
from tests.e2e.waiting import until
from tests.house import MODES, House, house

DEBUG = ("--enable-debug-command", "yes")
REDIS, MEMCACHED = requested_version(Engine.REDIS, "7.1"), requested_version(Engine.MEMCACHED, None)


@pytest.fixture(params=MODES)
def home(tmp_path: Path, request: pytest.FixtureRequest) -> House:
    """A new house, whose endpoints are reached either way."""
    return house(tmp_path, MODES[request.param])


def warmed(home: House, backend: Backend | None = None, redis: int = 2) -> WarmPool:
    """Another run of the agent, in a process of its own, whose pool is filled."""
    home.backend = replace(home.backend, runtime=MemoryRuntime("test", home.machine))
    pool = WarmPool(home.store, Stock({REDIS: redis, MEMCACHED: 1}, restricted=home.restricted))
    home.restart(backend, ahead=pool)
    pool.clear(home.tools())
    pool.stock.open()
    fill(pool, home)
    return pool


def fill(pool: WarmPool, home: House) -> None:
    while pool.fill(home.tools()):
        pass


@contextmanager
def kept(home: House, pool: WarmPool) -> Iterator[None]:
    """The pool is kept filled meanwhile."""
    stop = Event()
    with ThreadPoolExecutor(1) as thread:
        keeping = thread.submit(keep, pool, home.tools, stop)
        try:
            yield
        finally:
            stop.set()
            pool.stock.wake()
            keeping.result()


def idle(home: House) -> list[str]:
    return [container.name for container in home.backend.runtime.containers(WARM)]


def started(home: House, cache: Cache) -> set[str]:
    """When the processes of a cache were started."""
    every = home.backend.runtime.containers({CACHE: str(cache.key)})
    return {one.started_at for one in every}


def as_it_is(home: House, cache: Cache) -> tuple[object, ...]:
    """The container of a cache of one node, but for its address, for what lets it begin anew, and for what differs
    between any two caches.
    """
    (node,) = cache.status.nodes.values()
    process = home.machine.processes.at(node.address.host)
    made = process.blueprint
    command = tuple(word.replace(node.address.host, "ADDRESS") for word in made.command)
    (found,) = home.backend.runtime.containers({CACHE: str(cache.key)})
    command = command[:-2] if command[-2:] == DEBUG else command
    return (
        replace(made, name="", labels={}, address="", command=command, directory=""),
        sorted(found.labels),
        found.state,
    )


def redis(home: House, name: str, **params: Any) -> Cache:
    return home.group(name, nodes=1, CacheNodeType=USUAL, **params)


def test_a_cache_gets_a_node_that_ran_before_and_is_what_it_would_have_been(home: House) -> None:
    cold = redis(home, "cold")
    pool = warmed(home)
    before = {container.started_at for container in home.backend.runtime.containers(WARM)}
    warm = redis(home, "warm")
    assert started(home, warm) < before
    assert as_it_is(home, warm) == as_it_is(home, cold)
    assert home.container("warm-001.0001").endswith("-warm-001.0001")
    assert_sound_but_for_the_pool(home, warm, pool)


def assert_sound_but_for_the_pool(home: House, cache: Cache, pool: WarmPool) -> None:
    others = [one for one in home.containers() if one.labels.get(CACHE) not in ("", None, str(cache.key))]
    for one in others:
        home.machine.remove(one.name)
    pool.clear(home.tools())
    assert_sound(home, cache)


def test_memcached_as_well(home: House) -> None:
    warmed(home)
    before = {container.started_at for container in home.backend.runtime.containers(WARM)}
    cache = home.cluster(Engine="memcached", CacheNodeType=USUAL)
    assert started(home, cache) < before


def test_the_pool_is_filled_again_with_what_was_asked_for_last(home: House) -> None:
    pool = warmed(home)
    first = redis(home, "first", Port=7000)
    fill(pool, home)
    assert len(idle(home)) == 3
    before = {container.started_at for container in home.backend.runtime.containers(WARM)}
    second = redis(home, "second", Port=7000)
    assert started(home, second) < before
    assert not started(home, first) & before


@pytest.mark.parametrize("params", [
    {"NumCacheClusters": 2}, {"TransitEncryptionEnabled": True}, {"AtRestEncryptionEnabled": True},
    {"EngineVersion": "6.2"}, {"CacheNodeType": "cache.r7g.large"},
    {"NumNodeGroups": 1, "ReplicasPerNodeGroup": 0, "AutomaticFailoverEnabled": True},
])  # fmt: skip
def test_what_would_not_be_the_same_is_made_anew(home: House, params: dict[str, Any]) -> None:
    warmed(home)
    before = idle(home)
    asked = {"Engine": "redis", "CacheNodeType": USUAL, "CacheParameterGroupName": "default.redis7"}
    if "NumNodeGroups" in params:
        asked["CacheParameterGroupName"] = "default.redis7.cluster.on"
    if "EngineVersion" in params:
        asked["CacheParameterGroupName"] = "default.redis6.x"
    home.call("CreateReplicationGroup", ReplicationGroupId="rg", ReplicationGroupDescription="d", **{**asked, **params})
    home.settle()
    assert idle(home) == before


def test_a_node_that_died_meanwhile_is_made_anew(home: House) -> None:
    pool = warmed(home)
    for name in idle(home):
        home.machine.kill(name)
    cache = redis(home, "rg")
    assert_sound_but_for_the_pool(home, cache, pool)


def test_a_life_after_the_first_is_made_anew(home: House) -> None:
    pool = warmed(home)
    cache = redis(home, "rg")
    home.machine.kill(home.container("rg-001.0001"))
    home.settle()
    assert_sound_but_for_the_pool(home, home.cache(Kind.REPLICATION_GROUP, "rg"), pool)
    assert cache.status.nodes["rg-001.0001"].address == home.cache(
        Kind.REPLICATION_GROUP, "rg").status.nodes["rg-001.0001"].address  # fmt: skip


def test_what_cannot_be_started_leaves_no_address_taken(home: House) -> None:
    pool = warmed(home, redis=1)
    redis(home, "rg")
    home.machine.refusal = lambda _: Later("cannot create it: no")
    for _ in range(3):
        with pytest.raises(Later):
            pool.fill(home.tools())
    home.machine.refusal = lambda _: None
    fill(pool, home)
    assert len(idle(home)) == 2


def test_a_failure_costs_nothing_that_runs(home: House) -> None:
    """A container that nobody can start is tried again, beside those that are there."""
    stock = Stock({REDIS: 1, MEMCACHED: 1}, restricted=home.restricted)
    pool = WarmPool(home.store, stock)
    home.restart(ahead=pool)
    refused: list[str] = []  # with what ran at that moment

    def refusal(_: Blueprint) -> Later | None:
        if not (running := idle(home)) or len(refused) == 2:
            return None
        refused.extend(running)
        return Later("cannot create it: no", delay=0.01)

    home.machine.refusal = refusal
    with kept(home, pool):
        until("both run", lambda: len(idle(home)) == 2)
        first, again = refused
        assert first == again
        assert first in idle(home)


def test_nothing_is_left_of_an_earlier_run(home: House) -> None:
    warmed(home)
    pool = WarmPool(home.store, Stock({}, restricted=True))
    assert pool.is_needed
    pool.clear(home.tools())
    assert not pool.is_needed
    assert idle(home) == []


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("number", range(1, 4))
def test_a_crash_on_the_way_leaves_a_whole_cache(home: House, number: int, before: bool) -> None:
    pool = warmed(home)
    fuse = Fuse(number, before)
    runtime: Any = Fused(home.backend.runtime, fuse)
    home.restart(replace(home.backend, runtime=runtime), ahead=pool)
    with suppress(Crash):
        redis(home, "rg")
    pool = warmed(home)
    home.settle()
    cache = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound_but_for_the_pool(home, cache, pool)


def begun(home: House, pool: WarmPool) -> None:
    """A cache was given a node and has seen it, and nothing else was done: the first turn is over."""
    home.restart(ahead=pool)
    home.call("CreateReplicationGroup", ReplicationGroupId="rg", ReplicationGroupDescription="d", Engine="redis",
              CacheNodeType=USUAL, NumCacheClusters=1)  # fmt: skip
    key = home.cache(Kind.REPLICATION_GROUP, "rg").key
    outcome = home.reconciler.reconcile(Turn(key, None, woken=True, priority=Priority.ROUTINE))
    assert isinstance(outcome, Until)
    wait(outcome.work)


def test_what_a_cache_was_given_is_not_given_again_and_goes_with_it(home: House) -> None:
    pool = warmed(home, redis=1)
    begun(home, pool)
    other = redis(home, "other")
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.settle()
    assert_sound_but_for_the_pool(home, other, pool)


def test_the_pool_leaves_alone_what_a_cache_was_given(home: House) -> None:
    pool = warmed(home, redis=1)
    before = {one.name for one in home.containers()}
    begun(home, pool)
    fill(pool, home)
    assert before < {one.name for one in home.containers()}
    home.settle()
    cache = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert cache.status.nodes["rg-001.0001"].life == 1
    assert_sound_but_for_the_pool(home, cache, pool)


def test_another_run_goes_on_with_it_or_makes_it_anew(home: House) -> None:
    begun(home, warmed(home))
    again = warmed(home)
    home.settle()
    cache = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert home.container("rg-001.0001").endswith("-us-east-1-rg-001.0001")
    assert_sound_but_for_the_pool(home, cache, again)


def test_one_that_has_ended_is_replaced(home: House) -> None:
    pool = warmed(home)
    dead = idle(home)[0]
    home.machine.kill(dead)
    fill(pool, home)
    assert len(idle(home)) == 3
    assert dead not in idle(home)


def test_it_is_kept_filled_until_the_end_and_then_nothing_runs_for_nobody(home: House) -> None:
    stock = Stock({REDIS: 2}, restricted=home.restricted)
    pool = WarmPool(home.store, stock)
    home.restart(ahead=pool)
    with kept(home, pool):
        until("two run ahead", lambda: len(idle(home)) == 2)
    assert idle(home) == []
    assert not pool.stock.offer(redis(home, "rg").spec)

"""Hints: other values of a parameter group reach the nodes before anything is looked at."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from cachewright.agents.engines.redis.directives import Configuration
from cachewright.agents.loop.hints import AFTER_HINTS, Hints
from cachewright.agents.loop.lanes import Lane
from cachewright.agents.memory.engines.driver import PretendRedis, pretend_driver
from cachewright.agents.memory.engines.nodes import PretendNodes
from cachewright.agents.memory.engines.settings import PretendParameters
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.turns import LoopKey, Priority, Turn
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache, Key
from cachewright.controlplane.model.versions import Engine
from tests.agents.test_parameters import group, modify, prepared, shown
from tests.executors import Inline
from tests.house import House


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A house with a group that uses a parameter group which sets nothing."""
    home = prepared(tmp_path)
    home.group("rg", CacheParameterGroupName="own")
    return home


@dataclass
class Kept:
    """Keys that nobody else has; those in `taken` are somebody's."""

    taken: set[LoopKey] = field(default_factory=set)
    released: dict[LoopKey, float] = field(default_factory=dict)

    def hold(self, keys: Iterable[LoopKey]) -> list[Turn]:
        return [Turn(key, None, woken=True, priority=Priority.ROUTINE) for key in keys if key not in self.taken]

    def release(self, turn: Turn, delay: float = 0.0) -> None:
        assert turn.key not in self.released, "it was released before"
        self.released[turn.key] = delay


def given(home: House, keys: Iterable[Key], tools: Callable[[], Tools] | None = None) -> Kept:
    kept = Kept()
    Hints(home.store, tools or home.tools, kept, Inline(), Inline()).give(keys)
    return kept


def test_nodes_have_the_values_without_a_look(home: House) -> None:
    modify(home, timeout="30")
    cache = group(home)
    kept = given(home, [cache.key])
    assert shown(home, cache, "timeout") == {"30"}
    assert kept.released == {cache.key: AFTER_HINTS}


def test_nobody_is_told_what_somebody_works_on(home: House) -> None:
    modify(home, timeout="30")
    cache, kept = group(home), Kept({group(home).key})
    Hints(home.store, home.tools, kept, Inline(), Inline()).give([cache.key])
    assert shown(home, cache, "timeout") == {"0"}
    assert kept.released == {}


def nothing_to_tell(_: House, cache: Cache) -> Key:
    return cache.key


def gone(_: House, cache: Cache) -> Key:
    return replace(cache.key, id="gone")


@pytest.mark.parametrize("case", [nothing_to_tell, gone])
def test_what_has_nothing_to_be_told_is_due_at_once(home: House, case: Callable[[House, Cache], Key]) -> None:
    key = case(home, group(home))
    assert given(home, [key]).released == {key: 0.0}


@pytest.mark.parametrize("verdict", [Later("it does not answer"), Never("there is none")])
def test_without_a_container_engine_all_are_due_at_once(home: House, verdict: Exception) -> None:
    def tools() -> Tools:
        raise verdict

    modify(home, timeout="30")
    assert given(home, [group(home).key], tools).released == {group(home).key: 0.0}


def test_a_bug_keeps_no_cache_from_its_turn(home: House) -> None:
    def tools() -> Tools:
        raise LookupError("a bug")

    modify(home, timeout="30")
    assert given(home, [group(home).key], tools).released == {group(home).key: 0.0}


def test_at_the_end_nothing_is_told_and_nobody_who_commits_hears_of_it(home: House) -> None:
    lane, cache = Lane("hint", 1), group(home)
    lane.close(0.0)
    modify(home, timeout="30")
    Hints(home.store, home.tools, Kept(), lane, Inline()).give([cache.key])
    assert shown(home, cache, "timeout") == {"0"}


@dataclass(frozen=True)
class Hanging(PretendParameters):
    """Nodes that take no hint."""

    def hint_parameters(self, node: Reach, wanted: Configuration) -> None:
        raise Later(f"cannot hint parameters to {node}: {wanted} took too long")


def test_nodes_that_hang_are_told_by_the_look_after(home: House) -> None:
    driver = pretend_driver(home.machine, Engine.REDIS)
    assert isinstance(driver, PretendRedis)
    driver.parameters = Hanging(PretendNodes(home.machine, Engine.REDIS, home.gateway))
    home.restart(replace(home.backend, drivers={**home.backend.drivers, Engine.REDIS: driver}))
    home.settle()
    modify(home, timeout="30")
    cache = group(home)
    assert given(home, [cache.key]).released == {cache.key: AFTER_HINTS}
    assert shown(home, cache, "timeout") == {"0"}
    home.settle()
    assert shown(home, cache, "timeout") == {"30"}

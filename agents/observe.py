"""Look at the world: one question to the container engine, then one to each cache engine."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import replace

from agents.planning.containers import Container, State
from agents.planning.world import INCARNATION, Answer, Sight, World
from agents.tools import Tools
from controlplane.model.cache import Cache

CACHE = "cachewright.cache"
NODE = "cachewright.node"


def observe(tools: Tools, cache: Cache, gateway: str, pool: Executor) -> World:
    """Everything that carries the name of the cache."""
    own: dict[str, Sight] = {}
    strays: list[str] = []
    for container in tools.runtime.containers({CACHE: str(cache.key)}):
        if _belongs(container, cache):
            own[container.labels[NODE]] = Sight(container)
        else:
            strays.append(container.name)
    return look_again(tools, cache, World(own, tuple(strays), gateway), pool)


def look_again(tools: Tools, cache: Cache, world: World, pool: Executor) -> World:
    """The same containers, asked once more."""
    driver = tools.drivers[cache.spec.engine]
    running = [name for name, sight in world.nodes.items() if _runs(sight)]
    answers = _each(pool, lambda name: driver.look(cache.status.nodes[name].address), running)
    return replace(world, nodes={name: Sight(s.container, answers.get(name)) for name, s in world.nodes.items()})


def _belongs(container: Container, cache: Cache) -> bool:
    same = container.labels.get(INCARNATION) == cache.incarnation
    return same and container.labels.get(NODE) in cache.status.nodes


def _runs(sight: Sight) -> bool:
    return sight.container is not None and sight.container.state is State.RUNNING


def _each(pool: Executor, look: Callable[[str], Answer | None], names: Iterable[str]) -> Mapping[str, Answer | None]:
    """One after another is faster for one; a hung node must not keep the others waiting."""
    every = list(names)
    if len(every) == 1:
        return {every[0]: look(every[0])}
    return dict(zip(every, pool.map(look, every), strict=True))

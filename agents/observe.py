"""Look at the world: one question to the container engine, then one to each cache engine."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime

from agents.planning.containers import Container, State
from agents.planning.links import reach
from agents.planning.world import INCARNATION, NOTHING, Answer, Sight, World
from agents.tools import Tools
from controlplane.model.cache import Cache

CACHE = "cachewright.cache"
NODE = "cachewright.node"
ROLE = "cachewright.role"  # what a container is that is no node


def observe(
    tools: Tools,
    cache: Cache,
    gateway: str,
    pool: Executor,
    clock: Callable[[], datetime],
    claimed: Callable[[Container], bool],
) -> World:
    """Everything that carries the name of the cache, or of the caches it was made of; but what another cache has
    `claimed` is its own.
    """
    own: dict[str, Sight] = {}
    strays: list[str] = []
    for container in _carrying(tools, cache):
        name = container.labels.get(NODE, "")
        if not _belongs(container, cache):
            strays += [] if claimed(container) else [container.name]
        elif ROLE in container.labels:
            own[name] = replace(own.get(name, NOTHING), relay=container)
        else:
            own[name] = replace(own.get(name, NOTHING), container=container)
    return look_again(tools, cache, World(own, tuple(strays), gateway), pool, clock)


def _carrying(tools: Tools, cache: Cache) -> Iterator[Container]:
    """The containers of the cache, and those of its origins that are its nodes by now."""
    for container in tools.runtime.containers({CACHE: str(cache.key)}):
        if container.labels.get(NODE) not in cache.spec.released:
            yield container
    for origin in cache.spec.origins:
        key = replace(cache.key, kind=origin.kind, id=origin.id)
        for container in tools.runtime.containers({CACHE: str(key), INCARNATION: origin.incarnation}):
            name = container.labels.get(NODE)
            if name in cache.status.nodes and name not in cache.spec.released:
                yield container


def look_again(tools: Tools, cache: Cache, world: World, pool: Executor, clock: Callable[[], datetime]) -> World:
    """The same containers, asked once more."""
    driver = tools.drivers[cache.spec.engine]
    running = [name for name, sight in world.nodes.items() if _runs(sight) and name in cache.status.nodes]
    asked = clock()
    answers = _each(pool, lambda name: driver.look(reach(cache.status, name, world.at(name).transit)), running)
    nodes = {name: replace(s, answer=answers.get(name), asked=asked) for name, s in world.nodes.items()}
    return replace(world, nodes=nodes)


def _belongs(container: Container, cache: Cache) -> bool:
    name, incarnation = container.labels.get(NODE), container.labels.get(INCARNATION)
    known = {cache.incarnation, *(origin.incarnation for origin in cache.spec.origins)}
    return incarnation in known and name in cache.status.nodes


def _runs(sight: Sight) -> bool:
    return sight.container is not None and sight.container.state is State.RUNNING


def _each(pool: Executor, look: Callable[[str], Answer | None], names: Iterable[str]) -> Mapping[str, Answer | None]:
    """One after another is faster for one; a hung node must not keep the others waiting."""
    every = list(names)
    if len(every) == 1:
        return {every[0]: look(every[0])}
    return dict(zip(every, pool.map(look, every), strict=True))

"""Look at the world: one question to the container engine, then one to each cache engine."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from cachewright.agents.engines.redis import directives
from cachewright.agents.engines.redis.directives import Configuration
from cachewright.agents.planning.containers import Container, State
from cachewright.agents.planning.labels import CACHE, INCARNATION, LIFE, NODE, ROLE
from cachewright.agents.planning.links import reach
from cachewright.agents.planning.nodes.parameters import doubtful
from cachewright.agents.planning.sizing import size_of
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.planning.world import NOTHING, Sight, World
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache, NodeStatus, Spec
from cachewright.controlplane.model.fingerprints import fingerprints_of

T = TypeVar("T")


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
    every = {container.name: container for container in _carrying(tools, cache)}  # some are found in two ways
    for container in sorted(every.values(), key=partial(_rightness, cache)):
        name = container.labels.get(NODE, "")
        if not _belongs(container, cache):
            strays += [] if claimed(container) else [container.name]
        elif ROLE in container.labels:
            own[name] = replace(own.get(name, NOTHING), relay=container)
        else:
            wrong = own.get(name, NOTHING).container
            strays += [wrong.name] if wrong else []
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


def _rightness(cache: Cache, container: Container) -> tuple[bool, bool, str]:
    """Of two containers that carry the same node's label the more right one is the node, and the other a stray: it was
    given another name by somebody, and so not replaced.
    """
    known = cache.status.nodes.get(container.labels.get(NODE, ""))
    right = known is not None and container.labels.get(LIFE) == str(known.life)
    return right, container.state is State.RUNNING, container.name


def look_again(tools: Tools, cache: Cache, world: World, pool: Executor, clock: Callable[[], datetime]) -> World:
    """The same containers, asked once more."""
    driver = tools.drivers[cache.spec.engine]
    running = [name for name, sight in world.nodes.items() if _runs(sight) and name in cache.status.nodes]
    asked = clock()
    answers = map_over(pool, lambda name: driver.look(reach(cache.status, name, world.at(name).entry)), running)
    nodes = {
        name: replace(s, answer=answers.get(name), asked=asked, parameters=None, worked=None, busy=False)
        for name, s in world.nodes.items()
    }
    silent = [name for name in running if not answers[name]]
    worked = map_over(pool, lambda name: _worked(tools, world.at(name)), silent)  # the engine takes half a second
    for name, used in worked.items():
        nodes[name] = replace(nodes[name], worked=used, busy=_is_busy(cache.status.nodes[name], used))
    return _read(tools, cache, replace(world, nodes=nodes), pool)


def _is_busy(known: NodeStatus, worked: int | None) -> bool:
    """Whether a node that has answered in its present life has worked since the last look; in doubt at the first."""
    return known.answered == known.life and worked is not None and worked > known.worked


def _worked(tools: Tools, sight: Sight) -> int | None:
    """How much a node that does not answer has worked; None when the container engine cannot say."""
    try:
        return tools.runtime.worked(sight.container.name) if sight.container else None
    except (Later, Never):
        return None


def _read(tools: Tools, cache: Cache, world: World, pool: Executor) -> World:
    """The same with the parameter values of the nodes that answer, where there is a doubt about them."""
    parameters, spec, known = tools.drivers[cache.spec.engine].parameters, cache.spec, cache.status.nodes
    if parameters is None:
        return world
    unsure = [name for name, sight in world.nodes.items() if sight.answer and doubtful(cache, name, sight)]

    def as_desired(name: str) -> bool:
        wanted = configuration(spec, known[name], tools.machine)
        return parameters.has_parameters(reach(cache.status, name, world.at(name).entry), wanted)

    seen = {
        name: fingerprints_of(spec).immediate if well else ""
        for name, well in map_over(pool, as_desired, unsure).items()
    }
    read = {name: replace(world.at(name), parameters=digest) for name, digest in seen.items()}
    return replace(world, nodes={**world.nodes, **read})


def configuration(spec: Spec, known: NodeStatus, machine: int) -> Configuration:
    """The parameter values that a running node should have."""
    return directives.configuration(spec, size_of(spec, machine), known.build)


def _belongs(container: Container, cache: Cache) -> bool:
    name, incarnation = container.labels.get(NODE), container.labels.get(INCARNATION)
    known = {cache.incarnation, *(origin.incarnation for origin in cache.spec.origins)}
    return incarnation in known and name in cache.status.nodes


def _runs(sight: Sight) -> bool:
    return sight.container is not None and sight.container.state is State.RUNNING


def map_over(pool: Executor, look: Callable[[str], T], names: Iterable[str]) -> Mapping[str, T]:
    """One after another is faster for one; a hung node must not keep the others waiting."""
    every = list(names)
    if len(every) == 1:
        return {every[0]: look(every[0])}
    return dict(zip(every, pool.map(look, every), strict=True))

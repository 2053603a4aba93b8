"""Look at the world: one question to the container engine, then one to each cache engine."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from cachewright.agents.engines.dial import refusing
from cachewright.agents.engines.facets import Filling
from cachewright.agents.engines.redis import directives
from cachewright.agents.engines.redis.acl_rules import acl_rules
from cachewright.agents.engines.redis.cluster_options import STATE
from cachewright.agents.engines.redis.directives import Configuration
from cachewright.agents.engines.redis.nodes_conf import led
from cachewright.agents.planning.containers import Container, State
from cachewright.agents.planning.labels import DELAYED, HOLDER, INCARNATION, LIFE, METERED, NODE, ROLE, Labels
from cachewright.agents.planning.links import DELAYING_PORT, METERING_PORT, reach
from cachewright.agents.planning.nodes.parameters import doubtful, to_be_compared
from cachewright.agents.planning.pulse import exposed
from cachewright.agents.planning.shards.election import candidates
from cachewright.agents.planning.shards.seeding import seeds
from cachewright.agents.planning.sizing import size_of
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.planning.world import NOTHING, Sight, World, as_last_seen
from cachewright.agents.reconcile.blueprints import container_of, owner_of
from cachewright.agents.reconcile.questions import answers_to
from cachewright.agents.reconcile.volumes import carrying, volumes_of
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Address, Cache, NodeStatus, Spec
from cachewright.controlplane.model.fingerprints import fingerprints_of
from cachewright.controlplane.model.usage import Usage

T = TypeVar("T")
Told = tuple[Future[list[tuple[str, T]]], ...]  # of nodes, by name

ASKERS = 8  # nodes of one cache that are asked at the same time
REFUSAL = 0.01  # seconds that the machine of a node has to say that nobody listens there


@dataclass(frozen=True, slots=True)
class Asking:
    """How nodes are asked."""

    pool: Executor
    clock: Callable[[], datetime]
    hidden: frozenset[str] = frozenset()  # nodes that may answer others than the agent, see Outages


@dataclass(frozen=True, slots=True)
class Look:
    """A look at a cache that is under way: its containers are known, its engines have been asked."""

    cache: Cache  # as it was when it was looked at
    containers: World
    asked: datetime
    answers: Told[Sight]
    late: Told[Sight]  # of the nodes that were silent before, and of those that are hidden
    work: Told[int | None]  # of those that were silent; the engine takes as long as they are waited for
    hidden: frozenset[str] = frozenset()  # see Asking
    remembered: bool = False  # the containers are those of when the cache rested

    @property
    def under_way(self) -> tuple[Future[Any], ...]:
        """What has to be done until it can be seen."""
        return *self.answers, *self.late, *self.work

    @property
    def suffices(self) -> bool:
        """Whether all is known but what silent nodes might still say, each of which is being asked."""
        each = len(self.late) < ASKERS  # of more, some wait for their turn to be asked
        asked = all(some.done() or (each and some.running()) for some in self.late)
        return asked and all(some.done() for some in self.answers) and all(some.done() for some in self.work)

    def seen(self) -> World:
        """The world, when it suffices: whoever has not answered yet is silent."""
        seen = self.containers.nodes.items()
        nodes = {name: _unheard(s, self.asked) for name, s in seen}
        nodes |= _gathered(self.answers) | _gathered(some for some in self.late if some.done())
        for name, used in _gathered(self.work).items():
            if not nodes[name].answer and not nodes[name].refused:
                nodes[name] = _with_work(nodes[name], self.cache.status.nodes[name], used)
        return replace(self.containers, nodes=nodes)


def observe(
    tools: Tools,
    cache: Cache,
    gateway: str,
    asking: Asking,
    claimed: Callable[[Labels], bool],
) -> Look:
    """A look at everything that carries the name of the cache, or of the caches it was made of; but what another cache
    has `claimed` is its own.
    """
    own: dict[str, Sight] = {}
    strays: list[str] = []
    for name, known in cache.status.nodes.items():
        if known.ahead:
            tools.runtime.recognise(known.ahead, owner_of(cache, name))
    silent: dict[str, str] = {}

    def listed(labels: Labels) -> Sequence[Container]:
        found = tools.runtime.listed(labels)
        silent.update(found.silent)
        return found.containers

    found = carrying(cache, listed)
    every = {container.name: container for container in found}  # some are found in two ways
    for container in sorted(every.values(), key=partial(_rightness, tools.instance, cache)):
        name = container.labels.get(NODE, "")
        if not _belongs(container, cache):
            strays += [] if claimed(container.labels) else [container.name]
        elif container.labels.get(ROLE) == HOLDER:  # of a launch that somebody did not live to end
            strays.append(container.name)
        elif DELAYED in container.labels:
            own[name] = replace(own.get(name, NOTHING), delayer=container)
        elif ROLE in container.labels:
            own[name] = replace(own.get(name, NOTHING), relay=container)
        else:
            wrong = own.get(name, NOTHING).container
            strays += [wrong.name] if wrong else []
            own[name] = replace(own.get(name, NOTHING), container=container)
    awaited = silent.keys() & tools.hosts.known().keys() if silent else ()
    for name, known in cache.status.nodes.items():
        if known.host in awaited and name not in own:
            own[name] = Sight(as_last_seen(container_of(tools.instance, cache, name), known))
    heard = "" if _has_rivals(cache, every.values()) else gateway
    volumes, left = volumes_of(tools, cache, claimed)
    world = World(own, tuple(strays), heard, volumes=volumes, stray_volumes=left, silent=silent)
    return look_again(tools, cache, world, asking)


def begins_bare(tools: Tools, cache: Cache) -> bool:
    """Whether there is nothing of a cache of which nothing was launched yet. What an earlier cache of that name left is
    found by the look after the launch.
    """
    taken_over = bool(cache.spec.origins) or any(known.ahead for known in cache.status.nodes.values())
    kept = tools.keep_data or any(known.volume for known in cache.status.nodes.values())
    return not (taken_over or kept or tools.hosts.known())


def _has_rivals(cache: Cache, found: Iterable[Container]) -> bool:
    """Whether an earlier life of a node runs on another host, which was away: nothing leads to its address, which both
    have, until it has ended. An old primary that gives its place away is none.
    """
    needed = {known.old_primary for known in cache.status.shards.values()}
    moved = (one for one in found if _belongs(one, cache) and one.state in (State.RUNNING, State.PAUSED))
    others = (one for one in moved if one.host != cache.status.nodes[one.labels[NODE]].host)
    return any(one.labels[NODE] not in needed for one in others)


def _rightness(instance: str, cache: Cache, container: Container) -> tuple[bool, bool, bool, str]:
    """Of two containers that carry the same node's label the more right one is the node, and the other a stray: it was
    given another name by somebody, and so not replaced, or somebody made it from the node's (`docker commit`).
    """
    node = container.labels.get(NODE, "")
    known = cache.status.nodes.get(node)
    right = known is not None and container.labels.get(LIFE) == str(known.life)
    named = known is not None and container.name == container_of(instance, cache, node)
    return right, named, container.state is State.RUNNING, container.name


def look_again(tools: Tools, cache: Cache, world: World, asking: Asking) -> Look:
    """The same containers, asked once more. However many of them are silent, they take few threads of the pool."""
    known, now, hidden = cache.status.nodes, asking.clock(), asking.hidden
    ended = [name for name in candidates(cache) if (sight := world.at(name)).container and not _runs(sight)]
    world = replace(world, nodes={**world.nodes, **{name: _with_role(tools, world.at(name)) for name in ended}})
    running = [name for name, sight in world.nodes.items() if _runs(sight) and name in known]
    running = [name for name in running if not _fenced(world, name, known[name])]
    silent = [name for name in running if known[name].silent_since]
    beside = [name for name in running if name in silent or name in hidden]
    others = [name for name in running if name not in beside]
    ask = partial(_ask, tools, cache, world, now)
    work = answers_to(silent, lambda name: _worked(tools, world.at(name)), asking.pool, ASKERS)
    answers, late = (answers_to(names, ask, asking.pool, ASKERS) for names in (others, beside))
    return Look(cache, world, now, answers, late, work, hidden)


def _fenced(world: World, name: str, known: NodeStatus) -> bool:
    """Whether nobody waits any more for what a node on a silent host would say."""
    container = world.at(name).container
    return container is not None and world.is_unheard(name) and container.labels.get(LIFE) == str(known.fenced)


def _gathered(told: Iterable[Future[list[tuple[str, T]]]]) -> dict[str, T]:
    return dict(pair for done in told for pair in done.result())


def _ask(tools: Tools, cache: Cache, world: World, asked: datetime, name: str) -> Sight:
    """What a node's engine says of itself, of its parameter values only where there is a doubt about them; of one that
    is silent, whether it has ended or is busy.
    """
    driver, spec, known, before = tools.drivers[cache.spec.engine], cache.spec, cache.status.nodes[name], world.at(name)
    closed = _refusing(tools, known, before)
    sight = replace(_unheard(before, asked), led=None, refused=before.refused)
    sight = replace(sight, relay_refuses=METERING_PORT in closed, delayer_refuses=DELAYING_PORT in closed)
    if sight.refused:  # it was tried a moment ago
        return _with_role(tools, sight) if name in candidates(cache) else sight
    entrance = reach(cache.status, name, sight.entry)
    sight = replace(sight, answer=driver.look(entrance))
    if sight.answer is None:
        if exposed(cache) and entrance.login and driver.acl and driver.acl.shuts_out(entrance):
            return replace(sight, shut_out=True)
        if known.host not in world.silent and ended(tools, cache, [name], World({name: sight})):
            sight = replace(sight, refused=True)
            return _with_role(tools, sight) if name in candidates(cache) else sight
        return sight if known.silent_since else _with_work(sight, known, _worked(tools, sight))
    if sight.answer.loading:
        return sight
    if to_be_compared(cache) and entrance.login and driver.acl and not driver.acl.has_acl(entrance, acl_rules(spec)):
        sight = replace(sight, answer=replace(sight.answer, access=""))
    if name in seeds(cache, cache.status):
        if driver.contents:
            sight = _filled(sight, driver.contents.filling(entrance))
        else:
            sight = _weighed(sight, driver.usage(entrance))
    if driver.parameters is None or not doubtful(cache, name, sight):
        return sight
    well = driver.parameters.has_parameters(entrance, configuration(spec, known, tools.machine))
    return replace(sight, parameters=fingerprints_of(spec).immediate if well else "")


def _unheard(seen: Sight, asked: datetime) -> Sight:
    """What is there, whatever it says."""
    return Sight(seen.container, None, asked, seen.relay, delayer=seen.delayer, led=seen.led)


def _refusing(tools: Tools, known: NodeStatus, seen: Sight) -> frozenset[int]:
    """The ports of relays beside a node at which nobody listens: of one that counts, and of one that delays."""
    counts, delays = seen.relay is not None and METERED in seen.relay.labels, seen.delayer is not None
    ports = [*([METERING_PORT] if counts else []), *([DELAYING_PORT] if delays else [])]
    refused = refusing(tools.dial, (Address(known.address.host, port) for port in ports), REFUSAL) if ports else ()
    return frozenset(address.port for address in refused)


def _with_role(tools: Tools, sight: Sight) -> Sight:
    """What the file of a cluster node that has ended says of its role, as far as it is there."""
    with suppress(Later, Never, UnicodeDecodeError):
        text = b"".join(tools.runtime.read(sight.container.name, STATE)).decode() if sight.container else ""
        return replace(sight, led=led(text))
    return sight


def _weighed(sight: Sight, usage: Usage | None) -> Sight:
    """With what is seen of the file that a node has loaded. Keys of slots that are others' are dropped by Valkey since
    8.0; others keep them, and take those slots for some that they are about to receive.
    """
    view = sight.answer.membership if sight.answer else None
    if usage is None:
        return sight
    astray = view is not None and bool(view.opened or usage.dropped)
    return replace(sight, overfull=usage.used > usage.limit > 0, astray=astray)


def _filled(sight: Sight, filling: Filling | None) -> Sight:
    """With how far a node has what it is told item by item."""
    return replace(sight, filled=filling.whole, overfull=filling.overfull) if filling else sight


def ended(tools: Tools, cache: Cache, names: Iterable[str], world: World) -> frozenset[str]:
    """Those of these nodes where nobody listens any more. A published port is somebody else's, and says nothing."""
    every = {name: reach(cache.status, name, world.at(name).entry).address for name in names}
    ways = {name: way for name, way in every.items() if way.host == cache.status.nodes[name].address.host}
    refused = refusing(tools.dial, ways.values(), REFUSAL)
    return frozenset(name for name, way in ways.items() if way in refused)


def _with_work(sight: Sight, known: NodeStatus, worked: int | None) -> Sight:
    """It is busy if it has answered in its present life, and worked since the last look; in doubt at the first."""
    busy = known.answered == known.life and worked is not None and worked > known.worked
    return replace(sight, worked=worked, busy=busy)


def _worked(tools: Tools, sight: Sight) -> int | None:
    """How much a node that does not answer has worked; None when the container engine cannot say."""
    try:
        return tools.runtime.worked(sight.container.name) if sight.container else None
    except (Later, Never):
        return None


def configuration(spec: Spec, known: NodeStatus, machine: int) -> Configuration:
    """The parameter values that a running node should have."""
    return directives.configuration(spec, size_of(spec, machine), known.build)


def _belongs(container: Container, cache: Cache) -> bool:
    name, incarnation = container.labels.get(NODE), container.labels.get(INCARNATION)
    known = {cache.incarnation, *(origin.incarnation for origin in cache.spec.origins)}
    return incarnation in known and name in cache.status.nodes


def _runs(sight: Sight) -> bool:
    return sight.container is not None and sight.container.state is State.RUNNING

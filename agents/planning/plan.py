"""(wish, status, world) -> what to write down, what to tell, what to do next."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agents.planning.actions import Action, Grant, Launch, Relay, Remove, Restart, Unpause
from agents.planning.crew import is_understudy, staffed
from agents.planning.election import Election, elect
from agents.planning.links import Link
from agents.planning.nodes import Look, next_status, rebuilt
from agents.planning.replicas import Replicas
from agents.planning.routes import forgetting, pointing, routes
from agents.planning.shards import replication
from agents.planning.telling import told
from agents.planning.world import Condition, Sight, World, condition, relayed
from controlplane.model.cache import Cache, NodeStatus, ShardStatus, Status, Transit
from controlplane.model.events import Event
from controlplane.model.lifecycle import NodePhase, Phase
from controlplane.model.recipes import Make, make_of


@dataclass(frozen=True, slots=True)
class Plan:
    """A decision. It is written down before the first action is tried; the actions may run at the same time."""

    status: Status
    events: tuple[Event, ...] = ()
    actions: tuple[Action, ...] = ()
    settled: bool = False  # nothing is left to do
    stuck: bool = False  # nothing can be done until a zone comes back
    gone: bool = False  # nothing is left at all


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision depends on besides the cache and what is seen of it."""

    now: datetime
    patience: timedelta  # of silence, after which a node counts as dead
    zones_down: frozenset[str] = frozenset()  # nothing is launched there


def plan(cache: Cache, world: World, circumstances: Circumstances) -> Plan:
    """What to do about a cache. Every node of its crew and every endpoint has an address in `cache.status` already."""
    if cache.deleting:
        return _farewell(cache, world)
    crew, make = staffed(cache), make_of(cache.spec)
    looks = {
        node.name: Look(
            node,
            cache.status.nodes[node.name],
            world.at(node.name),
            circumstances.now,
            circumstances.patience,
            make,
        )
        for node in crew.spec.nodes
    }
    nodes = _recovered(crew, {name: next_status(look) for name, look in looks.items()}, world)
    nodes, shards = _decided(cache, crew, nodes, world)
    status = replace(cache.status, nodes=nodes, shards=shards)
    wanted = routes(crew, status, world)
    actions = (
        *(Remove(name) for name in _leftovers(world, nodes)),
        *_replicating(crew, status, world),
        *_keeping(cache, crew, status, world, circumstances.zones_down),
        *pointing(status, wanted, world.gateway),
    )
    led = {**status.routes, **{name: to for name, to in wanted.items() if to}}
    status = replace(status, routes=led, gateway=world.gateway if led else "")
    as_wished = _as_wished(crew, status, world)
    if actions or not as_wished:
        # What is left to do when everything is as wished, such as telling a gateway again, is nobody else's business.
        status = status if as_wished else _unsettled(cache, status)
        status = replace(status, reason=_trouble(status, world) or status.reason)
        stuck = not actions and _waits_for_zones(crew, status, world, circumstances.zones_down)
        return Plan(status, told(cache, status), actions, stuck=stuck)
    status = _arrived(cache, status)
    return Plan(status, told(cache, status), settled=True)


def _recovered(crew: Cache, nodes: dict[str, NodeStatus], world: World) -> dict[str, NodeStatus]:
    """A node that was rebuilt is itself again when it answers and, if it has to follow, has caught up."""
    found: dict[str, NodeStatus] = {}
    for shard in crew.spec.shards:
        replicas = Replicas(shard, crew.status.shards.get(shard.id, ShardStatus()), nodes, world)
        for name in replicas.names:
            caught_up = name == replicas.status.primary or not crew.spec.replicates or replicas.in_sync(name)
            if nodes[name].phase is NodePhase.RECOVERING and replicas.condition(name) is Condition.LIVE and caught_up:
                found[name] = replace(nodes[name], phase=NodePhase.AVAILABLE)
    return {**nodes, **found}


def _leftovers(world: World, nodes: dict[str, NodeStatus]) -> list[str]:
    """Containers that nobody needs any more."""
    left = [name for node, sight in world.nodes.items() if node not in nodes for name in sight.containers]
    idle = [sight.relay.name for node, sight in world.nodes.items() if sight.relay and _needs_no_relay(nodes, node)]
    return [*world.strays, *left, *idle]


def _needs_no_relay(nodes: dict[str, NodeStatus], name: str) -> bool:
    return name in nodes and nodes[name].transit is not Transit.PREFERRED


def _farewell(cache: Cache, world: World) -> Plan:
    containers = [*world.strays, *(name for sight in world.nodes.values() for name in sight.containers)]
    status = replace(cache.status, phase=Phase.DELETING, routes={}, reason="")
    if containers:
        return Plan(status, actions=(*forgetting(cache.status), *(Remove(name) for name in containers)))
    return Plan(status, told(cache, status), tuple(forgetting(cache.status)), gone=True)


def _decided(
    cache: Cache, crew: Cache, nodes: dict[str, NodeStatus], world: World
) -> tuple[dict[str, NodeStatus], dict[str, ShardStatus]]:
    """Who leads each shard, and what becomes of the nodes because of it."""
    make = make_of(cache.spec)
    if not cache.spec.replicates:
        return {**nodes, **_renewed(nodes, world, make)}, {}
    wished = frozenset(node.name for node in cache.spec.nodes)
    shards: dict[str, ShardStatus] = {}
    for shard in crew.spec.shards:
        replicas = Replicas(shard, cache.status.shards.get(shard.id, ShardStatus()), nodes, world)
        decision = elect(Election(replicas, wished, make, cache.spec.automatic_failover))
        shards[shard.id] = decision.status
        nodes = {**nodes, **decision.nodes}
    return nodes, shards


def _renewed(nodes: dict[str, NodeStatus], world: World, make: Make) -> dict[str, NodeStatus]:
    """Nodes that do not know each other are rebuilt one by one when they are made otherwise than wished."""
    if any(condition(world.at(name), known) is not Condition.LIVE for name, known in nodes.items()):
        return {}
    outdated = [name for name, known in nodes.items() if known.recipe != make.recipe]
    return {name: rebuilt(nodes[name], make) for name in outdated[:1]}


def _replicating(cache: Cache, status: Status, world: World) -> list[Action]:
    endpoint = status.endpoints.get("primary")
    actions: list[Action] = []
    for shard in cache.spec.shards if cache.spec.replicates else ():
        actions += replication(Replicas(shard, status.shards[shard.id], status.nodes, world), endpoint)
    return actions


def _waits_for_zones(crew: Cache, status: Status, world: World, zones_down: frozenset[str]) -> bool:
    """Whether every node that does not live is in a zone that is down."""
    dead = [n for n in crew.spec.nodes if condition(world.at(n.name), status.nodes[n.name]) is not Condition.LIVE]
    return bool(dead) and all(node.zone in zones_down for node in dead)


def _keeping(cache: Cache, crew: Cache, status: Status, world: World, zones_down: frozenset[str]) -> list[Action]:
    """One container for each node, in its present life, with the wished logins; none where a zone is down."""
    make = make_of(cache.spec)
    actions: list[Action] = []
    away = {node.name for node in crew.spec.nodes if node.zone in zones_down}
    for name in (name for name in _needed(cache, crew, status, world) if name not in away):
        sight, known = world.at(name), status.nodes[name]
        match condition(sight, known):
            case Condition.ABSENT | Condition.STALE:
                actions.append(Launch(name, _primary_for(crew, status, world, name)))
            case Condition.PAUSED:
                actions.append(Unpause(name))
            case Condition.LIVE if sight.container and known.rebooting_from == sight.container.started_at:
                actions.append(Restart(name))
            case Condition.LIVE if sight.container and not _relayed(sight, known):
                actions.append(Relay(name, sight.container.started_at))
            case Condition.LIVE if not _lets_in(sight, make):
                actions.append(Grant(name))
    return actions


def _relayed(sight: Sight, known: NodeStatus) -> bool:
    """Whether a live node takes every kind of connection that it should."""
    return known.transit is not Transit.PREFERRED or relayed(sight)


def _lets_in(sight: Sight, make: Make) -> bool:
    """Whether a live node knows the logins that are wished."""
    return sight.answer is None or sight.answer.access in (None, make.access)


def _needed(cache: Cache, crew: Cache, status: Status, world: World) -> list[str]:
    """Nodes that should have a container: the wished ones, and understudies of outdated ones. Former primaries wait
    until the new one leads: they are needed for the change, or are being fenced.
    """
    recipe = make_of(cache.spec).recipe
    waiting = _waits_for_succession(crew, status, world)
    wished = [node.name for node in cache.spec.nodes]
    outdated = any(status.nodes[name].recipe != recipe for name in wished)
    extras = [node.name for node in crew.spec.nodes if is_understudy(node.name) and outdated]
    return [name for name in (*wished, *extras) if name not in waiting]


def _waits_for_succession(cache: Cache, status: Status, world: World) -> set[str]:
    """Former primaries that are needed, or are being fenced, until the new one leads."""
    if not cache.spec.replicates:
        return set()
    every = (Replicas(shard, status.shards[shard.id], status.nodes, world) for shard in cache.spec.shards)
    return {replicas.status.former for replicas in every if replicas.status.former and not replicas.leading()}


def _primary_for(cache: Cache, status: Status, world: World, name: str) -> Link | None:
    """Whom a container follows from the first moment of every start: only the chosen primary may ever lead."""
    if not cache.spec.replicates:
        return None
    shard = cache.shard_of(name)
    replicas = Replicas(shard, status.shards[shard.id], status.nodes, world)
    return replicas.link(name) if name != replicas.status.primary else None


def _as_wished(cache: Cache, status: Status, world: World) -> bool:
    """Every node is made as wished and answers, every replica is in sync, nothing that was asked for is left to do."""
    make = make_of(cache.spec)
    for node in cache.spec.nodes:
        known = status.nodes[node.name]
        sight = world.at(node.name)
        if condition(sight, known) is not Condition.LIVE or known.reboots < node.reboots:
            return False
        if known.recipe != make.recipe or not _lets_in(sight, make) or not _relayed(sight, known):
            return False
    for shard in cache.spec.shards if cache.spec.replicates else ():
        replicas = Replicas(shard, status.shards[shard.id], status.nodes, world)
        done = (replicas.status.failovers, replicas.status.promotions) == (shard.failovers, shard.promotions)
        if not done or replicas.status.former or not replicas.calm():
            return False
    return True


def _trouble(status: Status, world: World) -> str:
    """What the first node says that ended before it ever answered."""
    for name, known in status.nodes.items():
        container = world.at(name).container
        if known.answered == 0 and container and container.ending:
            return f"Node {name} ended before it answered: {container.ending}."
    return ""


def _unsettled(cache: Cache, status: Status) -> Status:
    """The phase while something is left to do: a cache that was available never goes back to `creating`."""
    if status.phase in (Phase.CREATING, Phase.FAILED):
        return status
    rebooting = any(known.phase is NodePhase.REBOOTING for known in status.nodes.values())
    asked = any(cache.reboots(node) for node in cache.spec.nodes)
    return replace(status, phase=Phase.REBOOTING if rebooting or asked else Phase.MODIFYING)


def _arrived(cache: Cache, status: Status) -> Status:
    nodes = {name: replace(known, phase=NodePhase.AVAILABLE) for name, known in status.nodes.items()}
    return replace(
        status,
        phase=Phase.AVAILABLE,
        generation=cache.generation,
        nodes=nodes,
        node_type=cache.spec.node_type,
        version=cache.spec.version,
        reason="",
    )

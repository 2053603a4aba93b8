"""(wish, status, world) -> what to write down, what to tell, what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cachewright.agents.planning.actions import Action, Remove
from cachewright.agents.planning.cluster.cluster import Cluster
from cachewright.agents.planning.endpoints.discovery import delisting, enlisting, listed
from cachewright.agents.planning.endpoints.dns import digest, naming, unnaming
from cachewright.agents.planning.endpoints.routes import abandoning, forgetting, kept, pointing, routes
from cachewright.agents.planning.events import told
from cachewright.agents.planning.members import UNBORN, departing, staffed
from cachewright.agents.planning.nodes.lifecycle import Look, next_status, rebuilt
from cachewright.agents.planning.nodes.removal import dismissals, leaving
from cachewright.agents.planning.nodes.upkeep import keeping
from cachewright.agents.planning.readiness import arrived, as_wished, trouble, unsettled, waits_for_zones
from cachewright.agents.planning.shards.election import Election, elect
from cachewright.agents.planning.shards.replicas import Replicas
from cachewright.agents.planning.shards.replication import replication
from cachewright.agents.planning.world import Condition, World, condition
from cachewright.controlplane.model.cache import Cache, Node, NodeStatus, Shard, ShardStatus, Status, Transit
from cachewright.controlplane.model.events import Event
from cachewright.controlplane.model.fingerprints import Make, make_of
from cachewright.controlplane.model.hostnames import Naming
from cachewright.controlplane.model.lifecycle import NodePhase, Phase


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
    naming: Naming = field(default_factory=Naming)


def plan(cache: Cache, world: World, circumstances: Circumstances) -> Plan:
    """What to do about a cache. Every node of its crew and every endpoint has an address in `cache.status` already."""
    if cache.deleting:
        return _farewell(cache, world)
    crew = staffed(cache)
    status = _status(cache, crew, world, circumstances)
    wanted, names = routes(crew, status, world), circumstances.naming.records(replace(cache, status=status))
    telling = (
        *pointing(status, wanted, world.gateway),
        *enlisting(cache.status, status, world.gateway),
        *naming(cache.status, names, world.gateway),
    )
    actions = (
        *_work(cache, crew, status, world, circumstances.zones_down),
        *telling,
        *dismissals(leaving(cache, world), world, telling),
        *abandoning(cache.status, status),
    )
    known = {name: to for name, to in status.routes.items() if name in status.endpoints}
    led = known | {name: to for name, to in wanted.items() if to}
    status = replace(status, routes=led, named=digest(names), gateway=world.gateway if led or names else "")
    fulfilled = as_wished(cache, crew, status, world)
    if fulfilled and not actions:
        status = arrived(cache, status)
        return Plan(status, told(cache, status), settled=True)
    # What is left to do when everything is as wished, such as telling a gateway again, is nobody else's business.
    status = status if fulfilled else unsettled(cache, status)
    status = replace(status, reason=trouble(status, world) or status.reason)
    stuck = not actions and waits_for_zones(crew, status, world, circumstances.zones_down)
    return Plan(status, told(cache, status), actions, stuck=stuck)


def _status(cache: Cache, crew: Cache, world: World, circumstances: Circumstances) -> Status:
    """What is seen and decided: the nodes, who leads and who serves which slots, who is listed."""
    nodes = _finished(crew, _looked_at(crew, world, circumstances), world)
    nodes, shards = _decided(cache, crew, nodes, world)
    nodes = {**nodes, **leaving(cache, world)}
    status = replace(cache.status, nodes=nodes, shards=shards, endpoints=kept(cache.status, nodes))
    if cache.spec.clustered:
        status = replace(status, shards=Cluster(cache, crew, status, world).owned())
    return replace(status, discovery=listed(crew, status, world))


def _work(cache: Cache, crew: Cache, status: Status, world: World, zones_down: frozenset[str]) -> list[Action]:
    """What has to be done to containers and engines."""
    return [
        *(Remove(name) for name in _leftovers(world, status.nodes)),
        *_replicating(crew, status, world),
        *keeping(cache, crew, status, world, zones_down),
        *(Cluster(cache, crew, status, world).upkeep() if cache.spec.clustered else ()),
    ]


def _looked_at(crew: Cache, world: World, circumstances: Circumstances) -> dict[str, NodeStatus]:
    """What becomes of each node after a look at it alone."""
    make, now, patience = make_of(crew.spec), circumstances.now, circumstances.patience
    looks = (
        Look(node, crew.status.nodes[node.name], world.at(node.name), now, patience, make) for node in crew.spec.nodes
    )
    return {look.node.name: next_status(look) for look in looks}


def _finished(crew: Cache, nodes: dict[str, NodeStatus], world: World) -> dict[str, NodeStatus]:
    """A node that was rebuilt is itself again when it answers and, if it has to follow, has caught up; one that joins
    others is there. What is born together arrives together.
    """
    joins = crew.spec.replicates and crew.status.phase not in UNBORN
    unfinished = {NodePhase.RECOVERING, NodePhase.CREATING} if joins else {NodePhase.RECOVERING}
    found: dict[str, NodeStatus] = {}
    for shard in crew.spec.shards:
        replicas = Replicas(shard, crew.status.shards.get(shard.id, ShardStatus()), nodes, world)
        for name in replicas.names:
            caught_up = name == replicas.status.primary or not crew.spec.replicates or replicas.in_sync(name)
            if nodes[name].phase in unfinished and replicas.condition(name) is Condition.LIVE and caught_up:
                found[name] = replace(nodes[name], phase=NodePhase.AVAILABLE)
    return {**nodes, **found}


def _leftovers(world: World, nodes: Mapping[str, NodeStatus]) -> list[str]:
    """Containers that nobody needs any more."""
    left = [name for node, sight in world.nodes.items() if node not in nodes for name in sight.containers]
    idle = [sight.relay.name for node, sight in world.nodes.items() if sight.relay and _needs_no_relay(nodes, node)]
    return [*world.strays, *left, *idle]


def _needs_no_relay(nodes: Mapping[str, NodeStatus], name: str) -> bool:
    return name in nodes and nodes[name].transit is not Transit.PREFERRED


def _farewell(cache: Cache, world: World) -> Plan:
    containers = [*world.strays, *(name for sight in world.nodes.values() for name in sight.containers)]
    status = replace(cache.status, phase=Phase.DELETING, routes={}, reason="")
    ends = (*forgetting(cache.status), *delisting(cache.status), *unnaming(cache.status))
    if containers:
        return Plan(status, actions=(*ends, *(Remove(name) for name in containers)))
    return Plan(status, told(cache, status), ends, gone=True)


def _decided(
    cache: Cache, crew: Cache, nodes: dict[str, NodeStatus], world: World
) -> tuple[dict[str, NodeStatus], dict[str, ShardStatus]]:
    """Who leads each shard, and what becomes of the nodes because of it."""
    make = make_of(cache.spec)
    if not cache.spec.replicates:
        return {**nodes, **_renewed(nodes, world, make)}, {}
    wished = frozenset(node.name for node in cache.spec.nodes) | departing(cache, crew)
    shards: dict[str, ShardStatus] = {}
    for shard in crew.spec.shards:
        replicas = Replicas(shard, cache.status.shards.get(shard.id, ShardStatus()), nodes, world)
        decision = elect(Election(replicas, wished, make, cache.spec.automatic_failover))
        shards[shard.id] = replace(decision.status, members=_members(cache, shard))
        nodes = {**nodes, **decision.nodes}
    return nodes, shards


def _members(cache: Cache, shard: Shard) -> tuple[Node, ...]:
    """Who is to be remembered as the shard's own, should the shard be wished away."""
    if not cache.spec.clustered:
        return ()
    wished = next((one.nodes for one in cache.spec.shards if one.id == shard.id), ())
    return wished or cache.status.shards[shard.id].members


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

"""(wish, status, world) -> what to write down, what to tell, what to do next."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agents.planning.actions import Action, Launch, Remove, Restart, Unpause
from agents.planning.nodes import next_status
from agents.planning.routes import forgetting, pointing, routes
from agents.planning.shards import Replicas, elect, replication
from agents.planning.telling import told
from agents.planning.world import Condition, World, condition
from controlplane.model.cache import Address, Cache, NodeStatus, ShardStatus, Status
from controlplane.model.events import Event
from controlplane.model.lifecycle import NodePhase, Phase


@dataclass(frozen=True, slots=True)
class Plan:
    """A decision. It is written down before the first action is tried; the actions may run at the same time."""

    status: Status
    events: tuple[Event, ...] = ()
    actions: tuple[Action, ...] = ()
    settled: bool = False  # nothing is left to do
    gone: bool = False  # nothing is left at all


def plan(cache: Cache, world: World, now: datetime, patience: timedelta) -> Plan:
    """What to do about a cache. Every node and endpoint has an address in `cache.status` already."""
    if cache.deleting:
        return _farewell(cache, world)
    nodes = _next_nodes(cache, world, now, patience)
    nodes, shards = _next_shards(cache, nodes, world)
    status = replace(cache.status, nodes=nodes, shards=shards)
    wanted = routes(cache, status, world)
    actions = (
        *(Remove(stray) for stray in world.strays),
        *_replicating(cache, status, world),
        *_keeping(cache, status, world),
        *pointing(status, wanted, world.gateway),
    )
    led = {**status.routes, **{name: to for name, to in wanted.items() if to}}
    status = replace(status, routes=led, gateway=world.gateway if led else "")
    as_wished = _as_wished(cache, status, world)
    if actions or not as_wished:
        # What is left to do when everything is as wished, such as telling a gateway again, is nobody else's business.
        status = status if as_wished else _unsettled(cache, status)
        status = replace(status, reason=_trouble(status, world) or status.reason)
        return Plan(status, told(cache, status), actions)
    status = _arrived(cache, status)
    return Plan(status, told(cache, status), settled=True)


def _farewell(cache: Cache, world: World) -> Plan:
    containers = [*world.strays, *(sight.container.name for sight in world.nodes.values() if sight.container)]
    status = replace(cache.status, phase=Phase.DELETING, routes={}, reason="")
    if containers:
        return Plan(status, actions=(*forgetting(cache.status), *(Remove(name) for name in containers)))
    return Plan(status, told(cache, status), tuple(forgetting(cache.status)), gone=True)


def _next_nodes(cache: Cache, world: World, now: datetime, patience: timedelta) -> dict[str, NodeStatus]:
    known = cache.status.nodes
    return {n.name: next_status(n, known[n.name], world.at(n.name), now, patience) for n in cache.spec.nodes}


def _next_shards(
    cache: Cache, nodes: dict[str, NodeStatus], world: World
) -> tuple[dict[str, NodeStatus], dict[str, ShardStatus]]:
    shards: dict[str, ShardStatus] = {}
    for shard in cache.spec.shards if cache.spec.replicates else ():
        known = cache.status.shards.get(shard.id, ShardStatus())
        replicas = Replicas(shard, known, nodes, world)
        shards[shard.id], reborn = elect(replicas, automatic_failover=cache.spec.automatic_failover)
        nodes = {**nodes, **reborn}
    return nodes, shards


def _replicating(cache: Cache, status: Status, world: World) -> list[Action]:
    endpoint = status.endpoints.get("primary")
    actions: list[Action] = []
    for shard in cache.spec.shards if cache.spec.replicates else ():
        actions += replication(Replicas(shard, status.shards[shard.id], status.nodes, world), endpoint)
    return actions


def _keeping(cache: Cache, status: Status, world: World) -> list[Action]:
    """One container for each node, in its present life."""
    busy = _waits_for_succession(cache, status, world)
    actions: list[Action] = []
    for node in cache.spec.nodes:
        sight, known = world.at(node.name), status.nodes[node.name]
        match condition(sight, known):
            case Condition.ABSENT:
                actions.append(Launch(node.name, _primary_for(cache, status, world, node.name)))
            case Condition.STALE if node.name not in busy:
                actions.append(Launch(node.name, _primary_for(cache, status, world, node.name)))
            case Condition.PAUSED:
                actions.append(Unpause(node.name))
            case Condition.LIVE if sight.container and known.rebooting_from == sight.container.started_at:
                actions.append(Restart(node.name))
    return actions


def _waits_for_succession(cache: Cache, status: Status, world: World) -> set[str]:
    """Former primaries that are needed, or are being fenced, until the new one leads."""
    if not cache.spec.replicates:
        return set()
    every = (Replicas(shard, status.shards[shard.id], status.nodes, world) for shard in cache.spec.shards)
    return {replicas.status.former for replicas in every if replicas.status.former and not replicas.leading()}


def _primary_for(cache: Cache, status: Status, world: World, name: str) -> Address | None:
    """Whom a new container follows from its first moment: the primary, if it leads already."""
    if not cache.spec.replicates:
        return None
    shard = cache.shard_of(name)
    replicas = Replicas(shard, status.shards[shard.id], status.nodes, world)
    leader = replicas.status.primary
    return status.nodes[leader].address if leader != name and replicas.leading() else None


def _as_wished(cache: Cache, status: Status, world: World) -> bool:
    """Every node answers, every replica is in sync, nothing that was asked for is left to do."""
    for node in cache.spec.nodes:
        known = status.nodes[node.name]
        if condition(world.at(node.name), known) is not Condition.LIVE or known.reboots < node.reboots:
            return False
    for shard in cache.spec.shards if cache.spec.replicates else ():
        replicas = Replicas(shard, status.shards[shard.id], status.nodes, world)
        followers = (name for name in replicas.names if name != replicas.status.primary)
        late = replicas.status.failovers < shard.failovers or replicas.status.former
        if late or not replicas.leading() or not all(replicas.in_sync(name) for name in followers):
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
    return replace(status, phase=Phase.AVAILABLE, generation=cache.generation, nodes=nodes, reason="")

"""(spec, status, world) -> what to write down, what to tell, what to do next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cachewright.agents.planning.actions import Action, Discard, Recycle, Remove, RemoveVolume, Unroute
from cachewright.agents.planning.cluster import meeting, outdated
from cachewright.agents.planning.cluster.cluster import Cluster
from cachewright.agents.planning.cluster.views import are_apart
from cachewright.agents.planning.endpoints.discovery import next_discovery, withdraw_discovery
from cachewright.agents.planning.endpoints.dns import withdraw_dns
from cachewright.agents.planning.endpoints.publication import Publication, publication
from cachewright.agents.planning.endpoints.routes import kept, routes, unroute_all, unroute_removed
from cachewright.agents.planning.events import events_between
from cachewright.agents.planning.images import Job
from cachewright.agents.planning.members import departing, with_extras
from cachewright.agents.planning.nodes.changed_settings import told_otherwise
from cachewright.agents.planning.nodes.deviation import noted, without_strangers
from cachewright.agents.planning.nodes.lifecycle import Look, fits, next_status, rebuilt
from cachewright.agents.planning.nodes.logs import logs
from cachewright.agents.planning.nodes.moments import ALWAYS, bounded
from cachewright.agents.planning.nodes.node_actions import node_actions
from cachewright.agents.planning.nodes.recycling import recyclable
from cachewright.agents.planning.nodes.relays import needs_relay
from cachewright.agents.planning.nodes.removal import leaving, removals
from cachewright.agents.planning.nodes.updates import dated
from cachewright.agents.planning.outages import Outages, is_outage
from cachewright.agents.planning.pace import (
    held_back,
    is_over,
    remaining,
    since_when,
    until_a_failover,
    without_primary,
)
from cachewright.agents.planning.phases import being_changed, being_deleted, made_available
from cachewright.agents.planning.placement import Sites, unplaced
from cachewright.agents.planning.placement_reasons import no_room
from cachewright.agents.planning.readiness import (
    awaits_copies,
    first_failure,
    has_values,
    lost_upstream,
    refuses_to_start,
    serves_as_desired,
    waits_for_place,
    waits_for_start,
)
from cachewright.agents.planning.shards.delaying import delaying, idle
from cachewright.agents.planning.shards.election import Election, elect
from cachewright.agents.planning.shards.replicas import Replicas, has_copies
from cachewright.agents.planning.shards.replication import replication
from cachewright.agents.planning.shards.seeding import discards, is_held, is_seeded, misfit, seeds, told
from cachewright.agents.planning.world import Condition, World, condition
from cachewright.controlplane.model.cache import Cache, Node, NodeStatus, Shard, ShardStatus, Spec, Status
from cachewright.controlplane.model.durability import Durability
from cachewright.controlplane.model.events import Event
from cachewright.controlplane.model.fingerprints import Fingerprints, fingerprints_of
from cachewright.controlplane.model.hostnames import Naming
from cachewright.controlplane.model.lifecycle import UNBORN, NodePhase, Phase
from cachewright.controlplane.model.pace import AS_IT_IS, Deed, Pace


@dataclass(frozen=True, slots=True)
class Plan:
    """A decision. It is written down before the first action is tried; the actions may run at the same time."""

    status: Status
    events: tuple[Event, ...] = ()
    actions: tuple[Action, ...] = ()
    jobs: tuple[Job, ...] = ()  # that have to end before more can be done; those that run already are not among them
    settled: bool = False  # nothing is left to do
    stuck: bool = False  # nothing can be done until a zone or the gateway is back, or it is time to try again
    gone: bool = False  # nothing is left at all
    waits: float = 0.0  # seconds until something may be done, or said to be, that is held back for so long


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision depends on besides the cache and what is seen of it."""

    now: datetime
    patience: timedelta  # of silence, after which a node counts as dead
    zones_down: frozenset[str] = frozenset()  # nothing is launched there
    naming: Naming = field(default_factory=Naming)
    outages: Outages = field(default_factory=Outages)
    awake_since: datetime = ALWAYS  # no silence before counts: the machine slept
    pace: Pace = AS_IT_IS
    sites: Sites = field(default_factory=Sites)

    def hides(self, status: Status, node: str) -> bool:
        """Whether a node that does not answer may answer others; not where its host is silent as well."""
        return node in self.outages.hidden(status, self.sites.silent)

    def awaits(self, known: NodeStatus) -> bool:
        """Whether a node that does not answer has not been silent for as long as anybody is waited for."""
        return known.silent_since is None or self.now - known.silent_since < self.patience

    def away(self, interim: Cache, status: Status) -> frozenset[str]:
        """The nodes that cannot be launched: their zone is down, or no host has room for them."""
        down = {node.name for node in interim.spec.nodes if node.zone in self.zones_down}
        return frozenset(down | unplaced(status, self.sites))


def plan(cache: Cache, world: World, circumstances: Circumstances) -> Plan:
    """What to do about a cache. Every member and every endpoint has an address in `cache.status` already."""
    if cache.deleting:
        return _finalize(cache, world, circumstances)
    cache = bounded(cache, circumstances.awake_since, circumstances.now)
    interim = with_extras(cache)
    world = _with_hidden(cache, world, circumstances)
    status = _status(cache, interim, world, circumstances)
    told = _publication(cache, interim, status, world, circumstances)
    work = _work(cache, interim, status, world, circumstances)
    actions = _actions(cache, status, world, work, told)
    jobs = tuple(dict.fromkeys(step for step in work if isinstance(step, Job)))
    status = told.written(status)
    complete = serves_as_desired(cache, interim, status, world)
    serving = complete and not told.cut_off
    fulfilled = serving and has_values(interim, status)
    if fulfilled and not told.unheard and all(isinstance(action, Discard) for action in actions):
        held, seconds = held_back(cache, status, circumstances.pace, circumstances.now)
        if seconds:
            return Plan(held, events_between(cache, held), actions, waits=seconds)
        status = made_available(cache, status)  # nobody waits until a file that has done its work is gone
        return Plan(status, events_between(cache, status), actions, settled=not actions)
    # What is left to do when everything is as desired, such as telling a gateway again, is nobody else's business. How
    # far other values of a parameter group are is told apart, see `ApplyStatus`.
    quiet = fulfilled or (serving and cache.spec.change.makes_quiet(cache.generation))
    now = circumstances.now
    lost = lost_upstream(cache, status, world, now) or awaits_copies(cache, status, world, now)
    homeless = no_room(interim, status, circumstances.sites.without(world.silent))
    status = _unsettled(cache, status, world, told.cut_off or lost or homeless, quiet=quiet)
    status = status if status.phase is Phase.AVAILABLE else since_when(cache, status, circumstances.now)
    waits = bool(lost or homeless) or world.yielding or _waits_for_upstream(cache, interim, status, world)
    waits = waits or _waits(interim, status, world, circumstances)
    waits = waits or (complete and bool(told.cut_off or told.unheard))
    stuck = not actions and not jobs and (waits or bool(without_primary(status)))
    rest = tuple(job for job in jobs if job not in world.jobs)
    pause = until_a_failover(status, circumstances.pace, circumstances.now)
    return Plan(status, events_between(cache, status), actions, rest, stuck=stuck, waits=pause)


def _publication(
    cache: Cache, interim: Cache, status: Status, world: World, circumstances: Circumstances
) -> Publication:
    """What the gateway and the directory have to be told."""
    wanted, naming, known = routes(interim, status, world), circumstances.naming, replace(cache, status=status)
    told = (naming.records(known), naming.led(known))
    change, cut_off = (cache, status), circumstances.outages.reason(status)
    return publication(change, wanted, *told, world.gateway, cut_off)


def _actions(
    cache: Cache, status: Status, world: World, work: Sequence[Action | Job], told: Publication
) -> tuple[Action, ...]:
    """What is done now: work, words to the gateway, and what goes once that knows."""
    return (
        *(step for step in work if not isinstance(step, Job)),
        *told.due,
        *removals(leaving(cache, world), world, told.actions),
        *unroute_removed(cache.status, status),
    )


def _unsettled(cache: Cache, status: Status, world: World, cut_off: str, *, quiet: bool) -> Status:
    """The status while something is left to do, which callers are shown unless it is quiet."""
    unfit = misfit(cache, status, world)
    if not quiet:
        status = being_changed(cache, status, hopeless=bool(unfit) or refuses_to_start(status, world))
    told = told_otherwise(cache, status, world)
    reason = unfit or first_failure(status, world) or cut_off or told or status.reason
    return replace(status, reason=reason, unserved=status.unserved or is_outage(reason))


def _waits(interim: Cache, status: Status, world: World, circumstances: Circumstances) -> bool:
    """Whether a node waits for its zone or for its next start, or for nothing any more."""
    if misfit(interim, status, world):
        return True
    away = circumstances.away(interim, status)
    return waits_for_place(interim, status, world, away) or waits_for_start(interim, status, world)


def _waits_for_upstream(cache: Cache, interim: Cache, status: Status, world: World) -> bool:
    """Whether nobody knows yet whom a shard follows, or that one does not lead, or slots are not where they shall be
    there.
    """
    if not (cache.spec.clustered and world.upstreams):
        return False
    if not (world.slots_settled or world.predecessors):
        return True
    cluster = Cluster(cache, interim, status, world)
    return bool(outdated.unled(cluster)) or outdated.awaits_upstream(cluster)


def _status(cache: Cache, interim: Cache, world: World, circumstances: Circumstances) -> Status:
    """What is seen and decided: the nodes, who leads and who serves which slots, who is listed."""
    nodes = without_strangers(interim, _looked_at(interim, world, circumstances), world, fingerprints_of(interim.spec))
    nodes, shards = _decided(cache, interim, _finished(interim, nodes, world), world, circumstances)
    nodes = dated(cache.spec, {**nodes, **leaving(cache, world)}, circumstances.now)
    status = replace(cache.status, nodes=nodes, shards=shards, endpoints=kept(cache.status, nodes))
    if cache.spec.clustered:
        status = replace(status, shards=outdated.with_served_slots(Cluster(cache, interim, status, world)))
    return replace(status, discovery=next_discovery(interim, status, world))


def _work(
    cache: Cache, interim: Cache, status: Status, world: World, circumstances: Circumstances
) -> list[Action | Job]:
    """What has to be done to containers and engines."""
    return [
        *_removing((*_leftovers(cache.spec, world, status), *idle(interim, status, world)), world.stray_volumes),
        *_replicating(interim, status, world, circumstances.now),
        *delaying(interim, status, world),
        *node_actions(cache, interim, status, world, circumstances.away(interim, status)),
        *discards(cache, status, world),
        *(meeting.next_actions(Cluster(cache, interim, status, world)) if cache.spec.clustered else ()),
    ]


def _with_hidden(cache: Cache, world: World, circumstances: Circumstances) -> World:
    """The same, in which whoever may answer others counts as busy: it has what it had, and nobody begins without. So
    does an old primary for the patience.
    """
    status = cache.status
    awaited = {name for name in status.nodes if circumstances.hides(status, name)}
    awaited |= {name for name in old_primaries(status) if circumstances.awaits(status.nodes[name])}
    nodes = {name: replace(seen, busy=seen.busy or name in awaited) for name, seen in world.nodes.items()}
    return replace(world, nodes=nodes) if awaited else world


def old_primaries(status: Status) -> frozenset[str]:
    """Those that give their places away, while they know them still."""
    return frozenset(known.old_primary for known in status.shards.values() if known.old_primary in status.nodes)


def _looked_at(interim: Cache, world: World, circumstances: Circumstances) -> dict[str, NodeStatus]:
    """What becomes of each node after a look at it alone."""
    fingerprints, now, patience = fingerprints_of(interim.spec), circumstances.now, circumstances.patience
    begins = seeds(interim, interim.status)
    sites = circumstances.sites.without(world.silent)
    away = () if sites.judges else sites.silent
    known = {node.name: interim.status.nodes[node.name] for node in interim.spec.nodes}
    old = old_primaries(interim.status)
    looks = (
        Look(
            *(node, known[node.name], world.at(node.name), now, patience, fingerprints),
            irreplaceable=not has_copies(interim, node.name, world),
            seeding=node.name in begins,
            unheard=world.is_unheard(node.name),
            hidden=circumstances.hides(interim.status, node.name),
            leaving=node.name in old,
        )
        for node in interim.spec.nodes
        if known[node.name].host not in away or world.at(node.name).answer
    )
    return known | {look.node.name: next_status(look) for look in looks}


def _finished(interim: Cache, nodes: dict[str, NodeStatus], world: World) -> dict[str, NodeStatus]:
    """A node that was rebuilt is itself again when it answers and, if it has to follow, has caught up; one that joins
    others is there. What is born together arrives together.
    """
    joins = interim.spec.replicates and interim.status.phase not in UNBORN
    unfinished = {NodePhase.RECOVERING, NodePhase.CREATING} if joins else {NodePhase.RECOVERING}
    found: dict[str, NodeStatus] = {}
    for shard in interim.spec.shards:
        replicas = Replicas(shard, interim.status.shards.get(shard.id, ShardStatus()), nodes, world)
        for name in replicas.names:
            caught_up = name == replicas.status.primary or not interim.spec.replicates or replicas.in_sync(name)
            if nodes[name].phase in unfinished and replicas.condition(name) is Condition.LIVE and caught_up:
                found[name] = replace(nodes[name], phase=NodePhase.AVAILABLE)
    return {**nodes, **found}


def _leftovers(spec: Spec, world: World, status: Status) -> list[str]:
    """Containers that nobody needs any more; a primary that shall be lost for a while is not replaced at once."""
    nodes, lost = status.nodes, without_primary(status)
    stale = {name for name in lost & nodes.keys() if condition(world.at(name), nodes[name]) is Condition.STALE}
    stale = {name for name in stale if not world.is_unheard(name)}
    unneeded = [node for node in world.nodes if node not in nodes or node in stale]
    left = [name for node in unneeded for name in world.nodes[node].containers]
    beside = [(sight.relay, nodes.get(name)) for name, sight in world.nodes.items()]
    idle = [relay.name for relay, known in beside if relay and known and not needs_relay(spec, known)]
    return [*world.strays, *left, *idle]


def _ending(containers: Sequence[str], volumes: Sequence[str], recycled: Mapping[str, str]) -> list[Action]:
    """The same, but for containers that may serve somebody else."""
    recycling = [Recycle(node, name) for node, name in recycled.items()]
    others = [name for name in containers if name not in recycled.values()]
    return [*recycling, *(Remove(name) for name in others)] or _removing((), volumes)


def _removing(containers: Sequence[str], volumes: Sequence[str]) -> list[Action]:
    """Containers go first: what they have mounted stays."""
    return [Remove(name) for name in dict.fromkeys(containers)] or [RemoveVolume(name) for name in volumes]


def _finalize(cache: Cache, world: World, circumstances: Circumstances) -> Plan:
    containers = [*world.strays, *(name for sight in world.nodes.values() for name in sight.containers)]
    status = since_when(cache, being_deleted(cache.status), circumstances.now)
    ends = (*unroute_all(cache.status), *withdraw_discovery(cache.status), *withdraw_dns(cache.status))
    volumes, recycled = (*sorted(world.volumes), *world.stray_volumes), recyclable(cache, world)
    if ending := _ending(containers, volumes, recycled):
        due = (end for end in ends if not (recycled and isinstance(end, Unroute)))  # it goes with its endpoints
        return Plan(status, actions=(*due, *ending))
    if waits := remaining(status, Deed.DELETE, circumstances.pace, circumstances.now):
        return Plan(status, waits=waits)
    return Plan(status, events_between(cache, status), ends, gone=True)


def _decided(
    cache: Cache, interim: Cache, nodes: dict[str, NodeStatus], world: World, circumstances: Circumstances
) -> tuple[dict[str, NodeStatus], dict[str, ShardStatus]]:
    """Who leads each shard, and what becomes of the nodes because of it."""
    fingerprints = fingerprints_of(cache.spec)
    if not cache.spec.replicates:
        nodes = {**nodes, **_renewed(nodes, world, fingerprints)}
        return nodes, told(cache, nodes, world)
    now, pace = circumstances.now, circumstances.pace
    apart = are_apart(cache, world) and not world.yielding
    desired = frozenset(node.name for node in cache.spec.nodes) | departing(cache, interim)
    shards: dict[str, ShardStatus] = {}
    for shard in interim.spec.shards:
        before = cache.status.shards.get(shard.id, ShardStatus())
        nodes |= logs(Replicas(shard, before, nodes, world))
        replicas = Replicas(shard, before, nodes, world)
        held, seeded = is_held(cache, shard.id), is_seeded(cache, replicas)
        fixed = apart and not world.is_released(shard.id)
        election = Election(replicas, desired, fingerprints, cache.spec.automatic_failover and not fixed, held)
        election = replace(election, fixed=fixed)
        sync, over = cache.spec.durability is Durability.SYNC, is_over(before, pace, now)
        decision = elect(replace(election, sync=sync, slow=bool(pace.of(Deed.FAILOVER)), over=over, now=now))
        source = replicas.upstream.address if replicas.upstream else None if replicas.leading() else before.upstream
        behind = cache.spec.clustered and not replicas.is_fed()
        known = replace(decision.status, members=_members(cache, shard), seeded=seeded)
        shards[shard.id] = replace(known, upstream=source, behind=behind)
        nodes = {**nodes, **decision.nodes}
        nodes |= noted(cache, Replicas(shard, shards[shard.id], nodes, world), fingerprints, now)
    return nodes, shards


def _members(cache: Cache, shard: Shard) -> tuple[Node, ...]:
    """Who is to be remembered as the shard's own, should the shard leave the spec."""
    if not cache.spec.clustered:
        return ()
    desired = next((one.nodes for one in cache.spec.shards if one.id == shard.id), ())
    known = cache.status.shards.get(shard.id)
    return desired or (known.members if known else shard.nodes)


def _renewed(nodes: dict[str, NodeStatus], world: World, fingerprints: Fingerprints) -> dict[str, NodeStatus]:
    """Nodes that do not know each other are rebuilt one by one when they are made otherwise than desired."""
    if any(condition(world.at(name), known) is not Condition.LIVE for name, known in nodes.items()):
        return {}
    outdated = [name for name, known in nodes.items() if not fits(known, fingerprints)]
    return {name: rebuilt(nodes[name], fingerprints) for name in outdated[:1]}


def _replicating(cache: Cache, status: Status, world: World, now: datetime) -> list[Action]:
    endpoint = status.endpoints.get("primary")
    actions: list[Action] = []
    for shard in cache.spec.shards if cache.spec.replicates else ():
        actions += replication(Replicas(shard, status.shards[shard.id], status.nodes, world), endpoint, now)
    return actions

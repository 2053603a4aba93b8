"""One container for each node, in its present life, that takes the connections and knows the logins that it should."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from cachewright.agents.planning.actions import (
    Action,
    Adopt,
    ApplyAcl,
    ApplyParameters,
    Fill,
    Interrupt,
    Launch,
    Remove,
    Restart,
    Unpause,
)
from cachewright.agents.planning.cluster import views
from cachewright.agents.planning.cluster.cluster import Cluster
from cachewright.agents.planning.cluster.nodes import ClusterNode
from cachewright.agents.planning.cluster.outdated import unled
from cachewright.agents.planning.containers import Container, State
from cachewright.agents.planning.images import Fetch, Image, ImageNeed, Job, need_of
from cachewright.agents.planning.labels import ACCESS
from cachewright.agents.planning.links import NOBODY, Link
from cachewright.agents.planning.members import departing, is_surge
from cachewright.agents.planning.nodes.lifecycle import fits
from cachewright.agents.planning.nodes.logs import is_unusable
from cachewright.agents.planning.nodes.parameters import begins_anew, is_tuned
from cachewright.agents.planning.nodes.relays import lacks_relay, relay_for
from cachewright.agents.planning.pace import without_primary
from cachewright.agents.planning.shards.replicas import Replicas
from cachewright.agents.planning.shards.seeding import lacks, seeds, waiting
from cachewright.agents.planning.world import Condition, Sight, World, condition
from cachewright.controlplane.model.cache import Cache, Status
from cachewright.controlplane.model.durability import Durability
from cachewright.controlplane.model.fingerprints import Fingerprints, fingerprints_of


def node_actions(
    cache: Cache, interim: Cache, status: Status, world: World, away: frozenset[str]
) -> list[Action | Job]:
    """One container for each node, in its present life, with the desired logins; none for those `away`. Where the
    image for a container is not at hand, it comes first.
    """
    fingerprints, need = fingerprints_of(cache.spec), need_of(cache.spec)
    actions: list[Action | Job] = [*_adoptions(status, world)]
    cluster = Cluster(cache, interim, status, world) if cache.spec.clustered else None
    told_to = partial(views.told, cluster, cluster.cluster_nodes) if cluster else _alone
    later = cluster.starting_later(set(away)) if cluster else set()
    held = away | later | waiting(interim, status) | (unled(cluster) if cluster else frozenset())
    earlier = _earlier_lives(interim, status, world) if views.are_apart(cache, world) and not world.yielding else ()
    actions += map(Remove, earlier)
    begins = seeds(cache, status) if cache.spec.replicates else {}  # others are told what they are to hold
    for name in (name for name in _needed(cache, interim, status, world) if name not in held):
        sight, known = world.at(name), status.nodes[name]
        match condition(sight, known):
            case Condition.ABSENT | Condition.STALE if earlier:
                pass  # who is kept apart begins when they are gone
            case Condition.STALE if sight.container and sight.container.host not in (known.host, *world.silent):
                actions.append(Remove(sight.container.name))  # before its address leads elsewhere
            case Condition.ABSENT | Condition.STALE if known.host in world.silent:
                pass  # another host is found for it first
            case Condition.ABSENT | Condition.STALE:
                follows = _primary_for(interim, status, world, name)
                anew = bool(known.volume) and _copies_anew(interim, status, world, name)
                launch = partial(Launch, name, primary=follows, cluster_nodes=told_to(name))
                launch = partial(launch, seed=begins.get(name), anew=anew)
                actions.append(with_image(world, need, launch))
            case Condition.PAUSED if sight.container:
                actions.append(Unpause(sight.container.name))
            case Condition.LIVE | Condition.BUSY | Condition.SHUT_OUT if (
                sight.container and known.rebooting_from == sight.container.started_at
            ):
                anew = begins_anew(known, fingerprints) or _has_other_users(cache, sight.container, fingerprints)
                anew = anew or _might_lead(status, world, name)
                follows = _primary_for(interim, status, world, name)
                launch = partial(Launch, name, primary=follows, cluster_nodes=told_to(name))
                actions.append(with_image(world, need, launch) if anew else Restart(sight.container.name))
            case Condition.BUSY if cache.status.nodes[name].busy_since:  # at the first look it is in doubt
                actions.append(Interrupt(name))
            case Condition.LIVE | Condition.SILENT if sight.container and lacks_relay(cache.spec, sight, known):
                actions.append(with_image(world, *relay_for(cache.spec, name, sight.container.started_at)))
            case Condition.SHUT_OUT:
                actions.append(ApplyAcl(name))
            case Condition.LIVE if file := lacks(cache, status, world, name):
                actions.append(Fill(name, file))
            case Condition.LIVE if not has_desired_logins(sight, fingerprints):
                actions.append(ApplyAcl(name))
            case Condition.LIVE if not is_tuned(known, fingerprints):
                actions.append(ApplyParameters(name))
    return actions


def _alone(name: str) -> tuple[ClusterNode, ...]:  # noqa: ARG001 - as any node is told
    """What a node is told of others that is in no cluster."""
    return ()


def _earlier_lives(cache: Cache, status: Status, world: World) -> tuple[str, ...]:
    """The containers of earlier lives, which would talk to others that are to be kept apart."""
    sights = [(world.at(node.name), status.nodes[node.name]) for node in cache.spec.nodes]
    stale = (sight.container for sight, known in sights if condition(sight, known) is Condition.STALE)
    return tuple(container.name for container in stale if container and container.host not in world.silent)


def _adoptions(status: Status, world: World) -> Iterator[Adopt]:
    """Nodes that serve already, in containers that are called as they were before somebody asked for them."""
    for name, known in status.nodes.items():
        sight = world.at(name)
        named = known.ahead and sight.container and sight.container.name == known.ahead
        if named and condition(sight, known) is Condition.LIVE:
            yield Adopt(name)


def with_image(world: World, need: ImageNeed, made: Callable[[Image], Action]) -> Action | Job:
    """An action that needs an image, when that is at hand; else the job that sees to it."""
    image = world.images.get(need)
    return made(image) if image else Fetch(need)


def _needed(cache: Cache, interim: Cache, status: Status, world: World) -> list[str]:
    """Nodes that should have a container: the desired ones, surge nodes of outdated ones, those of shards that still
    serve slots. Old primaries wait until the new one leads: they are needed for the change, or are being fenced.
    """
    fingerprints = fingerprints_of(cache.spec)
    waiting = _waits_for_succession(interim, status, world)
    desired = [node.name for node in cache.spec.nodes]
    outdated = any(not fits(status.nodes[name], fingerprints) for name in desired)
    extras = [node.name for node in interim.spec.nodes if is_surge(node.name) and outdated]
    extras += _returning(cache, interim, status, world)
    return [
        name for name in dict.fromkeys((*desired, *extras, *sorted(departing(cache, interim)))) if name not in waiting
    ]


def _copies_anew(cache: Cache, status: Status, world: World, name: str) -> bool:
    """Whether a replica refuses to start, so that its log is given up: its primary has everything."""
    shard = cache.shard_of(name)
    replicas = Replicas(shard, status.shards[shard.id], status.nodes, world)
    return name != replicas.status.primary and is_unusable(status.nodes[name]) and replicas.leading()


def _returning(cache: Cache, interim: Cache, status: Status, world: World) -> Iterator[str]:
    """Primaries that shall not stay, but have what nobody else has."""
    staying = {node.name for node in cache.spec.nodes}
    for shard in interim.spec.shards if interim.spec.replicates else ():
        replicas = Replicas(shard, status.shards[shard.id], status.nodes, world)
        if (name := replicas.status.primary) not in staying and replicas.would_return(name):
            yield name


def _waits_for_succession(cache: Cache, status: Status, world: World) -> set[str]:
    """Old primaries that are needed, or are being fenced, until the new one leads; a whole shard whose old primary goes
    on because the failover failed, and the chosen one while it may go on; with automatic failover also those whose
    replicas cannot lead yet, because they are busy or do not answer: an empty primary would have them forget what they
    hold. That of a `sync` shard is not empty. Lost primaries of shards that shall have none for a while.
    """
    if not cache.spec.replicates:
        return set()
    every = [Replicas(shard, status.shards[shard.id], status.nodes, world) for shard in cache.spec.shards]
    old = {replicas.status.old_primary for replicas in every if replicas.status.old_primary and not replicas.leading()}
    yields = cache.spec.automatic_failover and cache.spec.durability is not Durability.SYNC
    awaiting = (replicas for replicas in every if replicas.awaits_replica())
    lost = {replicas.status.primary for replicas in awaiting if yields or replicas.is_bereft}
    chosen = {replicas.status.primary for replicas in every if replicas.awaits_old_primary()}
    kept = {name for replicas in every if replicas.only_fenced_left() for name in replicas.names}
    return old | kept | chosen | without_primary(status) | lost


def _primary_for(cache: Cache, status: Status, world: World, name: str) -> Link | None:
    """Whom a container follows from the first moment of every start: only the chosen primary may ever lead. Where that
    does not run yet it follows nobody until it is told: the kernel would ask in vain who has the primary's address, and
    ask again only a second later. A primary with an upstream is told later, too: it may be started again when it has
    none any more.
    """
    if not cache.spec.replicates:
        return None
    shard = cache.shard_of(name)
    replicas = Replicas(shard, status.shards[shard.id], status.nodes, world)
    primary = replicas.status.primary
    if name == primary:
        if replicas.yields:
            return Link(NOBODY)
        return replace(replicas.upstream, address=NOBODY) if replicas.upstream else None
    container = world.at(primary).container
    there = container is not None and container.state is State.RUNNING
    return replicas.link(name) if there else replace(replicas.link(name), address=NOBODY)


def _might_lead(status: Status, world: World, name: str) -> bool:
    """Whether a container that is started again might take writes until it is told to follow the upstream, because it
    was launched when there was none.
    """
    return bool(world.upstreams) and any(name == known.primary for known in status.shards.values())


def _has_other_users(cache: Cache, container: Container, fingerprints: Fingerprints) -> bool:
    """Whether a container that is started again would begin with other users than the desired ones, of whom it may let
    some in until it is told.
    """
    return bool(cache.spec.user_group) and container.labels.get(ACCESS) != fingerprints.access


def has_desired_logins(sight: Sight, fingerprints: Fingerprints) -> bool:
    """Whether a live node knows the logins that are desired."""
    return sight.answer is None or sight.answer.access in (None, fingerprints.access)

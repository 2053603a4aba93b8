"""Whether a cache is as desired."""

from datetime import datetime, timedelta

from cachewright.agents.planning.cluster.cluster import Cluster
from cachewright.agents.planning.cluster.meeting import is_as_desired
from cachewright.agents.planning.nodes.lifecycle import HOPELESS, fits, stillbirths
from cachewright.agents.planning.nodes.logs import are_logged
from cachewright.agents.planning.nodes.node_actions import has_desired_logins
from cachewright.agents.planning.nodes.parameters import is_tuned
from cachewright.agents.planning.nodes.relays import is_reached
from cachewright.agents.planning.shards.replicas import Replicas
from cachewright.agents.planning.shards.seeding import unseeded, waiting
from cachewright.agents.planning.world import Condition, Sight, World, condition
from cachewright.controlplane.model.cache import Cache, NodeStatus, Status
from cachewright.controlplane.model.fingerprints import fingerprints_of

UNREACHABLE = timedelta(seconds=2)  # for which a primary cannot reach its upstream until that is said
UNANSWERED = timedelta(seconds=15)  # the same for one that was reached: sources wait for 5 s until they send a copy


def serves_as_desired(cache: Cache, interim: Cache, status: Status, world: World) -> bool:
    """Every node is made as desired and answers, every replica is in sync, every slot is served where it shall be,
    everything is there that it was to begin with, and on the volumes of those that have some, and nothing that was
    asked for is left to do, whatever the values of parameters are.
    """
    if unseeded(cache, status) or not are_logged(status, interim):
        return False
    if not _made(interim, status, world) or not _replicated(interim, status, world):
        return False
    return not cache.spec.clustered or is_as_desired(Cluster(cache, interim, status, world))


def _made(interim: Cache, status: Status, world: World) -> bool:
    fingerprints = fingerprints_of(interim.spec)
    for node in interim.spec.nodes:
        known = status.nodes[node.name]
        sight = world.at(node.name)
        if condition(sight, known) is not Condition.LIVE or known.reboots < node.reboots:
            return False
        if (
            not fits(known, fingerprints)
            or not has_desired_logins(sight, fingerprints)
            or not is_reached(interim.spec, sight, known)
        ):
            return False
    return True


def has_values(interim: Cache, status: Status) -> bool:
    """Whether every node runs with the values of its parameters."""
    fingerprints = fingerprints_of(interim.spec)
    return all(is_tuned(status.nodes[node.name], fingerprints) for node in interim.spec.nodes)


def _replicated(interim: Cache, status: Status, world: World) -> bool:
    if world.yielding or world.predecessors:
        return False
    for shard in interim.spec.shards if interim.spec.replicates else ():
        replicas = Replicas(shard, status.shards[shard.id], status.nodes, world)
        done = (replicas.status.failovers, replicas.status.promotions) == (shard.failovers, shard.promotions)
        if not done or replicas.status.old_primary or replicas.is_fenced() or not replicas.all_in_sync():
            return False
    return True


def lost_upstream(cache: Cache, status: Status, world: World, now: datetime) -> str:
    """That nothing comes from the upstream, or that it does not take the cache's place, once that has lasted; empty
    when all is well, or there is none.
    """
    if world.yielding and status.since and now - status.since >= UNREACHABLE:
        return f"It waits for {cache.spec.upstream}, which has not taken its place yet."
    for shard in cache.spec.shards if world.upstreams else ():
        replicas = Replicas(shard, status.shards[shard.id], status.nodes, world)
        name = replicas.status.primary
        view, since = replicas.view(name), status.nodes[name].astray_since
        if view and since and now - since >= (UNREACHABLE if view.idle else UNANSWERED):
            return f"Node {name} receives nothing from {cache.spec.upstream}, which it is to follow."
    return ""


def awaits_copies(cache: Cache, status: Status, world: World, now: datetime) -> str:
    """That slots do not move as long as another region has something older, once that has lasted; empty when none shall
    move, or something else is in the way.
    """
    if not (world.outdated and status.since and now - status.since >= UNREACHABLE):
        return ""
    wanted, shards = {shard.id: shard.slots for shard in cache.spec.shards}, status.shards.items()
    moving = any(known.slots != wanted.get(name, "") for name, known in shards)
    live = all(condition(world.at(one.primary), status.nodes[one.primary]) is Condition.LIVE for _, one in shards)
    names = ", ".join(sorted(world.outdated))
    return f"Slots move once other regions have everything of {names} again." if moving and live else ""


def waits_for_place(interim: Cache, status: Status, world: World, away: frozenset[str]) -> bool:
    """Whether every node that does not live cannot be launched anywhere."""
    dead = [n for n in interim.spec.nodes if condition(world.at(n.name), status.nodes[n.name]) is not Condition.LIVE]
    return bool(dead) and all(node.name in away for node in dead)


def first_failure(status: Status, world: World) -> str:
    """What the first node says that ended before it ever answered, or refuses to start in its present life. What one
    has said for the reason that is told is not told of another.
    """
    for name, known in status.nodes.items():
        container = world.at(name).container
        if container and container.ending and (known.answered == 0 or _refuses(world.at(name), known)):
            words = f"ended before it answered: {container.ending}."
            return status.reason if status.reason.endswith(words) else f"Node {name} {words}"
    return ""


def _refuses(sight: Sight, known: NodeStatus) -> bool:
    """Whether a node's engine ended by itself, and not well, at two starts in a row: a third is like them."""
    container = sight.container
    dead = condition(sight, known) is Condition.DEAD
    return container is not None and dead and container.failed and stillbirths(known) >= HOPELESS


def refuses_to_start(status: Status, world: World) -> bool:
    """Whether some node's engine refuses to start."""
    return any(_refuses(world.at(name), known) for name, known in status.nodes.items())


def waits_for_start(interim: Cache, status: Status, world: World) -> bool:
    """Whether all that does not live refuses to start, and is tried again later, or waits for one that does."""
    names = [node.name for node in interim.spec.nodes if node.name not in waiting(interim, status)]
    seen = [(world.at(name), status.nodes[name]) for name in names]
    rest = [each for each in seen if condition(*each) is not Condition.LIVE]
    return bool(rest) and all(_refuses(*each) for each in rest)

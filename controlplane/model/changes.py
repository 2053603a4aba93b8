"""From one spec to the next."""

from collections.abc import Iterable
from dataclasses import replace
from enum import Enum

from cachewright.controlplane.model import slots
from cachewright.controlplane.model.cache import Cache, Node, Shard, Spec
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.node_counts import resized
from cachewright.controlplane.model.pending import Change, Pending, Resize

Owners = dict[str, slots.Ranges]  # which slots each shard has, by its id


class Consequence(Enum):
    """What a change of a spec asks of the agent."""

    NONE = "nothing"
    LOOK = "a look at what is to be done, and when; the world is as it should be"
    WORK = "another world; until it is there the cache is not as desired"


def consequence(before: Spec, after: Spec) -> Consequence:
    """What follows from another spec. Schedules, and what waits for one, change nothing before their time; Multi-AZ is
    a promise that the shards keep already; logs are delivered beside what the nodes do; a member of a global datastore
    has something to do only when it is to follow another one, or nobody, and the parameter group that it gets when it
    joins has the values of the one before.
    """
    if after == before:
        return Consequence.NONE
    later = replace(after, schedule=before.schedule, pending=before.pending, multi_az=before.multi_az, logs=before.logs)
    if after.datastore != before.datastore and after.parameters == before.parameters:
        later = replace(later, parameter_group=before.parameter_group)
    later = replace(later, datastore=before.datastore)
    return Consequence.LOOK if later == before else Consequence.WORK


def applied(spec: Spec) -> Spec:
    """The spec with everything in it that waited for the maintenance window."""
    waits = spec.pending
    after = replace(
        spec,
        pending=Pending(),
        node_type=waits.node_type or spec.node_type,
        engine=waits.engine or spec.engine,
        version=waits.version or spec.version,
        parameter_group=waits.parameter_group or spec.parameter_group,
        parameters=waits.parameters if waits.parameter_group else spec.parameters,
        automatic_failover=spec.automatic_failover if waits.automatic_failover is None else waits.automatic_failover,
        multi_az=spec.multi_az if waits.multi_az is None else waits.multi_az,
    )
    after = with_nodes(after, resized(spec.nodes, waits.resize)) if waits.resize != Resize() else after
    return promoting(after, waits.primary) if waits.primary else after


def with_change(cache: Cache, spec: Spec, token: str = "") -> Spec:
    """The next spec of a cache, with a note of what is changed by it. `token` is AWS's AuthTokenStatus, if any."""
    before, current = cache.spec, current_change(cache)
    change = Change(
        cache.generation + 1,
        automatic_failover=before.automatic_failover != spec.automatic_failover,
        transit=before.transit.value if before.transit is not spec.transit else "",
        cluster_mode=before.cluster_mode.value if before.cluster_mode is not spec.cluster_mode else "",
        moving=_astray(owners(cache), desired_owners(spec)),
        token=token,
        joining=_only_joins(cache, spec),
        more_replicas=current.more_replicas or _grows(before, spec),
        users=current.users,
        members=current.members,
        user_group=before.user_group if before.user_group != spec.user_group else None,
        migrated=before.upstream is not None and before.upstream.migrates and spec.upstream is None,
    )
    return replace(spec, change=change if spec.replicates else _counted(change, before, spec))


def _only_joins(cache: Cache, after: Spec) -> bool:
    """Whether another spec only has more replicas than the present one, while nothing else is changed."""
    before, current = cache.spec, current_change(cache)
    if current != Change() and not current.joining:
        return False
    kept = {shard.id: len(shard.nodes) for shard in before.shards}
    first = (replace(shard, nodes=shard.nodes[: kept.get(shard.id, 0)]) for shard in after.shards)
    return replace(after, shards=tuple(first), change=before.change) == before


def _grows(before: Spec, after: Spec) -> bool:
    """Whether a shard that stays has more nodes."""
    counts = {shard.id: len(shard.nodes) for shard in before.shards}
    return any(len(shard.nodes) > counts.get(shard.id, len(shard.nodes)) for shard in after.shards)


def _counted(change: Change, before: Spec, after: Spec) -> Change:
    """The note with what becomes of the number of nodes."""
    stay = {node.id for node in after.nodes}
    leaving = tuple((node.id, node.zone) for node in before.nodes if node.id not in stay)
    same = {node.id for node in before.nodes} == stay
    return replace(change, more_replicas=False, nodes=0 if same else len(before.nodes), leaving=leaving)


def with_values_changed(cache: Cache, spec: Spec, users: Iterable[str] = (), *, members: bool = False) -> Spec:
    """The next spec of a cache whose parameter group has other values, or whose user group has other `members`, or such
    that may do something else, by their ids; the cache may be busy, and what is noted of the change in progress stays
    noted.
    """
    current, quiet = current_change(cache), cache.phase is Phase.AVAILABLE
    told = tuple(dict.fromkeys((*current.users, *users)))
    change = replace(current, generation=cache.generation + 1, quiet=quiet, users=told)
    return replace(spec, change=replace(change, members=current.members or members))


def current_change(cache: Cache) -> Change:
    """What the agent is busy with; an empty change when it is not, or only heals what broke."""
    change = cache.spec.change
    return change if cache.status.generation < change.generation else Change()


def owners(cache: Cache) -> Owners:
    """The slots that each shard was last known to serve; before that is known, those that it shall serve."""
    served = {name: slots.parsed(known.slots) for name, known in cache.status.shards.items() if known.slots}
    return served or desired_owners(cache.spec)


def desired_owners(spec: Spec) -> Owners:
    """The slots that each shard shall serve."""
    return {shard.id: slots.parsed(shard.slots) for shard in spec.shards if shard.slots}


def progress(cache: Cache) -> float | None:
    """How many per cent of the slots that have to move for the change under way have arrived; None: none has to."""
    moving = current_change(cache).moving
    if not moving:
        return None
    left = _astray(owners(cache), desired_owners(cache.spec))
    return round(100 * (1 - min(left, moving) / moving), 1)


def _astray(current: Owners, wanted: Owners) -> int:
    """How many slots are served by another shard than they shall be."""
    return sum(slots.size(slot_move.slots) for slot_move in slots.slot_moves(current, wanted))


def promoting(spec: Spec, cluster: str) -> Spec:
    """The spec with one more promotion by hand; without one when there is no such cache cluster any more."""
    shards = (_promoting(shard, cluster) for shard in spec.shards)
    return replace(spec, shards=tuple(shards))


def with_nodes(spec: Spec, nodes: Iterable[Node]) -> Spec:
    """The spec for other nodes in its only shard."""
    (shard,) = spec.shards
    return with_shards(spec, (replace(shard, nodes=tuple(nodes)),))


def with_shards(spec: Spec, shards: Iterable[Shard]) -> Spec:
    """The spec for other shards, or other nodes in them. What was said about nodes that are gone is forgotten."""
    chosen = tuple(shards)
    clusters = [node.cluster for shard in chosen for node in shard.nodes]
    schedule, waits = spec.schedule, spec.pending
    if clusters and schedule.snapshotting_cluster_id not in ("", *clusters):
        schedule = replace(schedule, snapshotting_cluster_id=clusters[-1])
    waits = replace(waits, primary=waits.primary if waits.primary in clusters else "")
    return replace(spec, shards=chosen, schedule=schedule, pending=waits)


def _promoting(shard: Shard, cluster: str) -> Shard:
    for node in shard.nodes:
        if node.cluster == cluster:
            return replace(shard, promotions=shard.promotions + 1, candidate=node.name)
    return shard

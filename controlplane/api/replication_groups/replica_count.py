"""IncreaseReplicaCount and DecreaseReplicaCount: of every shard, or of those that a request names."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cachewright.controlplane.api.common.cache_writes import change_spec, check_node_quota
from cachewright.controlplane.api.common.change_events import replicas_asked
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.outposts import check_outposts
from cachewright.controlplane.api.replication_groups import cluster_mode
from cachewright.controlplane.api.replication_groups import view as group_view
from cachewright.controlplane.api.replication_groups.lookup import found
from cachewright.controlplane.api.replication_groups.members import (
    check_available,
    check_can_grow,
    newcomers,
    quiet_zones,
)
from cachewright.controlplane.api.replication_groups.shape import check_group_nodes, check_not_negative, check_replicas
from cachewright.controlplane.api.subnet_groups.zones import next_zones
from cachewright.controlplane.model.cache import Cache, ClusterMode, Node, Shard
from cachewright.controlplane.model.changes import with_shards
from cachewright.controlplane.model.faults import Fault, invalid_combination, invalid_value
from cachewright.controlplane.model.members import leader_of, replicas_of
from cachewright.controlplane.model.names import repeated
from cachewright.controlplane.model.zones import known


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many replicas a shard shall have, and where: the primary's zone, then theirs. Empty: anywhere."""

    replicas: int
    zones: tuple[str, ...] = ()


def increase_replica_count(context: Context, params: Params) -> Answer:
    """Ask for more replicas."""
    cache = _group(context, params)
    check_can_grow(cache)
    next_zones(context, params, cache)
    wanted = _wanted(context, params, cache)
    more = {shard.id: _more(cache, shard, wanted) for shard in cache.spec.shards}
    for name in (name for name, count in more.items() if count > 0):
        check_replicas(context.quotas, wanted[name].replicas)
    _check_changes(more)
    if min(more.values()) < 0:
        raise invalid_value("The new replica count must be greater than the current replica count.")
    check_group_nodes(context.quotas, len(cache.spec.nodes) + sum(more.values()))
    check_node_quota(context, sum(more.values()))
    context.tell(replicas_asked(cache.key.id))
    return _answer(context, cache, [_grown(context, cache, shard, wanted, more) for shard in cache.spec.shards])


def decrease_replica_count(context: Context, params: Params) -> Answer:
    """Ask for fewer replicas; those with the highest numbers go unless the request names others."""
    cache = _group(context, params)
    check_available(cache)
    victims = _victims(params, cache)
    usual = {name: Wanted(len(_replicas(cache, name)) - len(nodes)) for name, nodes in victims.items()}
    wanted = _wanted(context, params, cache, usual)
    fewer = {shard.id: -_more(cache, shard, wanted) for shard in cache.spec.shards}
    _check_changes(fewer)
    if min(fewer.values()) < 0:
        raise invalid_value("The new replica count must be less than the current replica count.")
    if victims and any(len(victims.get(name, ())) != count for name, count in fewer.items()):
        raise invalid_combination("ReplicasToRemove must name as many replicas as are to be removed.")
    check_still_safe(cache, min(spec.replicas for spec in wanted.values()))
    return _answer(context, cache, [_shrunk(cache, shard, wanted, victims, fewer) for shard in cache.spec.shards])


def check_still_safe(cache: Cache, replicas: int) -> None:
    """Fault when so few replicas are not enough for what the group promises."""
    if not replicas and cache.spec.multi_az:
        raise invalid_value("Must have at least 1 replica for Multi-AZ enabled Replication Group")
    if not replicas and cache.spec.automatic_failover and cache.spec.cluster_mode is not ClusterMode.ENABLED:
        raise invalid_value("Must have at least 1 replica when cluster mode is disabled with auto failover enabled.")


def _group(context: Context, params: Params) -> Cache:
    cache = found(context, params["ReplicationGroupId"], lock=True)
    if not params.get("ApplyImmediately"):
        raise invalid_value("ApplyImmediately must be true: the number of replicas only changes at once.")
    cluster_mode.check_between(params, cache.spec, ("NewReplicaCount", "ReplicaConfiguration", "ReplicasToRemove"))
    return cache


def _replicas(cache: Cache, name: str) -> list[Node]:
    return replicas_of(cache, next(shard for shard in cache.spec.shards if shard.id == name))


def _wanted(
    context: Context, params: Params, cache: Cache, usual: Mapping[str, Wanted] | None = None
) -> Mapping[str, Wanted]:
    """What the request wants of which shards."""
    number, configured = params.get("NewReplicaCount"), params.get("ReplicaConfiguration")
    if number is not None and configured:
        raise invalid_combination("NewReplicaCount cannot be given with ReplicaConfiguration.")
    if configured:
        return _configured(context, configured, [shard.id for shard in cache.spec.shards])
    if number is None and not usual:
        raise invalid_combination("Either NewReplicaCount or ReplicaConfiguration must be given.")
    if number is None:
        return usual or {}
    check_not_negative(context.quotas, number)
    return {shard.id: Wanted(number) for shard in cache.spec.shards}


def _configured(context: Context, entries: Sequence[Params], known_ids: Sequence[str]) -> Mapping[str, Wanted]:
    names = [entry["NodeGroupId"].zfill(4) for entry in entries]
    if strange := [entry["NodeGroupId"] for entry in entries if entry["NodeGroupId"].zfill(4) not in known_ids]:
        raise invalid_value(f"The following node group ids are invalid: [{', '.join(strange)}]")
    if twice := repeated(names):
        raise invalid_value(f"Node group {twice} must be given once in ReplicaConfiguration.")
    return {name: _entry(context, entry) for name, entry in zip(names, entries, strict=True)}


def _entry(context: Context, entry: Params) -> Wanted:
    check_outposts(entry)
    number, zones = int(entry["NewReplicaCount"]), entry.get("PreferredAvailabilityZones") or ()
    check_not_negative(context.quotas, number)
    if zones and len(zones) != number + 1:
        raise invalid_value("PreferredAvailabilityZones must name one availability zone for each node of the shard.")
    return Wanted(number, known(zones, context.zones))


def _more(cache: Cache, shard: Shard, wanted: Mapping[str, Wanted]) -> int:
    """How many replicas a shard has too few."""
    return wanted[shard.id].replicas - len(replicas_of(cache, shard)) if shard.id in wanted else 0


def _check_changes(differences: Mapping[str, int]) -> None:
    if not any(differences.values()):
        raise Fault("NoOperationFault", "Requested new replica count already matches current number of replicas.")


def _grown(
    context: Context, cache: Cache, shard: Shard, wanted: Mapping[str, Wanted], more: Mapping[str, int]
) -> Shard:
    count = more[shard.id]
    if not count:
        return shard
    named = wanted[shard.id].zones
    if named:
        zones: Sequence[str] = _new_zones(replicas_of(cache, shard), named)[-count:]
    else:
        zones = quiet_zones(next_zones(context, {}, cache), shard, count)
    return replace(shard, nodes=(*shard.nodes, *newcomers(context, cache, shard.id, zones)))


def _new_zones(replicas: Sequence[Node], zones: Sequence[str]) -> list[str]:
    """The zones of all replicas, those that have a replica already first."""
    here = Counter(node.zone for node in replicas)
    new: list[str] = []
    old: list[str] = []
    for zone in zones[1:]:
        (old if here[zone] > 0 else new).append(zone)
        here[zone] -= 1
    return [*old, *new]


def _shrunk(
    cache: Cache,
    shard: Shard,
    wanted: Mapping[str, Wanted],
    victims: Mapping[str, Sequence[Node]],
    fewer: Mapping[str, int],
) -> Shard:
    count = fewer[shard.id]
    if not count:
        return shard
    going = victims.get(shard.id) or _spare(replicas_of(cache, shard), wanted[shard.id].zones)[-count:]
    return replace(shard, nodes=tuple(node for node in shard.nodes if node not in going))


def _spare(replicas: Sequence[Node], zones: Sequence[str]) -> list[Node]:
    """The replicas in the order in which they are kept: those in the wanted zones first."""
    places = Counter(zones[1:])
    kept: list[Node] = []
    spare: list[Node] = []
    for node in replicas:
        (kept if places[node.zone] > 0 else spare).append(node)
        places[node.zone] -= 1
    return [*kept, *spare]


def _victims(params: Params, cache: Cache) -> dict[str, list[Node]]:
    """The replicas that are to go by name, by shard."""
    names = {name.lower() for name in params.get("ReplicasToRemove") or ()}
    if leading := sorted(names & {leader_of(cache, shard).cluster for shard in cache.spec.shards}):
        raise invalid_value(f"Cache cluster {leading[0]} is the primary and cannot be removed.")
    if unknown := names - {node.cluster for node in cache.spec.nodes}:
        raise invalid_value(f"The following replicas are invalid: [{', '.join(sorted(unknown))}]")
    going = {shard.id: [node for node in shard.nodes if node.cluster in names] for shard in cache.spec.shards}
    return {name: nodes for name, nodes in going.items() if nodes}


def _answer(context: Context, cache: Cache, shards: Sequence[Shard]) -> Answer:
    return {"ReplicationGroup": group_view.group(change_spec(context, cache, with_shards(cache.spec, shards)))}

"""IncreaseReplicaCount and DecreaseReplicaCount, with cluster mode disabled."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from controlplane.api import group_view, wishes
from controlplane.api.context import Answer, Context, Params
from controlplane.api.group_shape import NODE_GROUP, check_replicas
from controlplane.api.inputs import CONFIGURE_SHARD, refuse_unbuilt
from controlplane.api.members import check_available, leader_of, newcomers, only_shard, quiet_zones, replicas_of
from controlplane.api.replication_groups import found
from controlplane.model.cache import Cache, Node
from controlplane.model.changes import with_nodes
from controlplane.model.faults import Fault, invalid_combination, invalid_value
from controlplane.model.zones import known


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many replicas there shall be, and where: the primary's zone, then theirs. Empty: anywhere."""

    replicas: int
    zones: tuple[str, ...] = ()


def increase_replica_count(context: Context, params: Params) -> Answer:
    """Ask for more replicas."""
    cache = _group(context, params)
    wanted = _wanted(context, params)
    more = wanted.replicas - len(replicas_of(cache))
    _check_changes(more)
    if more < 0:
        raise invalid_value("The new replica count must be greater than the current replica count.")
    wishes.check_quota(context, more)
    zones = _new_zones(cache, wanted.zones)[-more:] if wanted.zones else quiet_zones(context, cache, more)
    nodes = (*only_shard(cache).nodes, *newcomers(context, cache, zones))
    return _answer(context, cache, nodes)


def decrease_replica_count(context: Context, params: Params) -> Answer:
    """Ask for fewer replicas; those with the highest numbers go unless the request names others."""
    cache = _group(context, params)
    replicas = replicas_of(cache)
    victims = _victims(params, cache)
    wanted = _wanted(context, params, len(replicas) - len(victims) if victims else None)
    fewer = len(replicas) - wanted.replicas
    _check_changes(fewer)
    if fewer < 0:
        raise invalid_value("The new replica count must be less than the current replica count.")
    if victims and len(victims) != fewer:
        raise invalid_combination("ReplicasToRemove must name as many replicas as are to be removed.")
    check_still_safe(cache, wanted.replicas)
    going = victims or _spare(replicas, wanted.zones)[-fewer:]
    return _answer(context, cache, [node for node in only_shard(cache).nodes if node not in going])


def check_still_safe(cache: Cache, replicas: int) -> None:
    """Fault when so few replicas are not enough for what the group promises."""
    if not replicas and cache.spec.multi_az:
        raise invalid_value("Must have at least 1 replica for Multi-AZ enabled Replication Group")
    if not replicas and cache.spec.automatic_failover:
        raise invalid_value("Must have at least 1 replica when cluster mode is disabled with auto failover enabled.")


def _group(context: Context, params: Params) -> Cache:
    cache = found(context, params["ReplicationGroupId"], lock=True)
    if not params.get("ApplyImmediately"):
        raise invalid_value("ApplyImmediately must be true: the number of replicas only changes at once.")
    check_available(cache)
    return cache


def _wanted(context: Context, params: Params, usual: int | None = None) -> Wanted:
    number, shards = params.get("NewReplicaCount"), params.get("ReplicaConfiguration")
    if number is not None and shards:
        raise invalid_combination("NewReplicaCount cannot be given with ReplicaConfiguration.")
    if shards:
        return _configured(context, shards)
    if number is None:
        number = usual
    if number is None:
        raise invalid_combination("Either NewReplicaCount or ReplicaConfiguration must be given.")
    check_replicas(number)
    return Wanted(number)


def _configured(context: Context, shards: Sequence[Params]) -> Wanted:
    strange = [shard["NodeGroupId"] for shard in shards if shard["NodeGroupId"].zfill(4) != NODE_GROUP]
    if strange:
        raise invalid_value(f"The following node group ids are invalid: [{', '.join(strange)}]")
    if len(shards) > 1:
        raise invalid_value(f"Node group {NODE_GROUP} must be given once in ReplicaConfiguration.")
    refuse_unbuilt(shards[0], CONFIGURE_SHARD)
    number, zones = int(shards[0]["NewReplicaCount"]), shards[0].get("PreferredAvailabilityZones") or ()
    check_replicas(number)
    if zones and len(zones) != number + 1:
        raise invalid_value("PreferredAvailabilityZones must name one availability zone for each node of the shard.")
    return Wanted(number, known(zones, context.zones))


def _check_changes(difference: int) -> None:
    if difference == 0:
        raise Fault("NoOperationFault", "Requested new replica count already matches current number of replicas.")


def _new_zones(cache: Cache, zones: Sequence[str]) -> list[str]:
    """The zones of all replicas, those that have a replica already first."""
    here = Counter(node.zone for node in replicas_of(cache))
    new: list[str] = []
    old: list[str] = []
    for zone in zones[1:]:
        (old if here[zone] > 0 else new).append(zone)
        here[zone] -= 1
    return [*old, *new]


def _spare(replicas: Sequence[Node], zones: Sequence[str]) -> list[Node]:
    """The replicas in the order in which they are kept: those in the wanted zones first."""
    places = Counter(zones[1:])
    kept: list[Node] = []
    spare: list[Node] = []
    for node in replicas:
        (kept if places[node.zone] > 0 else spare).append(node)
        places[node.zone] -= 1
    return [*kept, *spare]


def _victims(params: Params, cache: Cache) -> list[Node]:
    names = {name.lower() for name in params.get("ReplicasToRemove") or ()}
    if leader_of(cache).cluster in names:
        raise invalid_value(f"Cache cluster {leader_of(cache).cluster} is the primary and cannot be removed.")
    replicas = replicas_of(cache)
    if unknown := names - {node.cluster for node in replicas}:
        raise invalid_value(f"The following replicas are invalid: [{', '.join(sorted(unknown))}]")
    return [node for node in replicas if node.cluster in names]


def _answer(context: Context, cache: Cache, nodes: Sequence[Node]) -> Answer:
    return {"ReplicationGroup": group_view.group(wishes.change(context, cache, with_nodes(cache.spec, nodes)))}

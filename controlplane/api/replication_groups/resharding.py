"""ModifyReplicationGroupShardConfiguration: more shards, fewer shards, or the slots dealt out evenly again.

Source: the API reference and the ElastiCache user guide, "Online resharding"; texts as AWS answers where known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice

from cachewright.controlplane.api.common.cache_writes import change_spec, check_node_quota
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.replication_groups import view as group_view
from cachewright.controlplane.api.replication_groups.global_members import check_no_member
from cachewright.controlplane.api.replication_groups.lookup import found
from cachewright.controlplane.api.replication_groups.members import check_available, newcomers
from cachewright.controlplane.api.replication_groups.node_groups import group_number, turned
from cachewright.controlplane.api.replication_groups.shape import check_group_nodes
from cachewright.controlplane.api.subnet_groups.zones import next_zones
from cachewright.controlplane.model import slots
from cachewright.controlplane.model.cache import Cache, ClusterMode, Shard, Spec
from cachewright.controlplane.model.changes import Owners, owners, with_shards
from cachewright.controlplane.model.faults import Fault, invalid_combination, invalid_value
from cachewright.controlplane.model.members import leader_of
from cachewright.controlplane.model.names import node_id, repeated
from cachewright.controlplane.model.node_types import node_type
from cachewright.controlplane.model.questions import usage as usage_of
from cachewright.controlplane.model.quotas import SHARDS, Quotas
from cachewright.controlplane.model.usage import Usage
from cachewright.controlplane.model.versions import Engine, numbers
from cachewright.controlplane.model.zones import known, spread

FIRST_REDIS = (3, 2, 10)
LAST_NUMBER = 9999


def modify_replication_group_shard_configuration(context: Context, params: Params) -> Answer:
    """Ask for another number of shards; slots and keys move while the group serves."""
    cache = found(context, params["ReplicationGroupId"], lock=True)
    count = params["NodeGroupCount"]
    _check(params, cache.spec)
    check_no_member(cache)
    check_available(cache)
    check_count(context.quotas, cache.spec, count)
    leaving = going(params, cache.spec, count)
    staying = [shard for shard in cache.spec.shards if shard.id not in leaving]
    shards = resharded(cache, [*staying, *added(context, params, cache, count)])
    if leaving:
        check_room(cache, shards, context.answers.to(usage_of(cache)))
    if shards == cache.spec.shards:
        raise Fault(
            "InvalidReplicationGroupStateFault",
            "Slots in the replication group are uniformly distributed. Nothing to do.",
        )
    return {"ReplicationGroup": group_view.group(change_spec(context, cache, with_shards(cache.spec, shards)))}


def _check(params: Params, spec: Spec) -> None:
    if not params.get("ApplyImmediately"):
        raise invalid_value("ApplyImmediately must be true: the shard configuration only changes at once.")
    if spec.cluster_mode is not ClusterMode.ENABLED:
        raise invalid_value("Operation is only applicable for cluster mode enabled replication groups.")
    if spec.engine is Engine.REDIS and numbers(spec.version) < FIRST_REDIS:
        raise invalid_combination(f"Online resharding is not supported for Redis version {spec.release.version}.")


def check_count(quotas: Quotas, spec: Spec, count: int) -> None:
    """Fault when a group cannot have so many shards."""
    if count < 1:
        raise invalid_value(f"Invalid value {count} for NodeGroupCount. Must be at least 1")
    if (more := count - len(spec.shards)) > 0:
        quotas.check(SHARDS, count)
        check_group_nodes(quotas, len(spec.nodes) + more * _smallest(spec))


def _smallest(spec: Spec) -> int:
    return min(len(shard.nodes) for shard in spec.shards)


def going(params: Params, spec: Spec, count: int, kind: str = "NodeGroups") -> frozenset[str]:
    """The ids of the shards that are to be removed. Faults: AWS's rules about the two lists. `kind`: what those are
    called.
    """
    remove, retain = params.get(f"{kind}ToRemove") or (), params.get(f"{kind}ToRetain") or ()
    here = {shard.id for shard in spec.shards}
    if strange := [name for name in (*remove, *retain) if name.zfill(4) not in here]:
        raise invalid_value(f"The following node group ids are invalid: [{', '.join(strange)}]")
    if remove and retain:
        raise invalid_combination(f"{kind}ToRemove cannot be given with {kind}ToRetain.")
    if count >= len(here):
        if remove or retain:
            raise invalid_combination("Node groups to remove or to retain can only be given when there shall be fewer.")
        return frozenset()
    if not (remove or retain):
        raise invalid_combination(f"Either {kind}ToRemove or {kind}ToRetain must be given to have fewer.")
    listed = {name.zfill(4) for name in remove or retain}
    leaving = frozenset(listed if remove else here - listed)
    if len(here) - len(leaving) != count:
        raise invalid_combination(f"The node groups that are listed do not leave {count} of {len(here)}.")
    return leaving


def check_room(cache: Cache, shards: Sequence[Shard], usage: Mapping[str, Usage]) -> None:
    """Fault when a shard could not hold what comes with its new slots: then nothing is begun."""
    offered = node_type(cache.spec.node_type).usable(cache.spec.engine)
    capacity = min((seen.limit or offered for seen in usage.values()), default=offered)
    current, wanted = owners(cache), {shard.id: slots.parsed(shard.slots) for shard in shards}
    held = {shard.id: _used(cache, shard, usage) for shard in cache.spec.shards}
    after = dict(held)
    for slot_move in slots.slot_moves(current, wanted):
        share = held[slot_move.source] * slots.size(slot_move.slots) // slots.size(current[slot_move.source])
        after[slot_move.target] += share
    if full := [f"{shard.id} ({after[shard.id]} bytes)" for shard in shards if after[shard.id] > capacity]:
        raise Fault(
            "InvalidReplicationGroupStateFault",
            f"Failed to scale in replication group {cache.key.id} because the remaining node groups have insufficient"
            f" memory: {', '.join(full)} of {capacity} bytes. Please retain more node groups or reduce current memory"
            " usage and retry.",
        )


def _used(cache: Cache, shard: Shard, usage: Mapping[str, Usage]) -> int:
    """Bytes of data in a shard; none while its primary does not answer."""
    seen = usage.get(leader_of(cache, shard).name)
    return seen.used if seen else 0


def added(context: Context, params: Params, cache: Cache, count: int) -> list[Shard]:
    """The new shards: as many nodes in each as in the smallest one that there is."""
    more, nodes = count - len(cache.spec.shards), _smallest(cache.spec)
    entries = params.get("ReshardingConfiguration") or []
    if entries and more <= 0:
        raise invalid_combination("ReshardingConfiguration can only be given when there shall be more node groups.")
    if more <= 0:
        return []
    entries = for_new(cache.spec, entries, more)
    check_node_quota(context, more * nodes)
    ids = new_ids([cache], [entry.get("NodeGroupId") or "" for entry in entries])
    placed = [next_zones(context, entry, cache) for entry in entries]
    return [
        Shard(name, newcomers(context, cache, name, _zones(context, entry, nodes, turned(zones, number))))
        for number, (name, entry, zones) in enumerate(zip(ids, entries, placed, strict=True), len(cache.spec.shards))
    ]


def for_new(spec: Spec, entries: Sequence[Params], more: int) -> Sequence[Params]:
    """An entry for each new shard; a request may repeat those that there are."""
    here = {shard.id for shard in spec.shards}
    new = [entry for entry in entries if (entry.get("NodeGroupId") or "").zfill(4) not in here]
    if new and len(new) == len(spec.shards) + more:
        new = new[len(spec.shards) :]
    if entries and len(new) != more:
        raise invalid_combination("ReshardingConfiguration must have an entry for each new node group.")
    return new or [{}] * more


def new_ids(caches: Sequence[Cache], wanted: Sequence[str]) -> list[str]:
    """An id for each new shard, the same in several groups: the wanted one, else the next number. That of a shard which
    is gone is not used again as long as there are others.
    """
    named = [group_number(name) if name else "" for name in wanted]
    if twice := repeated(filter(None, named)):
        raise invalid_value(f"Node group {twice} must be given once in ReshardingConfiguration.")
    here = {name for cache in caches for name in (*cache.status.shards, *(shard.id for shard in cache.spec.shards))}
    taken = {*named, *here}
    highest = max(int(name) for name in taken if name)
    numbered = map(node_id, chain(range(highest + 1, LAST_NUMBER + 1), range(1, highest)))
    free = islice((name for name in numbered if name not in taken), len(named))
    return [name or next(free) for name in named]


def _zones(context: Context, entry: Params, nodes: int, zones: Sequence[str]) -> Sequence[str]:
    """The zones of a new shard, its primary's first: those that it names, else these."""
    preferred = entry.get("PreferredAvailabilityZones") or ()
    if not preferred:
        return spread(zones, nodes)
    if len(preferred) != nodes:
        raise invalid_combination(f"PreferredAvailabilityZones must name {nodes} availability zones for a node group.")
    return known(preferred, context.zones)


def resharded(cache: Cache, shards: Sequence[Shard]) -> tuple[Shard, ...]:
    """The shards with their shares of the slots; as few as possible move."""
    current: Owners = owners(cache)
    shares: Mapping[str, slots.Ranges] = slots.rebalanced(current, [shard.id for shard in shards])
    return tuple(replace(shard, slots=slots.written(shares[shard.id])) for shard in shards)

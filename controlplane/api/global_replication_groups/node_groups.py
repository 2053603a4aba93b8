"""Increase- and DecreaseNodeGroups, and RebalanceSlotsInGlobalReplicationGroup: of cluster mode enabled alone.

Source: the API reference; the rules about counts and lists are those of ModifyReplicationGroupShardConfiguration.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from cachewright.controlplane.api.common.cache_writes import change_spec
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.global_replication_groups.lookup import (
    Members,
    changeable_datastore,
    check_available,
    found_datastore,
    invalid_state,
)
from cachewright.controlplane.api.global_replication_groups.regions import regional_entries
from cachewright.controlplane.api.global_replication_groups.view import global_replication_group
from cachewright.controlplane.api.replication_groups.resharding import added, check_count, check_room, going, resharded
from cachewright.controlplane.model.cache import Cache, Shard
from cachewright.controlplane.model.changes import with_shards
from cachewright.controlplane.model.faults import Fault, invalid_value
from cachewright.controlplane.model.global_replication_groups import Place
from cachewright.controlplane.model.questions import usage

LISTS = "GlobalNodeGroups"  # how the names of the lists begin that say which are removed, or retained


def increase_node_groups(context: Context, params: Params) -> Answer:
    """More shards, the same in every member."""
    members, count = _members(context, params), params["NodeGroupCount"]
    here = len(members.primary.spec.shards)
    if count <= here:
        raise invalid_value(f"NodeGroupCount must be more than the {here} node groups that there are.")
    try:
        entries = regional_entries(members, params.get("RegionalConfigurations") or (), count - here)
        more = {place: _added(context, cache, count, entries[place]) for place, cache in members.groups}
    except Fault as fault:
        if fault.shape == "InvalidParameterCombinationException":  # which AWS's model does not have here
            raise invalid_value(fault.message) from fault
        raise
    return _changed(context, members, {place: [*members.at(place).spec.shards, *more[place]] for place in more})


def _added(context: Context, cache: Cache, count: int, entries: Sequence[Params]) -> Sequence[Shard]:
    within = context.within(cache.key.region)
    check_count(within.quotas, cache.spec, count)
    return added(within, {"ReshardingConfiguration": entries}, cache, count)


def decrease_node_groups(context: Context, params: Params) -> Answer:
    """Fewer shards, the same in every member."""
    members, count = _members(context, params), params["NodeGroupCount"]
    here = len(members.primary.spec.shards)
    if count >= here:
        raise invalid_value(f"NodeGroupCount must be less than the {here} node groups that there are.")
    own = {name: _own_ids(members, params.get(name) or ()) for name in (f"{LISTS}ToRemove", f"{LISTS}ToRetain")}
    leaving = going(own, members.primary.spec, count, LISTS)
    left = {place: [shard for shard in cache.spec.shards if shard.id not in leaving] for place, cache in members.groups}
    _check_room(context, members.primary, left[members.datastore.primary])
    return _changed(context, members, left)


def _check_room(context: Context, primary: Cache, left: Sequence[Shard]) -> None:
    """Fault when what stays could not hold everything."""
    try:
        check_room(primary, resharded(primary, left), context.answers.to(usage(primary)))
    except Fault as fault:
        raise invalid_state(fault.message) from fault


def _own_ids(members: Members, names: Sequence[str]) -> list[str]:
    """The ids of the members' shards: those of the datastore's are the same with its own before them."""
    return [name.lower().removeprefix(f"{members.datastore.id}-") for name in names]


def rebalance_slots(context: Context, params: Params) -> Answer:
    """The slots dealt out evenly."""
    members = _members(context, params)
    return _changed(context, members, {place: cache.spec.shards for place, cache in members.groups})


def _members(context: Context, params: Params) -> Members:
    """A datastore whose shards can be changed now. Faults: it cannot."""
    if not params["ApplyImmediately"]:
        raise invalid_value("ApplyImmediately must be true: the shard configuration only changes at once.")
    if params.get("NodeGroupCount", 1) < 1:
        raise invalid_value(f"Invalid value {params['NodeGroupCount']} for NodeGroupCount. Must be at least 1")
    members = changeable_datastore(context, params["GlobalReplicationGroupId"])
    if not members.primary.spec.clustered:
        raise invalid_value("Operation is only applicable for cluster mode enabled replication groups.")
    check_available(members)
    return members


def _changed(context: Context, members: Members, shards: Mapping[Place, Sequence[Shard]]) -> Answer:
    """Other shards for all members: the slots are those of the primary's."""
    primary = members.primary
    dealt = {shard.id: shard.slots for shard in resharded(primary, shards[members.datastore.primary])}
    if dealt == {shard.id: shard.slots for shard in primary.spec.shards}:
        raise invalid_state("Slots in the global replication group are uniformly distributed. Nothing to do.")
    for place, cache in members.groups:
        after = [replace(shard, slots=dealt[shard.id]) for shard in shards[place]]
        change_spec(context.within(place.region), cache, with_shards(cache.spec, after))
    return {"GlobalReplicationGroup": global_replication_group(found_datastore(context, members.datastore.id))}

"""FailoverGlobalReplicationGroup: a secondary takes the place of the primary."""

from dataclasses import replace

from cachewright.controlplane.api.common.cache_writes import change_spec
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.global_replication_groups.disassociate import asked_member
from cachewright.controlplane.api.global_replication_groups.lookup import (
    Members,
    check_settled,
    found_datastore,
    invalid_state,
    is_changing,
    members_of,
    own_datastores,
)
from cachewright.controlplane.api.global_replication_groups.view import global_replication_group
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.global_replication_groups import GlobalStatus, Place
from cachewright.controlplane.model.lifecycle import UNBORN


def failover_global_replication_group(context: Context, params: Params) -> Answer:
    """Ask for it: every member is told what it is from now on, in one transaction. What follows is an agent's."""
    members = found_datastore(context, params["GlobalReplicationGroupId"], lock=True)
    place = asked_member(params["PrimaryRegion"], params["PrimaryReplicationGroupId"])
    _check(members, place)
    before = members.datastore
    after = before.led_by(place)
    own_datastores(context).change(after.id, after)
    for member, cache in members.groups:
        membership = after.membership(member)
        if member == place:
            membership = replace(membership, succeeds=before.primary)
        change_spec(context, cache, replace(cache.spec, datastore=membership, upstream=after.upstream(member)))
    shown = global_replication_group(members_of(context, after), GlobalStatus.MODIFYING)
    return {"GlobalReplicationGroup": shown}


def _check(members: Members, place: Place) -> None:
    """Fault when a member cannot take over."""
    datastore = members.datastore
    if place not in datastore.secondaries:
        raise invalid_value(
            f"Replication group {place.group} in {place.region} is not a secondary of Global Replication Group"
            f" {datastore.id}."
        )
    if members.at(place).status.phase in UNBORN:
        raise invalid_state(f"Replication group {place.group} in {place.region} is not in available state.")
    if not (_waits_in_vain(members, place) or _is_lost(members.primary)):
        check_settled(members)


def _is_lost(cache: Cache) -> bool:
    """Whether no node of a member lives any more, as far as was reported: what was asked of it is not waited for."""
    nodes = cache.status.nodes.values()
    return any(known.answered for known in nodes) and not any(known.answered == known.life for known in nodes)


def _waits_in_vain(members: Members, place: Place) -> bool:
    """Whether a member was to give its place to the present primary, which does not take it: it may have it back."""
    membership = members.primary.spec.datastore
    taking = membership is not None and membership.succeeds == place and is_changing(members.primary)
    return taking and members.at(place).stuck

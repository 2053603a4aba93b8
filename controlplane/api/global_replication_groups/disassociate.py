"""DisassociateGlobalReplicationGroup: a secondary becomes a group of its own, which takes writes."""

from dataclasses import replace

from cachewright.controlplane.api.common.cache_writes import change_spec
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.global_replication_groups.lookup import (
    changeable_datastore,
    own_datastores,
)
from cachewright.controlplane.api.global_replication_groups.parameter_groups import detach
from cachewright.controlplane.api.global_replication_groups.view import global_replication_group
from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.global_replication_groups import GlobalStatus, MemberStatus, Place


def disassociate_global_replication_group(context: Context, params: Params) -> Answer:
    """Ask for it; the answer shows the member once more, on its way out."""
    members = changeable_datastore(context, params["GlobalReplicationGroupId"])
    datastore = members.datastore
    place = asked_member(params["ReplicationGroupRegion"], params["ReplicationGroupId"])
    if place == datastore.primary:
        raise invalid_value(f"Replication group {place.group} is the primary of {datastore.id}.")
    if place not in datastore.secondaries:
        raise invalid_value(
            f"Replication group {place.group} is not associated with Global Replication Group {datastore.id}"
        )
    answer = global_replication_group(members, GlobalStatus.MODIFYING, ((place, MemberStatus.DISASSOCIATING),))
    cache = members.at(place)
    change_spec(context, cache, replace(cache.spec, datastore=None, upstream=None))
    detach(context, cache)
    own_datastores(context).change(datastore.id, datastore.without(place))
    return {"GlobalReplicationGroup": answer}


def asked_member(region: str, group: str) -> Place:
    """The place that a request names; ids are looked up in any case."""
    return Place(region.lower(), group.lower())

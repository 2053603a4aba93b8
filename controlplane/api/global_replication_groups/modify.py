"""ModifyGlobalReplicationGroup: node type, version, parameter group and failover of every member."""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.deferred import NO_CHANGE
from cachewright.controlplane.api.global_replication_groups.create import check_kind
from cachewright.controlplane.api.global_replication_groups.lookup import (
    changeable_datastore,
    found_datastore,
    own_datastores,
)
from cachewright.controlplane.api.global_replication_groups.view import global_replication_group
from cachewright.controlplane.api.replication_groups.modify import modified
from cachewright.controlplane.model.faults import invalid_value

PASSED_ON = ("CacheNodeType", "Engine", "EngineVersion", "CacheParameterGroupName", "AutomaticFailoverEnabled")


def modify_global_replication_group(context: Context, params: Params) -> Answer:
    """Other specs for all members, or for none."""
    text = params.get("GlobalReplicationGroupDescription")
    asked = {name: params[name] for name in PASSED_ON if params.get(name) is not None}
    if not params["ApplyImmediately"]:
        raise invalid_value("ApplyImmediately must be true: global replication groups only change at once.")
    if not asked and text is None:
        raise invalid_value(NO_CHANGE)
    members = changeable_datastore(context, params["GlobalReplicationGroupId"])
    if text:
        own_datastores(context).change(members.datastore.id, replace(members.datastore, description=text))
    for place, cache in members.groups if asked else ():
        after = modified(context.within(place.region), {**asked, "ApplyImmediately": True}, cache)
        check_kind(after.spec)
    return {"GlobalReplicationGroup": global_replication_group(found_datastore(context, members.datastore.id))}

"""ModifyGlobalReplicationGroup: node type, version, parameter group and failover of every member."""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.deferred import NO_CHANGE
from cachewright.controlplane.api.global_replication_groups.create import check_kind
from cachewright.controlplane.api.global_replication_groups.lookup import (
    Members,
    changeable_datastore,
    found_datastore,
    own_datastores,
)
from cachewright.controlplane.api.global_replication_groups.parameter_groups import copied, detach
from cachewright.controlplane.api.global_replication_groups.view import global_replication_group
from cachewright.controlplane.api.parameter_groups.lookup import known_group
from cachewright.controlplane.api.replication_groups.modify import modified
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.nouns import PARAMETER_GROUP
from cachewright.controlplane.model.parameter_groups import ParameterGroup
from cachewright.controlplane.model.upgrades import upgraded

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
    group = _asked_group(context, params, members)
    for place, cache in members.groups if asked else ():
        within = context.within(place.region)
        own = _own_group(within, members.datastore.id, cache, group) if group else {}
        after = modified(within, {**asked, **own, "ApplyImmediately": True}, cache)
        check_kind(after.spec)
    return {"GlobalReplicationGroup": global_replication_group(found_datastore(context, members.datastore.id))}


def _asked_group(context: Context, params: Params, members: Members) -> ParameterGroup | None:
    """The parameter group that a request names, in the region of the request, if it names one. Faults: unknown, or
    without another version that needs it.
    """
    wanted, current = params.get("CacheParameterGroupName"), members.primary.spec.release
    if not wanted:
        return None
    if upgraded(current, params.get("Engine"), params.get("EngineVersion")).family == current.family:
        raise invalid_value(
            "ModifyGlobalReplicationGroup API does not support cache parameter group modification without a change in"
            " major engine version."
        )
    group = known_group(context, wanted)
    if group is None:
        raise PARAMETER_GROUP.missing(wanted, "CacheParameterGroup not found: {id}")
    return group


def _own_group(context: Context, datastore: str, cache: Cache, group: ParameterGroup) -> dict[str, str]:
    """A member's copy of a parameter group, in place of the one that it uses."""
    detach(context, cache)
    return {"CacheParameterGroupName": copied(context, group, cache.key.id, datastore).name}

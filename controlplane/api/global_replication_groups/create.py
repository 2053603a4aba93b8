"""CreateGlobalReplicationGroup: a global datastore around a replication group, which becomes its primary."""

from dataclasses import replace

from cachewright.controlplane.api.common.cache_writes import change_spec
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.records import add_record
from cachewright.controlplane.api.common.tags import asked_tags
from cachewright.controlplane.api.global_replication_groups.lookup import Members
from cachewright.controlplane.api.global_replication_groups.parameter_groups import copied, group_of
from cachewright.controlplane.api.global_replication_groups.view import global_replication_group
from cachewright.controlplane.api.replication_groups.lookup import found
from cachewright.controlplane.model.cache import Cache, ClusterMode, Spec
from cachewright.controlplane.model.faults import Fault, invalid_combination, invalid_value
from cachewright.controlplane.model.global_replication_groups import (
    GlobalReplicationGroup,
    GlobalStatus,
    MemberStatus,
    Place,
    has_family,
    is_supported,
    prefix,
)
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.nouns import GLOBAL_REPLICATION_GROUP
from cachewright.controlplane.model.vpcs import IPV4

UNDESCRIBED = " "  # what AWS shows of a global datastore that was not described


def create_global_replication_group(context: Context, params: Params) -> Answer:
    """A global datastore of one member, which goes on as it was, with a copy of its parameter group."""
    suffix = GLOBAL_REPLICATION_GROUP.checked_id(params["GlobalReplicationGroupIdSuffix"])
    tags = asked_tags(context, params)
    cache = found(context, params["PrimaryReplicationGroupId"], lock=True)
    _check(cache)
    place = Place(cache.key.region, cache.key.id)
    text = params.get("GlobalReplicationGroupDescription") or UNDESCRIBED
    datastore = GlobalReplicationGroup(f"{prefix(place.region)}-{suffix}", text, place)
    add_record(context, GLOBAL_REPLICATION_GROUP, datastore.id, datastore, tags)
    group = copied(context, group_of(context, cache), place.group, datastore.id)
    joining = replace(cache.spec, datastore=datastore.membership(place), parameter_group=group.name)
    cache = change_spec(context, cache, joining)
    members = Members(datastore, ((place, cache),))
    shown = global_replication_group(members, GlobalStatus.CREATING, ((place, MemberStatus.ASSOCIATING),))
    return {"GlobalReplicationGroup": shown}


def _check(cache: Cache) -> None:
    """Fault when a group cannot be the primary of a global datastore."""
    spec, name = cache.spec, cache.key.id
    if cache.phase is not Phase.AVAILABLE:
        raise _unfit(f"Replication group {name} is not in available state.")
    if spec.datastore:
        raise _unfit(f"Replication group {name} is part of {spec.datastore.datastore} already.")
    check_kind(spec)
    if spec.cluster_mode is ClusterMode.COMPATIBLE:  # which AWS has for changes of the cluster mode, and no others
        raise invalid_combination(f"Replication group {name} cannot be a member while cluster mode is compatible.")


def check_kind(spec: Spec) -> None:
    """Fault when AWS has no global datastores of that version, node type or network type. The user guide names them;
    the words are our own.
    """
    release, node_type = spec.release, spec.node_type
    if not is_supported(release):
        raise invalid_value(f"Global Datastore is not supported for {release.engine} version {release.version}.")
    if not has_family(node_type):
        raise invalid_value(f"Global Datastore is not supported for cache node type {node_type}.")
    if spec.network_type != IPV4:
        raise invalid_value(f"Global Datastore is not supported for network type {spec.network_type}.")


def _unfit(message: str) -> Fault:
    return Fault("InvalidReplicationGroupStateFault", message)

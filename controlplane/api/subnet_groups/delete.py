"""DeleteCacheSubnetGroup: the end of a group that no cache uses."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.subnet_groups.lookup import known_group, own_groups
from cachewright.controlplane.model.faults import Fault, invalid_value
from cachewright.controlplane.model.nouns import SUBNET_GROUP
from cachewright.controlplane.model.subnet_groups import DEFAULT


def delete_cache_subnet_group(context: Context, params: Params) -> Answer:
    """The end of a group that no cache uses."""
    wanted = params["CacheSubnetGroupName"]
    group = known_group(context, wanted, lock=True)
    if group is None:
        raise SUBNET_GROUP.missing(wanted, "Cache Subnet Group {id} does not exist.")
    if group.name == DEFAULT:
        raise invalid_value("The default cache subnet group cannot be deleted.")
    if context.transaction.references.is_used(context.resource(SUBNET_GROUP, group.name)):
        raise Fault("CacheSubnetGroupInUse", f"Cache subnet group {group.name} is currently in use by a cache cluster.")
    own_groups(context).remove(group.name)
    return {}

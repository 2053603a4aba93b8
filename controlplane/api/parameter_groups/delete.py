"""DeleteCacheParameterGroup: the end of a group that no cache uses."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.parameter_groups.lookup import own_groups
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.nouns import PARAMETER_GROUP


def delete_cache_parameter_group(context: Context, params: Params) -> Answer:
    """The end of a group that no cache uses."""
    name = PARAMETER_GROUP.checked_id(params["CacheParameterGroupName"])
    groups = own_groups(context)
    if groups.get(name, lock=True) is None:
        raise PARAMETER_GROUP.missing(name, "CacheParameterGroupnot found: {id}")  # AWS's own spelling
    if context.transaction.references.is_used(context.resource(PARAMETER_GROUP, name)):
        raise Fault(
            "InvalidCacheParameterGroupStateFault",
            "One or more cache clusters are still members of this parameter group"
            f" {name}, so the group cannot be deleted.",
        )
    groups.remove(name)
    return {}

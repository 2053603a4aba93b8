"""DeleteCacheParameterGroup: the end of a group that no cache uses."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.parameter_groups.lookup import own_groups
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.names import parameter_group_name


def delete_cache_parameter_group(context: Context, params: Params) -> Answer:
    """The end of a group that no cache uses."""
    name = parameter_group_name(params["CacheParameterGroupName"])
    groups = own_groups(context)
    if groups.get(name, lock=True) is None:
        raise Fault("CacheParameterGroupNotFoundFault", f"CacheParameterGroupnot found: {name}")  # AWS's own spelling
    if context.transaction.caches.using(*_here(context), name):
        raise Fault(
            "InvalidCacheParameterGroupStateFault",
            "One or more cache clusters are still members of this parameter group"
            f" {name}, so the group cannot be deleted.",
        )
    groups.remove(name)
    return {}


def _here(context: Context) -> tuple[str, str]:
    return context.caller.account, context.caller.region

"""CreateCacheParameterGroup: a group with the values of its family."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.required import required
from cachewright.controlplane.api.parameter_groups.lookup import own_groups
from cachewright.controlplane.api.parameter_groups.view import parameter_group
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.names import parameter_group_name
from cachewright.controlplane.model.parameter_groups import ParameterGroup, check_family
from cachewright.controlplane.model.tags import tags_of
from cachewright.controlplane.store.caches import NameTaken

QUOTA = 300  # per region, unless AWS is asked for more


def create_cache_parameter_group(context: Context, params: Params) -> Answer:
    """A group with the values of its family."""
    name = parameter_group_name(params["CacheParameterGroupName"])
    family = check_family(params["CacheParameterGroupFamily"])
    tags = tags_of(params.get("Tags") or ())
    group = ParameterGroup(name, family, required(params, "Description"), tags=tags)
    groups = own_groups(context)
    if groups.count() >= QUOTA:
        raise Fault("CacheParameterGroupQuotaExceededFault", f"You can have at most {QUOTA} cache parameter groups.")
    try:
        groups.add(group)
    except NameTaken:
        raise Fault("CacheParameterGroupAlreadyExistsFault", f"Parameter group {name} already exists") from None
    return {"CacheParameterGroup": parameter_group(context, group)}

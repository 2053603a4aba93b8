"""CreateCacheParameterGroup: a group with the values of its family."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.records import add_record
from cachewright.controlplane.api.common.required import required
from cachewright.controlplane.api.common.tags import asked_tags
from cachewright.controlplane.api.parameter_groups.view import parameter_group
from cachewright.controlplane.model.nouns import PARAMETER_GROUP
from cachewright.controlplane.model.parameter_groups import ParameterGroup, check_family


def create_cache_parameter_group(context: Context, params: Params) -> Answer:
    """A group with the values of its family."""
    name = PARAMETER_GROUP.checked_id(params["CacheParameterGroupName"])
    family = check_family(params["CacheParameterGroupFamily"])
    tags = asked_tags(context, params)
    group = ParameterGroup(name, family, required(params, "Description"))
    add_record(context, PARAMETER_GROUP, name, group, tags)
    return {"CacheParameterGroup": parameter_group(context, group)}

"""DescribeCacheParameterGroups: one group, or a page of them by name."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.records import page_of_records
from cachewright.controlplane.api.parameter_groups.lookup import found_group, own_groups
from cachewright.controlplane.api.parameter_groups.view import parameter_group
from cachewright.controlplane.model.parameter_groups import DEFAULT_GROUPS


def describe_cache_parameter_groups(context: Context, params: Params) -> Answer:
    """One group, or a page of them by name; those that always exist are among them."""
    if wanted := params.get("CacheParameterGroupName"):
        return {"CacheParameterGroups": [parameter_group(context, found_group(context, wanted))]}
    operation = "DescribeCacheParameterGroups"
    shown, marker = page_of_records(operation, params, own_groups(context), DEFAULT_GROUPS)
    return {"CacheParameterGroups": [parameter_group(context, group) for group in shown], **marker}

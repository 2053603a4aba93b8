"""DescribeCacheParameterGroups: one group, or a page of them by name."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.parameter_groups.lookup import found_group, own_groups
from cachewright.controlplane.api.parameter_groups.view import parameter_group
from cachewright.controlplane.model.pages import page_of
from cachewright.controlplane.model.parameter_groups import DEFAULT_GROUPS


def describe_cache_parameter_groups(context: Context, params: Params) -> Answer:
    """One group, or a page of them by name; those that always exist are among them."""
    if wanted := params.get("CacheParameterGroupName"):
        return {"CacheParameterGroups": [parameter_group(context, found_group(context, wanted))]}
    page = page_of("DescribeCacheParameterGroups", params)
    always = [group for name, group in DEFAULT_GROUPS.items() if name > page.after]
    created = own_groups(context).page(page.after, page.limit)
    groups = sorted([*always, *created], key=lambda group: group.name)
    shown, marker = page.cut(groups, lambda group: group.name)
    return {"CacheParameterGroups": [parameter_group(context, group) for group in shown], **marker}

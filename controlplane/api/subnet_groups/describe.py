"""DescribeCacheSubnetGroups: one group, or a page of them by name."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.records import page_of_records
from cachewright.controlplane.api.subnet_groups.lookup import default, found_group, own_groups
from cachewright.controlplane.api.subnet_groups.view import subnet_group
from cachewright.controlplane.model.subnet_groups import DEFAULT


def describe_cache_subnet_groups(context: Context, params: Params) -> Answer:
    """One group, or a page of them by name; the one that always exists is among them."""
    if wanted := params.get("CacheSubnetGroupName"):
        return {"CacheSubnetGroups": [subnet_group(context, found_group(context, wanted))]}
    operation, defaults = "DescribeCacheSubnetGroups", {DEFAULT: default(context)}
    shown, marker = page_of_records(operation, params, own_groups(context), defaults)
    return {"CacheSubnetGroups": [subnet_group(context, group) for group in shown], **marker}

"""DescribeCacheSecurityGroups: one group, or a page of them by name."""

from cachewright.controlplane.api.cache_security_groups.lookup import found_group, own_groups
from cachewright.controlplane.api.cache_security_groups.view import security_group
from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.records import page_of_records
from cachewright.controlplane.model.cache_security_groups import DEFAULT, DEFAULT_GROUP


def describe_cache_security_groups(context: Context, params: Params) -> Answer:
    """One group, or a page of them by name; the one that always exists is among them."""
    if wanted := params.get("CacheSecurityGroupName"):
        return {"CacheSecurityGroups": [security_group(context, found_group(context, wanted))]}
    operation, defaults = "DescribeCacheSecurityGroups", {DEFAULT: DEFAULT_GROUP}
    shown, marker = page_of_records(operation, params, own_groups(context), defaults)
    return {"CacheSecurityGroups": [security_group(context, group) for group in shown], **marker}

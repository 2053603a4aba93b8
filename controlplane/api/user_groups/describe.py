"""DescribeUserGroups: one group, or a page of them by id."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.records import page_of_records
from cachewright.controlplane.api.user_groups.lookup import found_group, groups_on_their_way, own_groups, status_of
from cachewright.controlplane.api.user_groups.view import user_group


def describe_user_groups(context: Context, params: Params) -> Answer:
    """One group, or a page of them by id."""
    moving = groups_on_their_way(context)
    if wanted := params.get("UserGroupId"):
        group = found_group(context, wanted)
        return {"UserGroups": [user_group(context, group, status_of(group, moving))]}
    shown, marker = page_of_records("DescribeUserGroups", params, own_groups(context), {})
    return {"UserGroups": [user_group(context, group, status_of(group, moving)) for group in shown], **marker}

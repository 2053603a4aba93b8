"""The operations on user groups."""

from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.api.user_groups.create import create_user_group
from cachewright.controlplane.api.user_groups.delete import delete_user_group
from cachewright.controlplane.api.user_groups.describe import describe_user_groups
from cachewright.controlplane.api.user_groups.modify import modify_user_group

OPERATIONS: Operations = {
    "CreateUserGroup": Operation(create_user_group, "Complete; it is `active` from the next look on."),
    "DeleteUserGroup": Operation(delete_user_group, "Complete; it is gone at once."),
    "DescribeUserGroups": Operation(describe_user_groups, "Complete.", writes=False),
    "ModifyUserGroup": Operation(
        modify_user_group, "Complete; every node of every cache that has the group is told while it runs."
    ),
}

"""The operations on users."""

from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.api.users.create import create_user
from cachewright.controlplane.api.users.delete import delete_user
from cachewright.controlplane.api.users.describe import describe_users
from cachewright.controlplane.api.users.modify import modify_user

OPERATIONS: Operations = {
    "CreateUser": Operation(
        create_user,
        "With one or two passwords, without, or of type `iam`; an engine is asked whether it takes the access string.",
    ),
    "DeleteUser": Operation(delete_user, "Complete; it is gone at once, and its connections end."),
    "DescribeUsers": Operation(describe_users, "Complete.", writes=False),
    "ModifyUser": Operation(
        modify_user, "Complete; every node of every cache that the user may enter is told while it runs."
    ),
}

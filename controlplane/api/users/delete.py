"""DeleteUser: the end of a user, in every group and cache."""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.user_groups.lookup import changeable_group
from cachewright.controlplane.api.user_groups.passing_on import caches_of, change_members
from cachewright.controlplane.api.users.lookup import changeable_user, groups_of, own_users
from cachewright.controlplane.api.users.view import user_shown
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.users import DEFAULT, UserStatus


def delete_user(context: Context, params: Params) -> Answer:
    """The end of a user; the groups go on without it, and its connections end. Fault for one called `default` in a
    group.
    """
    user = changeable_user(context, params["UserId"])
    groups = [changeable_group(context, group) for group in groups_of(context, user)]
    if groups and user.name == DEFAULT:
        raise Fault(
            "DefaultUserAssociatedToUserGroupFault",
            f"User {user.id} is the default user of a user group and cannot be deleted.",
        )
    answer = user_shown(context, user, UserStatus.DELETING)
    for group in groups:
        left = replace(group, users=tuple(name for name in group.users if name != user.id))
        change_members(context, group, left, caches_of(context, [group]))
    own_users(context).remove(user.id)
    return answer

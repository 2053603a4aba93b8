"""DeleteUserGroup: the end of a group that no cache has."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.user_groups.lookup import changeable_group, own_groups
from cachewright.controlplane.api.user_groups.view import user_group
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.nouns import USER_GROUP
from cachewright.controlplane.model.users import UserStatus


def delete_user_group(context: Context, params: Params) -> Answer:
    """The end of a group; its users stay. Fault when a cache has it."""
    group = changeable_group(context, params["UserGroupId"])
    if context.transaction.references.is_used(context.resource(USER_GROUP, group.id)):
        raise Fault("InvalidUserGroupStateFault", f"User group {group.id} is associated with a cache.")
    answer = user_group(context, group, UserStatus.DELETING)
    own_groups(context).remove(group.id)
    return answer

"""CreateUserGroup: users who may enter the same caches."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.records import add_record
from cachewright.controlplane.api.common.tags import asked_tags
from cachewright.controlplane.api.user_groups.lookup import members_of
from cachewright.controlplane.api.user_groups.membership import asked_ids, check_members
from cachewright.controlplane.api.user_groups.passing_on import write_members
from cachewright.controlplane.api.user_groups.view import user_group
from cachewright.controlplane.api.users.create import user_engine
from cachewright.controlplane.model.nouns import USER_GROUP
from cachewright.controlplane.model.users import UserGroup, UserStatus


def create_user_group(context: Context, params: Params) -> Answer:
    """A group that no cache has yet."""
    name = USER_GROUP.checked_id(params["UserGroupId"])
    tags = asked_tags(context, params)
    group = UserGroup(name, user_engine(params["Engine"]), asked_ids(params.get("UserIds")))
    check_members(context, members_of(context, group), group.engine)
    add_record(context, USER_GROUP, name, group, tags)
    write_members(context, group)
    return user_group(context, group, UserStatus.CREATING)

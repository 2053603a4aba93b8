"""ModifyUserGroup: other users, another engine."""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.user_groups.lookup import changeable_group, members_of
from cachewright.controlplane.api.user_groups.membership import asked_ids, check_members
from cachewright.controlplane.api.user_groups.passing_on import caches_of, change_members
from cachewright.controlplane.api.user_groups.view import user_group
from cachewright.controlplane.api.users.create import user_engine
from cachewright.controlplane.api.users.lookup import found_user
from cachewright.controlplane.api.users.trial import check_rules
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.users import UserGroup, UserStatus
from cachewright.controlplane.model.versions_of_users import check_engine, check_release


def modify_user_group(context: Context, params: Params) -> Answer:
    """Users that come and go, all at once. Fault when the group would be none, or a cache of it cannot have them; then
    nothing changes.
    """
    group = changeable_group(context, params["UserGroupId"])
    after = _next(context, params, group)
    members = members_of(context, after)
    check_members(context, members, after.engine)
    caches = caches_of(context, [group])
    for cache in caches:
        check_engine(after, cache.spec.engine)
        check_release(members, cache.spec.release)
    for user in members:
        if caches and user.id not in group.users:
            check_rules(context, user, caches)
    return user_group(context, change_members(context, group, after, caches), UserStatus.MODIFYING)


def _next(context: Context, params: Params, group: UserGroup) -> UserGroup:
    coming, going = asked_ids(params.get("UserIdsToAdd")), asked_ids(params.get("UserIdsToRemove"))
    if not (coming or going or params.get("Engine")):
        raise invalid_combination("No modifications were requested.")
    for name in (*coming, *going):
        found_user(context, name)
    if both := next((name for name in coming if name in going), ""):
        raise invalid_combination(f"User {both} cannot be added and removed in one request.")
    if there := next((name for name in coming if name in group.users), ""):
        raise invalid_value(f"User {there} is already in user group {group.id}.")
    if absent := next((name for name in going if name not in group.users), ""):
        raise invalid_value(f"User {absent} is not in user group {group.id}.")
    stay = tuple(name for name in group.users if name not in going)
    engine = user_engine(params["Engine"]) if params.get("Engine") else group.engine
    return replace(group, users=(*stay, *coming), engine=engine)

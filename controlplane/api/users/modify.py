"""ModifyUser: other rules, other passwords, another engine."""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.user_groups.lookup import found_group
from cachewright.controlplane.api.user_groups.membership import check_member
from cachewright.controlplane.api.user_groups.passing_on import caches_of, pass_on
from cachewright.controlplane.api.users.create import user_engine
from cachewright.controlplane.api.users.credentials import asked_entrance, check_entrance
from cachewright.controlplane.api.users.lookup import changeable_user, groups_of, own_users
from cachewright.controlplane.api.users.trial import check_rules
from cachewright.controlplane.api.users.view import user_shown
from cachewright.controlplane.model.access_strings import parsed
from cachewright.controlplane.model.faults import invalid_combination
from cachewright.controlplane.model.users import User, UserStatus
from cachewright.controlplane.model.versions_of_users import check_release

CHANGES = ("AccessString", "AppendAccessString", "Passwords", "NoPasswordRequired", "AuthenticationMode", "Engine")


def modify_user(context: Context, params: Params) -> Answer:
    """What a user may do and with what it enters, from now on, in every cache that it may enter. Fault when an engine
    does not take that; then nothing changes.
    """
    before = changeable_user(context, params["UserId"])
    if all(params.get(name) is None for name in CHANGES):
        raise invalid_combination("No modifications were requested.")
    after = _next(context, params, before)
    groups = [found_group(context, group) for group in groups_of(context, before)]
    for group in groups:
        check_member(after, group.engine)
    caches = caches_of(context, groups)
    for cache in caches:
        check_release([after], cache.spec.release)
    if after.access != before.access:
        check_rules(context, after, caches)
    own_users(context).change(after.id, after)
    pass_on(context, caches, [after])
    return user_shown(context, after, UserStatus.MODIFYING)


def _next(context: Context, params: Params, user: User) -> User:
    if params.get("AccessString") and params.get("AppendAccessString"):
        raise invalid_combination("AccessString and AppendAccessString cannot be given together.")
    more = f"{user.access} {params['AppendAccessString']}" if params.get("AppendAccessString") else ""
    if wanted := params.get("AccessString") or more:
        user = replace(user, access=str(parsed(wanted, restricted=context.restricted)))
    if entrance := asked_entrance(params):
        way, passwords = entrance
        user = replace(user, authentication=way, passwords=passwords)
    if engine := params.get("Engine"):
        user = replace(user, engine=user_engine(engine))
    check_entrance(user)
    return user

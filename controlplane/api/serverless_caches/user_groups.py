"""The user group of a serverless cache. It has no tokens: who may enter is decided by a group, or nobody is asked.

Source: the ElastiCache user guide, "Role-Based Access Control (RBAC)".
"""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.api.user_groups.lookup import changeable_group, members_of
from cachewright.controlplane.api.users.trial import check_rules
from cachewright.controlplane.model.cache import Cache, Spec
from cachewright.controlplane.model.faults import invalid_combination
from cachewright.controlplane.model.users import DEFAULT
from cachewright.controlplane.model.versions_of_users import check_engine, check_release


def with_group(context: Context, params: Params, spec: Spec) -> Spec:
    """The spec with the user group that a request names, if any. Faults: Memcached; there is none, or it is busy; an
    engine or a version that it is not for.
    """
    wanted = params.get("UserGroupId")
    if (wanted or params.get("RemoveUserGroup")) and not spec.replicates:
        raise invalid_combination("User groups are not supported for engine memcached.")
    if not wanted:
        return spec
    group = changeable_group(context, wanted)
    check_engine(group, spec.engine)
    users = members_of(context, group)
    check_release(users, spec.release)
    return replace(spec, user_group=group.id, users=users)


def with_next_group(context: Context, params: Params, cache: Cache, spec: Spec) -> Spec:
    """The spec with the user group that a request gives it, or without one. Faults as above, and rules that the engine
    does not take.
    """
    after = with_group(context, params, spec)
    if params.get("RemoveUserGroup"):
        return replace(spec, user_group="", users=())
    for user in after.users if after.user_group != spec.user_group else ():
        if user.id != DEFAULT:
            check_rules(context, user, [cache])
    return after

"""The caller's user groups by id."""

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.api.users.lookup import found_user
from cachewright.controlplane.model.changes import current_change
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.nouns import USER_GROUP
from cachewright.controlplane.model.users import User, UserGroup, UserStatus
from cachewright.controlplane.store.records import Records


def own_groups(context: Context) -> Records[UserGroup]:
    """The user groups that the caller created."""
    return context.records(USER_GROUP, UserGroup)


def found_group(context: Context, wanted: str, *, lock: bool = False) -> UserGroup:
    """The caller's group of that id; Fault when there is none. Ids are looked up in any case."""
    group = own_groups(context).get(wanted.lower(), lock=lock)
    if group is None:
        raise USER_GROUP.missing(wanted)
    return group


def changeable_group(context: Context, wanted: str) -> UserGroup:
    """The same for a change, or to be given to a cache. Fault when a change of it is under way."""
    group = found_group(context, wanted, lock=True)
    if group.id in groups_on_their_way(context):
        raise Fault("InvalidUserGroupStateFault", f"User group {group.id} is not in active state.")
    return group


def groups_on_their_way(context: Context) -> frozenset[str]:
    """The ids of the groups of whose members some cache has not been told yet."""
    caches = context.transaction.caches.unsettled(context.caller.account, context.caller.region)
    return frozenset(c.spec.user_group for c in caches if not c.deleting and current_change(c).members)


def members_of(context: Context, group: UserGroup) -> tuple[User, ...]:
    """The users of a group."""
    return tuple(found_user(context, name) for name in group.users)


def status_of(group: UserGroup, moving: frozenset[str]) -> UserStatus:
    """Where a group is in its life, when those of these ids are on their way to caches."""
    return UserStatus.MODIFYING if group.id in moving else UserStatus.ACTIVE

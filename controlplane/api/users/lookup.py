"""The caller's users by id, the one that always exists among them."""

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.model.changes import current_change
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.nouns import USER, USER_GROUP
from cachewright.controlplane.model.users import DEFAULT, DEFAULT_USER, User, UserStatus
from cachewright.controlplane.store.records import Records


def own_users(context: Context) -> Records[User]:
    """The users that the caller created."""
    return context.records(USER, User)


def found_user(context: Context, wanted: str, *, lock: bool = False) -> User:
    """The caller's user of that id, or the one that always exists; Fault when there is none. Ids are looked up in any
    case.
    """
    name = wanted.lower()
    user = DEFAULT_USER if name == DEFAULT else own_users(context).get(name, lock=lock)
    if user is None:
        raise USER.missing(wanted)
    return user


def changeable_user(context: Context, wanted: str) -> User:
    """The same for a change. Faults: it is the one that always exists, or a change of it is under way."""
    user = found_user(context, wanted, lock=True)
    if user.id == DEFAULT:
        raise Fault("InvalidUserStateFault", "The default user cannot be modified or deleted.")
    if user.id in users_on_their_way(context):
        raise Fault("InvalidUserStateFault", f"User {user.id} is not in active state.")
    return user


def users_on_their_way(context: Context) -> frozenset[str]:
    """The ids of the users that some cache has not been told of yet as they are now."""
    caches = context.transaction.caches.unsettled(context.caller.account, context.caller.region)
    return frozenset(user for cache in caches if not cache.deleting for user in current_change(cache).users)


def groups_of(context: Context, user: User) -> list[str]:
    """The ids of the user groups in which a user is."""
    return context.transaction.references.users(USER_GROUP, context.resource(USER, user.id))


def status_of(user: User, moving: frozenset[str]) -> UserStatus:
    """Where a user is in its life, when those of these ids are on their way to caches."""
    return UserStatus.MODIFYING if user.id in moving else UserStatus.ACTIVE

"""What becomes of caches when users or user groups change."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.api.user_groups.lookup import members_of, own_groups
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.changes import with_values_changed
from cachewright.controlplane.model.nouns import USER, USER_GROUP
from cachewright.controlplane.model.references import Reference
from cachewright.controlplane.model.users import User, UserGroup


def caches_of(context: Context, groups: Iterable[UserGroup]) -> list[Cache]:
    """The caches that these groups' users may enter."""
    every = (context.transaction.caches.using(context.resource(USER_GROUP, group.id)) for group in groups)
    return [cache for caches in every for cache in caches if not cache.deleting]


def pass_on(context: Context, caches: Iterable[Cache], changed: Iterable[User]) -> None:
    """Tell caches of users that are others by now."""
    new = {user.id: user for user in changed}
    specs = ((c, replace(c.spec, users=tuple(new.get(user.id, user) for user in c.spec.users))) for c in caches)
    context.transaction.caches.write_specs((c.key, with_values_changed(c, spec, new)) for c, spec in specs)


def change_members(context: Context, group: UserGroup, after: UserGroup, caches: Sequence[Cache]) -> UserGroup:
    """Write down that a group has other users, and tell its caches; the group as it is from now on."""
    after = replace(after, before=group.users)
    own_groups(context).change(after.id, after)
    write_members(context, after)
    members = members_of(context, after)
    specs = ((c, replace(c.spec, users=members)) for c in caches)
    context.transaction.caches.write_specs((c.key, with_values_changed(c, spec, members=True)) for c, spec in specs)
    return after


def write_members(context: Context, group: UserGroup) -> None:
    """A group has these users from now on, and no others."""
    used = (Reference(USER, name) for name in group.users)
    context.transaction.references.write(context.resource(USER_GROUP, group.id), used)

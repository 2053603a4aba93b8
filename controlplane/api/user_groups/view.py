"""A user group as AWS shows it."""

from collections.abc import Iterable

from cachewright.controlplane.api.common.context import Answer, Context
from cachewright.controlplane.api.user_groups.lookup import members_of
from cachewright.controlplane.model.nouns import REPLICATION_GROUP, SERVERLESS_CACHE, USER_GROUP
from cachewright.controlplane.model.users import UserGroup, UserStatus
from cachewright.controlplane.model.versions_of_users import minimum_version


def user_group(context: Context, group: UserGroup, status: UserStatus) -> Answer:
    """A user group of the caller's. As long as caches are being told who is in it, it shows who was, and who comes and
    goes.
    """
    resource, moving = context.resource(USER_GROUP, group.id), status is UserStatus.MODIFYING
    return {
        "UserGroupId": group.id,
        "Status": status.value,
        "Engine": group.engine.value,
        "UserIds": list(group.before if moving else group.users),
        "MinimumEngineVersion": minimum_version(members_of(context, group)),
        **({"PendingChanges": _pending(group)} if moving else {}),
        "ReplicationGroups": context.transaction.references.users(REPLICATION_GROUP, resource),
        "ServerlessCaches": context.transaction.references.users(SERVERLESS_CACHE, resource),
        "ARN": resource.arn,
    }


def _pending(group: UserGroup) -> Answer:
    lists = {
        "UserIdsToRemove": _without(group.before, group.users),
        "UserIdsToAdd": _without(group.users, group.before),
    }
    return {name: users for name, users in lists.items() if users}


def _without(users: Iterable[str], others: Iterable[str]) -> list[str]:
    gone = set(others)
    return [user for user in users if user not in gone]

"""A user as AWS shows it."""

from cachewright.controlplane.api.common.context import Answer, Context
from cachewright.controlplane.api.users.lookup import groups_of
from cachewright.controlplane.model.nouns import USER
from cachewright.controlplane.model.users import Authentication, User, UserStatus
from cachewright.controlplane.model.versions_of_users import minimum_version


def user_shown(context: Context, user: User, status: UserStatus) -> Answer:
    """A user of the caller's, or the one that always exists; nothing of its passwords but how many there are."""
    return {
        "UserId": user.id,
        "UserName": user.name,
        "Status": status.value,
        "Engine": user.engine.value,
        "MinimumEngineVersion": minimum_version([user]),
        "AccessString": user.access,
        "UserGroupIds": groups_of(context, user),
        "Authentication": _authentication(user),
        "ARN": context.resource(USER, user.id).arn,
    }


def _authentication(user: User) -> Answer:
    answer: Answer = {"Type": user.authentication.value}
    if user.authentication is Authentication.PASSWORD:
        answer["PasswordCount"] = len(user.passwords)
    return answer

"""Who may be in a user group.

Source: the ElastiCache user guide, "Role-Based Access Control"; the API reference, for the faults.
"""

from collections.abc import Iterable, Sequence

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.model.faults import Fault, invalid_combination
from cachewright.controlplane.model.names import repeated
from cachewright.controlplane.model.quotas import GROUP_USERS
from cachewright.controlplane.model.users import DEFAULT, Authentication, User
from cachewright.controlplane.model.versions import Engine


def asked_ids(wanted: Iterable[str] | None) -> tuple[str, ...]:
    """The ids of a request as they are stored, each once."""
    return tuple(dict.fromkeys(name.lower() for name in wanted or ()))


def check_members(context: Context, users: Sequence[User], engine: Engine) -> None:
    """Fault when these cannot be the users of a group of that engine."""
    context.quotas.check(GROUP_USERS, len(users))
    for user in users:
        check_member(user, engine)
    if twice := repeated(user.name for user in users):
        raise Fault("DuplicateUserNameFault", f"User group contains more than one user with the user name {twice}.")
    if engine is Engine.REDIS and all(user.name != DEFAULT for user in users):
        raise Fault("DefaultUserRequired", f"User group needs to contain a user with the user name {DEFAULT}.")


def check_member(user: User, engine: Engine) -> None:
    """Fault when a user cannot be in a group of that engine."""
    if engine is Engine.VALKEY and user.authentication is Authentication.NO_PASSWORD:
        raise invalid_combination(
            f"User {user.id} has authentication type no-password and cannot be in a user group of engine valkey."
        )
    if engine is Engine.REDIS and user.engine is not Engine.REDIS:
        raise invalid_combination(f"User {user.id} of engine {user.engine} cannot be in a user group of engine redis.")

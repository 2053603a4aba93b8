"""Which versions of engines users and user groups can be used with.

Source: the ElastiCache user guide, "Role-Based Access Control" and "Authenticating with IAM".
"""

from collections.abc import Iterable

from cachewright.controlplane.model.access_strings import ALWAYS, Version, parsed
from cachewright.controlplane.model.faults import invalid_combination
from cachewright.controlplane.model.users import Authentication, User, UserGroup
from cachewright.controlplane.model.versions import Engine, EngineVersion, numbers

IAM_FROM: Version = (7, 0)


def minimum_version(users: Iterable[User]) -> str:
    """AWS's MinimumEngineVersion of these users together."""
    return ".".join(map(str, _minimum(users)))


def check_release(users: Iterable[User], release: EngineVersion) -> None:
    """Fault when caches of that version cannot have these users."""
    minimum = _minimum(users)
    if release.engine is Engine.MEMCACHED or numbers(release.described) < minimum:
        raise invalid_combination(
            f"User group requires engine version {'.'.join(map(str, minimum))} or higher, but the engine version is"
            f" {release.described}."
        )


def check_engine(group: UserGroup, engine: Engine) -> None:
    """Fault when caches of that engine cannot have the group."""
    if group.engine is Engine.VALKEY and engine is not Engine.VALKEY:
        raise invalid_combination(f"User group {group.id} of engine valkey cannot be used with engine {engine}.")


def _minimum(users: Iterable[User]) -> Version:
    return max((_of(user) for user in users), default=ALWAYS)


def _of(user: User) -> Version:
    rules = parsed(user.access, restricted=False).since
    return max(rules, IAM_FROM) if user.authentication is Authentication.IAM else rules

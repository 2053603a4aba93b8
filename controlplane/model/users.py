"""Users and user groups: AWS's role-based access control.

Source: the ElastiCache user guide, "Role-Based Access Control (RBAC)"; the API reference of the operations on users.
"""

from dataclasses import dataclass
from enum import StrEnum

from cachewright.controlplane.model.versions import Engine

DEFAULT = "default"  # the name of whoever brings none, and the id of the user of that name that always exists


class Authentication(StrEnum):
    """With what a user enters; the values are AWS's in answers."""

    PASSWORD = "password"  # noqa: S105 - a word
    NO_PASSWORD = "no-password"  # noqa: S105 - a word
    IAM = "iam"


class UserStatus(StrEnum):
    """Where a user or a user group is in its life; the values are AWS's. Only answers to requests say `creating` and
    `deleting`: neither takes time.
    """

    CREATING = "creating"
    ACTIVE = "active"
    MODIFYING = "modifying"
    DELETING = "deleting"


@dataclass(frozen=True, slots=True)
class User:
    """A user of an account in a region, and of the caches that it may enter. Passwords are kept as SHA-256, in
    hexadecimal: the engines need no more.
    """

    id: str
    name: str  # that engines know it by
    engine: Engine
    access: str  # the access string: rules as engines take them, with a space between them
    authentication: Authentication
    passwords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A user group of an account in a region."""

    id: str
    engine: Engine
    users: tuple[str, ...]  # ids, in the order in which they came
    before: tuple[str, ...] = ()  # who was in it before the last change, of which caches may not know yet


DEFAULT_USER = User(DEFAULT, DEFAULT, Engine.REDIS, "on ~* +@all", Authentication.NO_PASSWORD)

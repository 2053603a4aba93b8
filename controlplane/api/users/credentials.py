"""With what a user enters, of the three ways in which a request may say it.

Source: the API reference of CreateUser and ModifyUser; the ElastiCache user guide, "Role-Based Access Control"; texts
as AWS answers.
"""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256

from cachewright.controlplane.api.common.context import Params
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.users import Authentication, User
from cachewright.controlplane.model.versions import Engine

MOST_PASSWORDS = 2
SHORTEST, LONGEST = 16, 128  # characters of a password
_PASSWORD = re.compile(r'(?:(?![,"/@])[!-~])+')

TYPES: Mapping[str, Authentication] = {
    "password": Authentication.PASSWORD,
    "no-password-required": Authentication.NO_PASSWORD,
    "iam": Authentication.IAM,
}  # AWS's AuthenticationMode.Type

Entrance = tuple[Authentication, tuple[str, ...]]  # the way, and the SHA-256 of the passwords


def asked_entrance(params: Params) -> Entrance | None:
    """With what a request says that a user enters; None when it says nothing of it. Faults: AWS's rules about it."""
    mode = params.get("AuthenticationMode")
    single, within = params.get("Passwords") or (), (mode or {}).get("Passwords") or ()
    if single and within:
        raise invalid_combination("Passwords provided via multiple arguments. Use only one argument")
    passwords = single or within
    way = _type(mode) if mode is not None else None
    if params.get("NoPasswordRequired"):
        other = way or (Authentication.PASSWORD if passwords else None)
        if other not in (None, Authentication.NO_PASSWORD):
            raise invalid_combination(
                f"No password required flag is true but provided authentication type is {other.value}"
            )
        way = Authentication.NO_PASSWORD
    if way is None and not passwords:
        return None
    return _checked(way or Authentication.PASSWORD, passwords)


def required_entrance(params: Params) -> Entrance:
    """The same of a request that has to say it."""
    entrance = asked_entrance(params)
    if entrance is None:
        raise invalid_value(
            "No password was provided. If you want to create/update the user without password, please use the"
            " NoPasswordRequired flag."
        )
    return entrance


def check_entrance(user: User) -> None:
    """Fault for a user that cannot enter in this way."""
    if user.authentication is Authentication.IAM and user.id != user.name:
        raise invalid_combination("User Id and User name must be same for authentication type: iam")
    if user.authentication is Authentication.NO_PASSWORD and user.engine is Engine.VALKEY:
        raise invalid_combination("Authentication type no-password-required is not supported for engine valkey.")


def _type(mode: Mapping[str, object]) -> Authentication:
    wanted = mode.get("Type") or "null"
    if wanted not in TYPES:
        allowed = ",".join(TYPES)
        raise invalid_value(f"Input Authentication type: {wanted} is not in the allowed list: [{allowed}]")
    return TYPES[str(wanted)]


def _checked(way: Authentication, passwords: Sequence[str]) -> Entrance:
    if way is not Authentication.PASSWORD and passwords:
        name = next(name for name, each in TYPES.items() if each is way)
        raise invalid_combination(f"Password field is not allowed with authentication type: {name}")
    if way is Authentication.PASSWORD and not passwords:
        raise invalid_combination("A user with Authentication Mode: password, must have at least one password")
    if len(passwords) > MOST_PASSWORDS:
        raise invalid_value(f"A user can have at most {MOST_PASSWORDS} passwords.")
    for password in passwords:
        if not SHORTEST <= len(password) <= LONGEST:
            raise invalid_value(f"Passwords length must be between {SHORTEST}-{LONGEST} characters.")
        if not _PASSWORD.fullmatch(password):
            raise invalid_value('Passwords must be printable ASCII characters, none of which is a comma, ", / or @.')
    return way, tuple(dict.fromkeys(sha256(password.encode()).hexdigest() for password in passwords))

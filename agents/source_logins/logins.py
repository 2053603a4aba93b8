"""A login in a secret. It is looked up when it is needed, and kept nowhere.

Source: the ElastiCache user guide, "Source authentication for online migration to ElastiCache Serverless".
"""

import json
from dataclasses import dataclass, field
from typing import Protocol

from cachewright.agents.planning.verdicts import Never
from cachewright.controlplane.model.secret_arns import SecretArn


@dataclass(frozen=True, slots=True)
class SourceLogin:
    """How a source is entered; without a user name as its default user."""

    username: str
    password: str = field(repr=False)


class SourceLogins(Protocol):
    """The secrets of an installation."""

    def login(self, secret: SecretArn) -> SourceLogin:
        """What a secret says. Later when it cannot be read just now, Never when it does not say it."""


class NoLogins:
    """Implements `SourceLogins` where there are none."""

    def login(self, secret: SecretArn) -> SourceLogin:
        """See `SourceLogins`."""
        raise Never(f"cannot read the secret {secret}: there are no secrets here")


def login_in(secret: SecretArn, text: str) -> SourceLogin:
    """The login in the text of a secret; Never, with nothing of the text, when there is none."""
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    password = said.get("password") if isinstance(said, dict) else None
    username = said.get("username", "") if isinstance(said, dict) else None
    if not (isinstance(password, str) and password and isinstance(username, str)):
        words = 'it is no JSON object with a "password", and a "username" where the source has users'
        raise Never(f"cannot use the secret {secret}: {words}")
    return SourceLogin(username, password)

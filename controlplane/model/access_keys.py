"""Access keys: in whose account somebody calls, and what for."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ANYBODY = "000000000000"  # the account of whoever names none

_METRICS = b"GET /metrics"  # what a token is good for

_ACCOUNT = re.compile(r"[0-9]{12}")


class Role(StrEnum):
    """What a key is good for."""

    WRITER = "writer"  # everything
    READER = "reader"  # what changes nothing


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key of an account. A temporary one has a session token, which has to come with every request."""

    id: str
    secret: str = field(repr=False)
    account: str = ANYBODY
    role: Role = Role.WRITER
    session_token: str = field(default="", repr=False)

    @property
    def is_reader(self) -> bool:
        """Whether it may change nothing."""
        return self.role is Role.READER

    @property
    def metrics_token(self) -> str:
        """What a scraper that cannot sign shows instead, to read metrics and nothing else. It follows from the secret,
        which does not follow from it.
        """
        return hmac.digest(self.secret.encode(), _METRICS, "sha256").hex()


AccessKeys = Mapping[str, AccessKey]
"""By id; empty: nobody is asked for one."""


def is_account(text: str) -> bool:
    """Whether it is an account: 12 digits."""
    return bool(_ACCOUNT.fullmatch(text))


def account_of(key_id: str) -> str:
    """The account that an access key tells by itself: it is one."""
    return key_id if is_account(key_id) else ANYBODY

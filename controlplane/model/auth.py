"""AUTH tokens: what lets clients in."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Auth:
    """Who may log in with an AUTH token. Tokens are kept as SHA-256, in hexadecimal: the engines need no more."""

    tokens: tuple[str, ...] = ()  # the valid ones, the oldest first
    required: bool = False  # False: whoever brings none is let in, too
    modified_at: datetime | None = None

"""How a Redis or Valkey of the user's is entered, whose data are migrated."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SourceAccess:
    """With a login or without, with TLS or without."""

    username: str = ""
    password: str = field(default="", repr=False)
    encrypted: bool = False
    authorities: str = ""  # PEM: one of these has signed its certificate, where it is encrypted


OPEN = SourceAccess()  # to everybody

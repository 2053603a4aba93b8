"""Which agent works on a cache."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LEASE = timedelta(seconds=30)  # how long a cache is kept from others after the last word of who works on it


@dataclass(frozen=True, slots=True)
class Ownership:
    """One run of an agent works on a cache until a moment, unless it says so again; nobody does where it is empty."""

    owner: str = ""
    until: datetime | None = None

    def keeps_out(self, owner: str, now: datetime) -> bool:
        """Whether somebody else than `owner` works on it."""
        return self.owner not in ("", owner) and self.until is not None and now < self.until

    def renewed(self, owner: str, now: datetime) -> "Ownership | None":
        """What has to be said so that `owner` works on it; None where that was said not long ago."""
        lately = self.owner == owner and self.until is not None and self.until - now > LEASE / 2
        return None if lately else Ownership(owner, now + LEASE)

"""Which caches are this agent's, and what it does for the whole installation."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cachewright.controlplane.model.cache import Cache, Key
from cachewright.controlplane.model.membership import Duty, Standing, chosen
from cachewright.controlplane.model.ownership import Ownership
from cachewright.controlplane.store.transaction import Transaction


class Claims(Protocol):
    """Says what may be done here. Safe to share among threads."""

    def wants(self, key: Key) -> bool:
        """Whether a cache is this agent's, of all that there are, or shall be once another one lets go of it."""

    def keeps_out(self, cache: Cache, there: Callable[[str], bool]) -> bool:
        """Whether another agent works on it. `there` says by the database whether a token is a member's."""

    def renewed(self, cache: Cache) -> Ownership | None:
        """What has to be written so that this one works on it; None where that is said already."""

    def owns(self, cache: Cache) -> bool:
        """Whether this one works on it, and nobody else."""

    @property
    def lasts(self) -> bool:
        """Whether what this agent begins now is not begun by others: its lease is not over."""

    def require(self, transaction: Transaction) -> None:
        """Unusable when this agent may write no more, because others do its work."""

    def holds(self, duty: Duty) -> bool:
        """Whether a duty is this agent's."""


@dataclass(frozen=True, slots=True)
class Alone:
    """Implements `Claims` for an agent that has the database alone: a cache is kept from what it has replaced."""

    owner: str  # names this run
    clock: Callable[[], datetime]

    def wants(self, key: Key) -> bool:  # noqa: ARG002 - all are
        """See Claims."""
        return True

    def keeps_out(self, cache: Cache, there: Callable[[str], bool]) -> bool:  # noqa: ARG002 - there are no members
        """See Claims."""
        return cache.ownership.keeps_out(self.owner, self.clock())

    def renewed(self, cache: Cache) -> Ownership | None:
        """See Claims."""
        return cache.ownership.renewed(self.owner, self.clock())

    def owns(self, cache: Cache) -> bool:  # noqa: ARG002 - there is nobody else
        """See Claims."""
        return True

    @property
    def lasts(self) -> bool:
        """See Claims."""
        return True

    def require(self, transaction: Transaction) -> None:
        """See Claims."""

    def holds(self, duty: Duty) -> bool:  # noqa: ARG002 - every one
        """See Claims."""
        return True


@dataclass(frozen=True, slots=True)
class Shared:
    """Implements `Claims` for one agent of several: caches are shared out by name, and each is the one's that has said
    so until that one lets go of it or is gone.
    """

    name: str  # of this process
    standing: Callable[[], Standing]
    apart: bool = False  # containers run where no other agent sees them, each of which has a gateway and a directory

    def wants(self, key: Key) -> bool:
        """See Claims."""
        standing = self.standing()
        return bool(standing.token) and chosen(str(key), standing.agents) == self.name

    def keeps_out(self, cache: Cache, there: Callable[[str], bool]) -> bool:
        """See Claims. Who is no member any more keeps nobody out, and will not be one again by that token. Who is not
        among those that this agent has heard of may have come since.
        """
        owner = cache.ownership.owner
        return owner not in ("", self.standing().token) and there(owner)

    def renewed(self, cache: Cache) -> Ownership | None:
        """See Claims."""
        token = self.standing().token
        return None if cache.ownership.owner == token else Ownership(token)

    def owns(self, cache: Cache) -> bool:
        """See Claims."""
        return cache.ownership.owner == self.standing().token != ""

    @property
    def lasts(self) -> bool:
        """See Claims."""
        return bool(self.standing().token)

    def require(self, transaction: Transaction) -> None:
        """See Claims."""
        transaction.members.require(self.standing().token)

    def holds(self, duty: Duty) -> bool:
        """See Claims."""
        return duty in self.standing().duties or (self.apart and duty in (Duty.GATEWAY, Duty.DIRECTORY))

"""How a process works: alone, or as one of several at a PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from cachewright.agents.reconcile.claims import Claims, Shared
from cachewright.controlplane.membership import Membership
from cachewright.controlplane.model.membership import Duty, Role
from cachewright.controlplane.server.clock import now
from cachewright.controlplane.settings import RuntimeKind, Settings
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.members import Register


@dataclass(frozen=True, slots=True)
class Working:
    """What follows from whether there are others."""

    clock: Callable[[], datetime] = now
    claims: Claims | None = None  # None: everything is this process's
    member: Membership | None = None

    @property
    def name(self) -> str:
        """What this process is called among several; empty where there is no other."""
        return self.member.name if self.member else ""

    def others(self) -> frozenset[str] | None:
        """The names of the others that are there; None while that is not known."""
        if self.member is None:
            return frozenset()
        standing = self.member.standing
        return frozenset(one.name for one in standing.members) - {self.name} if standing.token else None

    def holds(self, duty: Duty) -> bool:
        """Whether this process alone does that."""
        return self.member is None or self.member.holds(duty)


@contextmanager
def working(settings: Settings, store: Store) -> Iterator[Working]:
    """A member of those who work at the database, in the block, if it is to be shared; others go on when it ends.
    Unusable when the database takes nothing.
    """
    if settings.role is Role.BOTH:
        yield Working()
        return
    store.work_together()
    member = Membership(Register(settings.database), settings.role, now)
    claims = Shared(member.name, lambda: member.standing, apart=settings.runtime is RuntimeKind.MEMORY)
    try:
        member.start()
        yield Working(member.now, claims, member)
    finally:
        member.stop()

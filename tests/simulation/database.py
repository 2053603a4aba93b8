"""A database that agents share in virtual time: it goes away and comes back, and leases are by the virtual clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, update

from cachewright.controlplane.model.membership import LEASE, Role
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.failures import Unusable
from cachewright.controlplane.store.members import Word
from cachewright.controlplane.store.tables import members
from cachewright.controlplane.store.transaction import Transaction


@dataclass(slots=True)
class Time:
    """Moves on when it is told to."""

    passed: float = 0.0  # seconds

    def now(self) -> datetime:
        """The moment, by everybody's clock."""
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.passed)

    def timer(self) -> float:
        """Seconds of a clock that nobody sets."""
        return self.passed


class Way(Store):
    """One process's way to the database, which may be cut."""

    cut = False

    @property
    def shared(self) -> bool:
        """See Store. Every process has a way of its own."""
        return True

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """See Store."""
        self._require()
        with super().read() as transaction:
            yield transaction

    @contextmanager
    def write(self, *, urgent: bool = False) -> Iterator[Transaction]:
        """See Store. Nobody lets others go first: there is one thread."""
        self._require()
        with super().write(urgent=True) as transaction:
            yield transaction

    def _require(self) -> None:
        if self.cut:
            raise Unusable("the database does not answer")


@dataclass(slots=True)
class PretendRegister:
    """Implements `Registers` by the virtual clock, as `Register` does by that of a PostgreSQL."""

    store: Store
    now: Callable[[], datetime]

    def join(self, token: str, name: str, role: Role, host: str, process: int) -> None:
        """See Registers."""
        about = {"token": token, "name": name, "role": role.value, "host": host, "process": process}
        with self.store.write() as transaction:
            row = {**about, "since": self.now(), "lease_until": self.now() + LEASE}
            transaction.connection.execute(insert(members).values(row))

    def renew(self, token: str) -> Word | None:
        """See Registers; nobody has a duty."""
        with self.store.write() as transaction:
            own, longer = members.c.token == token, {"lease_until": self.now() + LEASE}
            if transaction.connection.execute(update(members).where(own).values(longer)).rowcount != 1:
                return None
            transaction.connection.execute(delete(members).where(members.c.lease_until < self.now()))
            return Word(self.now(), transaction.members.all(), frozenset())

    def leave(self, token: str) -> None:
        """See Registers."""
        with self.store.write() as transaction:
            transaction.connection.execute(delete(members).where(members.c.token == token))

    def close(self) -> None:
        """See Registers."""

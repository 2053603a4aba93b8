"""Who works at a PostgreSQL, by leases of its own clock. A member is a row: as long as there is one, its lease counts.

Whoever finds a lease that is over removes the row, and that is the end of the token: a lease is renewed where there is
a row, and nowhere else. So two never differ about who is there, whatever their clocks say and however late a word is.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, create_engine, delete, func, insert, make_url, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from cachewright.controlplane.model.membership import LEASE, Duty, Member, Role, chosen
from cachewright.controlplane.store.driver_errors import told
from cachewright.controlplane.store.failures import Unusable
from cachewright.controlplane.store.tables import caches, duties, members

MEMBERS_LOCK = 4570  # any number that nobody else locks in the same database
PATIENCE = 2  # seconds that one word may take: a lease must not end while somebody waits for a dead connection
_NOW = func.clock_timestamp()


class Expired(Unusable):
    """A member writes whose lease is over: somebody else does by now what it did."""


@dataclass(frozen=True, slots=True)
class Members:
    """The members as one transaction sees them."""

    connection: Connection

    def require(self, token: str) -> None:
        """Expired when a lease is over. Until the transaction ends, nobody else finds that it is."""
        row = select(members.c.token).where(members.c.token == token).with_for_update(read=True, key_share=True)
        if self.connection.execute(row).first() is None:
            raise Expired("cannot write: the lease of this agent is over, and another one does its work")

    def all(self) -> tuple[Member, ...]:
        """Everybody, in the order of coming."""
        columns = [column for column in members.c if column.name != "lease_until"]
        rows = self.connection.execute(select(*columns).order_by(members.c.since, members.c.token))
        return tuple(Member(**{**row._mapping, "role": Role(row.role)}) for row in rows)

    def has(self, token: str) -> bool:
        """Whether a lease counts still: one that was joined and does not, never will again."""
        row = select(members.c.token).where(members.c.token == token)
        return self.connection.execute(row).first() is not None

    def duties(self) -> dict[str, str]:
        """Whose each duty is, by token; of those that are somebody's."""
        there = select(members.c.token)
        rows = self.connection.execute(select(duties).where(duties.c.owner.in_(there)))
        return {row.name: row.owner for row in rows}

    def caches_of(self) -> dict[str, int]:
        """How many caches each member works on, by token; of those that have any."""
        query = select(caches.c.owner, func.count()).where(caches.c.owner != "").group_by(caches.c.owner)
        return {str(owner): int(count) for owner, count in self.connection.execute(query)}


@dataclass(frozen=True, slots=True)
class Word:
    """What came of a word: the database's clock, and everybody who is there."""

    moment: datetime
    members: tuple[Member, ...]
    duties: frozenset[Duty]


class Register:
    """Where a process says that it is there, on a connection of its own: nothing that others write keeps it waiting."""

    def __init__(self, url: str) -> None:
        """Of a PostgreSQL."""
        self._engine = _engine(url)
        self._connection: Connection | None = None

    def join(self, token: str, name: str, role: Role, host: str, process: int) -> None:
        """Be a member from now on. Unusable when the database does not answer."""
        about = {"token": token, "name": name, "role": role.value, "host": host, "process": process}
        with self._transaction() as connection:
            connection.execute(insert(members).values(**about, since=_NOW, lease_until=_NOW + LEASE))

    def renew(self, token: str) -> Word | None:
        """Say that one is still there, take up what nobody does who is, and hear who else is there; None when the lease
        is over. Unusable when the database does not answer.
        """
        with self._transaction() as connection:
            renewed = update(members).where(members.c.token == token).values(lease_until=_NOW + LEASE)
            if connection.execute(renewed).rowcount != 1:
                return None
        with self._transaction() as connection:
            _remove_expired(connection)
            there = Members(connection).all()
            own = _claimed(connection, token, there)
            return Word(connection.execute(select(_NOW)).scalar_one(), there, own)

    def leave(self, token: str) -> None:
        """Be none any more: others go on at once. A database that does not answer finds out by itself."""
        with suppress(Unusable), self._transaction() as connection:
            connection.execute(delete(members).where(members.c.token == token))

    def close(self) -> None:
        """Give the connection back."""
        if self._connection:
            with suppress(DBAPIError):
                self._connection.close()
        self._connection = None
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with told("renew a lease"):
            connection = self._connection or self._engine.connect()
            self._connection = None  # one that fails is used for nothing else
            try:
                with connection.begin():
                    yield connection
            except BaseException:
                with suppress(DBAPIError):
                    connection.close()
                raise
            self._connection = connection


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    patience = {
        "connect_timeout": PATIENCE,
        "options": f"-c statement_timeout={PATIENCE * 1000}",
        "tcp_user_timeout": PATIENCE * 1000,
    }
    return create_engine(
        parsed,
        poolclass=NullPool,
        connect_args={name: value for name, value in patience.items() if name not in parsed.query},
    )


def _remove_expired(connection: Connection) -> None:
    """Those whose word is late; one that is speaking right now is left to the next look."""
    late = select(members.c.token).where(members.c.lease_until < _NOW).with_for_update(skip_locked=True)
    connection.execute(delete(members).where(members.c.token.in_(late)))


def _claimed(connection: Connection, token: str, there: Collection[Member]) -> frozenset[Duty]:
    """The duties of a member, with those that it has just got: of what nobody does, those that it is chosen for."""
    known = Members(connection).duties()
    agents = {member.name: member.token for member in there if member.role is Role.AGENT}
    free = [duty for duty in Duty if duty not in known and agents.get(chosen(duty, agents)) == token]
    own = {Duty(name) for name, owner in known.items() if owner == token and name in set(Duty)}
    return frozenset(own | set(_taken(connection, token, free)))


def _taken(connection: Connection, token: str, free: Iterable[Duty]) -> Iterator[Duty]:
    """One at a time takes: nobody gets what another one got a moment ago."""
    from sqlalchemy.dialects.postgresql import insert as inserted  # noqa: PLC0415 - large, and not needed by SQLite

    wanted = list(free)
    if not wanted:
        return
    connection.execute(text(f"SELECT pg_advisory_xact_lock({MEMBERS_LOCK})"))
    known = Members(connection).duties()
    for duty in wanted:
        if duty not in known:
            row = inserted(duties).values(name=duty.value, owner=token)
            connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"owner": token}))
            yield duty

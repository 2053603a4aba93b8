"""The database: SQLite in the data directory, or PostgreSQL by URL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, delete, event, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from cachewright.controlplane.model.cache import Key
from cachewright.controlplane.model.nouns import Noun
from cachewright.controlplane.store.beside import Unusable
from cachewright.controlplane.store.caches import Caches
from cachewright.controlplane.store.documents import Record
from cachewright.controlplane.store.events import Events
from cachewright.controlplane.store.facts import Facts
from cachewright.controlplane.store.failovers import Failovers
from cachewright.controlplane.store.leases import Leases
from cachewright.controlplane.store.records import Records
from cachewright.controlplane.store.references import References
from cachewright.controlplane.store.revision import REVISION
from cachewright.controlplane.store.secrets import Secrets
from cachewright.controlplane.store.tables import facts, metadata, secrets
from cachewright.controlplane.store.tags import ResourceTags
from cachewright.controlplane.store.wake import LocalWake, NotifyWake, Wake, Woken

WRITERS_LOCK = 4568  # any number that nobody else locks in the same database
KEPT = (facts, secrets)  # tables of what belongs to the installation; every other one is about caches and is erased
REACHED_WITHIN = 10  # seconds in which a database server takes a connection


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction, and the keys that are due once it is committed."""

    connection: Connection
    due: set[Key] = field(default_factory=set)

    @property
    def caches(self) -> Caches:
        """The caches."""
        return Caches(self.connection, self.due)

    def records(self, account: str, region: str, noun: Noun, kind: type[Record]) -> Records[Record]:
        """The records of a noun, which are values of a kind."""
        return Records(self.connection, account, region, noun, kind)

    @property
    def references(self) -> References:
        """Who uses what."""
        return References(self.connection)

    @property
    def tags(self) -> ResourceTags:
        """Tags of every resource."""
        return ResourceTags(self.connection)

    @property
    def events(self) -> Events:
        """What happened."""
        return Events(self.connection)

    @property
    def leases(self) -> Leases:
        """Addresses."""
        return Leases(self.connection)

    @property
    def failovers(self) -> Failovers:
        """Calls of TestFailover."""
        return Failovers(self.connection)

    @property
    def secrets(self) -> Secrets:
        """What proves who the installation is, where the database is shared."""
        return Secrets(self.connection)

    @property
    def facts(self) -> Facts:
        """What the installation remembers about itself."""
        return Facts(self.connection)


class Store:
    """Everything that is remembered. A commit tells the keys whose spec it changed to whoever asked for them."""

    def __init__(self, url: str) -> None:
        """Unusable for a URL that no database has; whether this one answers is found out when it is asked."""
        self._engine = _engine(url)
        _PREPARED[self._engine.dialect.name](self._engine)
        self._writing = self._engine.execution_options(writing=True)
        shared = self._engine.dialect.name == "postgresql"
        self._wake: Wake = NotifyWake(self._engine.url) if shared else LocalWake()

    def wake(self, woken: Woken) -> None:
        """From now on, hand the keys that a commit made due to `woken`."""
        self._wake.listen(woken)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that changes nothing."""
        with self._connected() as connection:
            yield Transaction(connection)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A transaction that is committed as a whole, or not at all when the block raises."""
        with self._writing.begin() as connection:
            transaction = Transaction(connection)
            yield transaction
            if transaction.due:
                self._wake.before_commit(connection, transaction.due)
        if transaction.due:
            self._wake.after_commit(transaction.due)

    def prepare(self) -> None:
        """Bring the tables to this version of the program; does nothing when they are. Unusable when it cannot be
        reached.
        """
        if self._revision() == REVISION:
            return
        from cachewright.controlplane.store.migrations import upgrade  # noqa: PLC0415 - rarely needed, slow to import

        upgrade(self._engine)

    @property
    def prepared(self) -> bool:
        """Whether there are tables, of this version or of another one. Unusable when it cannot be reached."""
        return self._revision() is not None

    def erase(self) -> None:
        """Forget every cache and all that happened; the installation stays who and where it is."""
        with self._writing.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                if table not in KEPT:
                    connection.execute(delete(table))

    def close(self) -> None:
        """Give the connections back."""
        self._wake.close()
        self._engine.dispose()

    def _revision(self) -> str | None:
        with self._connected() as connection:
            try:
                return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            except DBAPIError:  # a database without tables
                return None

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            connection = self._engine.connect()
        except DBAPIError as error:
            raise Unusable(f"cannot open the database: {cause_of(error)}") from error
        with connection:
            yield connection


def cause_of(error: DBAPIError) -> str:
    """The driver's own words, without the statement and what else SQLAlchemy adds."""
    return (str(error.orig).strip() or type(error.orig).__name__).splitlines()[0]


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        patient = parsed.get_backend_name() == "postgresql" and "connect_timeout" not in parsed.query
        return create_engine(parsed, connect_args={"connect_timeout": REACHED_WITHIN} if patient else {})
    except (SQLAlchemyError, ImportError, ValueError, TypeError) as error:
        raise Unusable(f"cannot use the database: {str(error).splitlines()[0]}") from error


def _prepare_sqlite(engine: Engine) -> None:
    """Readers beside one writer; a writer takes its lock first, so that what it read stays true until it writes."""

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:  # noqa: ANN401
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes(connection) else "BEGIN")


def _prepare_postgresql(engine: Engine) -> None:
    """One writer at a time, as with SQLite: no two of them find the same address free."""

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if _writes(connection):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")


_PREPARED: dict[str, Callable[[Engine], None]] = {"sqlite": _prepare_sqlite, "postgresql": _prepare_postgresql}


def _writes(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("writing"))

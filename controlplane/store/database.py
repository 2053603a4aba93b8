"""The database: SQLite in the data directory, or PostgreSQL by URL."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, delete, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from cachewright.controlplane.model.cache import Key
from cachewright.controlplane.model.nouns import Noun
from cachewright.controlplane.model.snapshots import Due
from cachewright.controlplane.store.caches import Caches
from cachewright.controlplane.store.documents import Record
from cachewright.controlplane.store.driver_errors import told
from cachewright.controlplane.store.events import Events
from cachewright.controlplane.store.facts import Facts
from cachewright.controlplane.store.failovers import Failovers
from cachewright.controlplane.store.failures import Unusable
from cachewright.controlplane.store.first_tables import create_tables
from cachewright.controlplane.store.hosts import Hosts
from cachewright.controlplane.store.leases import Leases
from cachewright.controlplane.store.log_deliveries import LogDeliveries
from cachewright.controlplane.store.members import Members
from cachewright.controlplane.store.notifications import Notifications
from cachewright.controlplane.store.readiness import SCHEMA
from cachewright.controlplane.store.records import Records
from cachewright.controlplane.store.references import References
from cachewright.controlplane.store.revision import REVISION
from cachewright.controlplane.store.secrets import Secrets
from cachewright.controlplane.store.snapshots import Snapshots
from cachewright.controlplane.store.soundness import RELEASE, check, require_known, revision_of
from cachewright.controlplane.store.stacks import Stacks
from cachewright.controlplane.store.tables import facts, hosts, metadata, secrets
from cachewright.controlplane.store.tags import ResourceTags
from cachewright.controlplane.store.taken import SnapshotsTaken
from cachewright.controlplane.store.turns import WriteTurns
from cachewright.controlplane.store.updates import Updates
from cachewright.controlplane.store.wake import LocalWake, NotifyWake, Wake, Woken

WRITERS_LOCK = 4568  # any number that nobody else locks in the same database
KEPT = (facts, secrets, hosts)  # tables of what belongs to the installation; every other one is erased
REACHED_WITHIN = 10  # seconds in which a database server takes a connection
WRITTEN_WITHIN = 10  # seconds that a writer waits for others
_LOCK, _UNLOCK = (text(f"SELECT pg_advisory_{deed}(4571, hashtext(:what))") for deed in ("lock", "unlock"))
_PATIENCE = {  # of PostgreSQL's client: a server that a network keeps away is noticed, too
    "connect_timeout": REACHED_WITHIN,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": REACHED_WITHIN * 1000,  # milliseconds
}


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction, and the keys that are due once it is committed."""

    connection: Connection
    due: set[Due] = field(default_factory=set)
    unwritten: Mapping[Key, str] = field(default_factory=dict)  # see Store

    @property
    def caches(self) -> Caches:
        """The caches."""
        return Caches(self.connection, self.due, self.unwritten)

    def records(self, account: str, region: str, noun: Noun, kind: type[Record]) -> Records[Record]:
        """The records of a noun, which are values of a kind."""
        return Records(self.connection, account, region, noun, kind, self.due)

    @property
    def snapshots(self) -> Snapshots:
        """The snapshots of everybody."""
        return Snapshots(self.connection)

    @property
    def snapshots_taken(self) -> SnapshotsTaken:
        """Those that were begun in the last 24 hours."""
        return SnapshotsTaken(self.connection)

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
        return Events(self.connection, self.due)

    @property
    def notifications(self) -> Notifications:
        """What is published of it."""
        return Notifications(self.connection, self.due)

    @property
    def leases(self) -> Leases:
        """Addresses."""
        return Leases(self.connection)

    @property
    def members(self) -> Members:
        """The processes that work at the database."""
        return Members(self.connection)

    @property
    def log_deliveries(self) -> LogDeliveries:
        """Logs that are delivered."""
        return LogDeliveries(self.connection)

    @property
    def hosts(self) -> Hosts:
        """The machines that run nodes."""
        return Hosts(self.connection)

    @property
    def stacks(self) -> Stacks:
        """What was made of templates."""
        return Stacks(self.connection)

    @property
    def failovers(self) -> Failovers:
        """Calls of TestFailover."""
        return Failovers(self.connection)

    @property
    def secrets(self) -> Secrets:
        """What proves who the installation is, where the database is shared."""
        return Secrets(self.connection)

    @property
    def updates(self) -> Updates:
        """What service updates follow from."""
        return Updates(self.facts)

    @property
    def facts(self) -> Facts:
        """What the installation remembers about itself."""
        return Facts(self.connection)


class Store:
    """Everything that is remembered. A commit tells the keys whose spec it changed to whoever asked for them.

    `name` is how sentences name the database. `unwritten` holds the caches of which something was seen or decided that
    cannot be written, and why not: whoever reads one meanwhile is told so (`Cache.unwritten`). Only agents write into
    it.
    """

    def __init__(self, url: str) -> None:
        """Unusable for a URL that no database has, or one in memory; whether this one answers is found out when it is
        asked.
        """
        self._engine = _engine(url)
        _PREPARED[self._engine.dialect.name](self._engine)
        self._writing = self._engine.execution_options(writing=True)
        self._reading = _for_reading(self._engine)
        self._turns = WriteTurns(WRITTEN_WITHIN)
        shared = self._engine.dialect.name == "postgresql"
        self._wake: Wake = NotifyWake(self._engine.url) if shared else LocalWake()
        self.name = f"the database {self._engine.url.database if not shared else self._engine.url}"
        self._file = None if shared else Path(self._engine.url.database or "")
        self._identity: tuple[int, int] | None = None  # of the file that was opened
        self.unwritten: dict[Key, str] = {}
        self._followers: tuple[Callable[[], None], ...] = ()
        self._woken: tuple[Woken, ...] = ()
        self._together = False

    def follow(self, follower: Callable[[], None]) -> None:
        """From now on, call `follower` after every commit of this process, in the thread that wrote, and of those that
        it works together with: nothing slow, and nothing that raises.
        """
        self._followers = (*self._followers, follower)

    def wake(self, woken: Woken) -> None:
        """From now on, hand the keys that a commit made due to `woken`."""
        self._woken = (*self._woken, woken)
        if not self._together:
            self._wake.listen(woken)

    def work_together(self) -> None:
        """From now on, tell other processes at the same database of every commit, and hear of theirs; once, and before
        anybody is to be woken.
        """
        self._together = True
        self._wake.listen(self._heard)

    def _heard(self, due: set[Due]) -> None:
        for woken in self._woken if due else ():
            woken(due)
        for follower in self._followers:
            follower()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that changes nothing. Unusable when the database does not answer."""
        with told(f"read {self.name}"), self._reading.connect() as connection:
            yield Transaction(connection, unwritten=self.unwritten)

    @contextmanager
    def write(self, *, urgent: bool = False) -> Iterator[Transaction]:
        """A transaction that is committed as a whole, or not at all when the block raises. Unusable when the database
        takes nothing: its disk is full, somebody else has locked it, it is gone. What is urgent goes before what others
        of this process want to write.
        """
        with (
            told(f"write to {self.name}"),
            self._turns.turn(urgent=urgent),
            self._begun() as connection,
        ):
            transaction = Transaction(connection, unwritten=self.unwritten)
            yield transaction
            if transaction.due or self._together:
                self._wake.before_commit(connection, transaction.due)
        if transaction.due:
            self._wake.after_commit(transaction.due)
        for follower in self._followers:
            follower()

    @contextmanager
    def one_at_a_time(self, what: str) -> Iterator[None]:
        """Of the processes at the database one at a time does that, for as long as it takes; no transaction is kept
        open meanwhile. Unusable when the database does not answer.
        """
        if self._file is not None:
            yield
            return
        with told(f"read {self.name}"), self._engine.connect() as connection:
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            alone.execute(_LOCK, {"what": what})
            try:
                yield
            finally:
                alone.execute(_UNLOCK, {"what": what})

    def prepare(self) -> None:
        """Bring the tables to this version of the program; does nothing when they are. Unusable when it cannot be
        reached, Damaged when it is none, Foreign when a later release or another program wrote it.
        """
        with told(f"open {self.name}"):
            with self._engine.connect() as connection:
                revision = revision_of(connection)
                require_known(connection, revision, self.name)
            if revision == REVISION:
                return
            self._bring_up_to_date(revision)
        with self.write() as transaction:
            transaction.facts.write(RELEASE, version("cachewright"))

    def _bring_up_to_date(self, revision: str | None) -> None:
        if revision is None:
            with self._writing.begin() as connection:
                create_tables(connection)
            return
        from cachewright.controlplane.store.migrations import upgrade  # noqa: PLC0415 - rarely needed, slow

        upgrade(self._engine)

    def check(self) -> None:
        """Look at all of it, and remember that nothing is missing; Damaged when a part is."""
        with told(f"read {self.name}"), self._engine.connect() as connection:
            check(connection, self.name)
            schema = None if self._file is None else connection.execute(text("PRAGMA schema_version")).scalar()
        if schema is not None:
            with self.write() as transaction:
                transaction.facts.write(SCHEMA, str(schema))

    @property
    def revision(self) -> str | None:
        """Which tables there are, of this version or of another one. Unusable when it cannot be reached."""
        with told(f"open {self.name}"), self._engine.connect() as connection:
            return revision_of(connection)

    def erase(self) -> None:
        """Forget every cache and all that happened; the installation stays who and where it is."""
        with self.write() as transaction:
            for table in reversed(metadata.sorted_tables):
                if table not in KEPT:
                    transaction.connection.execute(delete(table))

    def close(self) -> None:
        """Give the connections back."""
        self._wake.close()
        self._engine.dispose()

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        self._require_file()
        with self._writing.begin() as connection:
            yield connection

    def _require_file(self) -> None:
        """SQLite goes on writing into a file that was removed: nobody would ever read that."""
        if self._file is None:
            return
        try:
            found = self._file.stat()
        except OSError as error:
            raise Unusable(f"cannot write to {self.name}: {error.strerror}") from error
        identity = (found.st_dev, found.st_ino)
        if self._identity not in (None, identity):
            raise Unusable(f"cannot write to {self.name}: it is another file than before; start Cachewright again")
        self._identity = identity


def _for_reading(engine: Engine) -> Engine:
    """With PostgreSQL each statement sees what is committed by then, in a transaction or not; without one two ways to
    the server and back are saved. With SQLite a transaction sees one state.
    """
    return engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="AUTOCOMMIT")


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        _require_path(parsed)
        patience = _PATIENCE if parsed.get_backend_name() == "postgresql" else {}
        return create_engine(parsed, connect_args={name: patience[name] for name in patience.keys() - parsed.query})
    except (SQLAlchemyError, ImportError, ValueError, TypeError) as error:
        raise Unusable(f"cannot use the database: {str(error).splitlines()[0]}") from error


def _require_path(url: URL) -> None:
    """Unusable for SQLite without a file, or with one that SQLite alone finds: it is locked and watched by its path."""
    if url.get_backend_name() != "sqlite":
        return
    if url.database in (None, "", ":memory:") or url.query.keys() & {"uri", "mode"}:
        raise Unusable(f"cannot use the database {url}: name a file by its path, as in sqlite:////var/lib/caches.db")


def _prepare_sqlite(engine: Engine) -> None:
    """Readers beside one writer; a writer takes its lock first, so that what it read stays true until it writes."""

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:  # noqa: ANN401
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"busy_timeout={WRITTEN_WITHIN * 1000}",
        ):
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

"""The database: SQLite in the data directory, or PostgreSQL by URL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection, delete, text

from cachewright.controlplane.model.cache import Key
from cachewright.controlplane.model.snapshots import Due
from cachewright.controlplane.store.dialects import WRITTEN_WITHIN, for_reading, for_writing, opened
from cachewright.controlplane.store.driver_errors import told
from cachewright.controlplane.store.failures import Unusable
from cachewright.controlplane.store.first_tables import create_tables
from cachewright.controlplane.store.readiness import SCHEMA
from cachewright.controlplane.store.revision import REVISION
from cachewright.controlplane.store.soundness import RELEASE, check, require_known, revision_of
from cachewright.controlplane.store.tables import facts, hosts, metadata, secrets
from cachewright.controlplane.store.transaction import Transaction
from cachewright.controlplane.store.turns import WriteTurns
from cachewright.controlplane.store.wake import LocalWake, NotifyWake, Wake, Woken

KEPT = (facts, secrets, hosts)  # tables of what belongs to the installation; every other one is erased
_LOCK, _UNLOCK = (text(f"SELECT pg_advisory_{deed}(4571, hashtext(:what))") for deed in ("lock", "unlock"))


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
        self._engine = opened(url)
        self._writing = for_writing(self._engine)
        self._reading = for_reading(self._engine)
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

    @property
    def shared(self) -> bool:
        """Whether it is a database that several processes may write."""
        return self._file is None

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

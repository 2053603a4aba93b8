"""What SQLite and PostgreSQL need to serve one writer at a time, beside readers."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError

from cachewright.controlplane.store.failures import Unusable

WRITERS_LOCK = 4568  # any number that nobody else locks in the same database
REACHED_WITHIN = 10  # seconds in which a database server takes a connection
WRITTEN_WITHIN = 10  # seconds that a writer waits for others
_PATIENCE = {  # of PostgreSQL's client: a server that a network keeps away is noticed, too
    "connect_timeout": REACHED_WITHIN,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": REACHED_WITHIN * 1000,  # milliseconds
}


def opened(url: str) -> Engine:
    """The database of a URL, whose transactions begin as those of its kind shall. Unusable for a URL that no database
    has, or one in memory.
    """
    engine = _created(url)
    _PREPARED[engine.dialect.name](engine)
    return engine


def for_writing(engine: Engine) -> Engine:
    """The same database, where transactions have one writer at a time."""
    return engine.execution_options(writing=True)


def for_reading(engine: Engine) -> Engine:
    """With PostgreSQL each statement sees what is committed by then, in a transaction or not; without one two ways to
    the server and back are saved. With SQLite a transaction sees one state.
    """
    return engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="AUTOCOMMIT")


def _created(url: str) -> Engine:
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

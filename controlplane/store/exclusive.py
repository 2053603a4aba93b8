"""One control plane at a time for each database, or several processes that know of each other. The lock ends with the
process that holds it, however that ends.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from cachewright.controlplane.store.beside import Taken, beside, me, refusal
from cachewright.controlplane.store.dialects import REACHED_WITHIN
from cachewright.controlplane.store.driver_errors import cause_of
from cachewright.controlplane.store.failures import Unusable

CONTROL_PLANES_LOCK = 4569  # any number that nobody else locks in the same database
ALONE, TOGETHER = "pg_try_advisory_lock", "pg_try_advisory_lock_shared"  # PostgreSQL's functions
UNLOCK = {ALONE: "pg_advisory_unlock", TOGETHER: "pg_advisory_unlock_shared"}
LOOK = 2.0  # seconds between two looks at whether the lock is still held
GRACE = 5.0  # seconds in which the last look ends

# A machine that is gone is noticed by either side within IDLE + INTERVAL * COUNT seconds: so long its lock outlives it.
IDLE, INTERVAL, COUNT = 5, 2, 3
LEASE = IDLE + INTERVAL * COUNT
_CLIENT = {"keepalives_idle": IDLE, "keepalives_interval": INTERVAL, "keepalives_count": COUNT}
_SESSION = """
SELECT set_config('application_name', :me, false), set_config('tcp_keepalives_idle', :idle, false),
    set_config('tcp_keepalives_interval', :interval, false), set_config('tcp_keepalives_count', :count, false)
"""
_HOLDER = """
SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)
WHERE locktype = 'advisory' AND granted AND classid = 0 AND objid = :lock AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

log = logging.getLogger(__name__)


def exclusive(url: str, lost: Callable[[str], None]) -> AbstractContextManager[None]:
    """This process alone works on the database. Taken when another one does, Unusable when it cannot be reached. `lost`
    is told, in a thread of its own, when another one has got the lock meanwhile.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return _advisory(parsed, ALONE, lost)
    return beside(Path(parsed.database or ""))  # the store takes no other URL


def together(url: str, lost: Callable[[str], None]) -> AbstractContextManager[None]:
    """This process works on a PostgreSQL beside others that say so, too. Taken when one has it alone; else as
    `exclusive`.
    """
    return _advisory(make_url(url), TOGETHER, lost)


@contextmanager
def _advisory(url: URL, way: str, lost: Callable[[str], None]) -> Iterator[None]:
    """A session's lock in PostgreSQL: the server gives it back when the connection ends."""
    options = {"connect_timeout": REACHED_WITHIN, **_CLIENT}
    options = {name: value for name, value in options.items() if name not in url.query}
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=options)
    try:
        held = _taken(engine, way)
    except DBAPIError as error:
        raise Unusable(f"cannot open the database: {cause_of(error)}") from error
    stop = Event()
    keeper = Thread(target=_keep, args=(engine, way, held, stop, lost), name="database lock", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join(GRACE)


def _taken(engine: Engine, way: str) -> Connection:
    """A connection that holds the lock; Taken when another one does."""
    connection = engine.connect()
    try:
        told = {"me": me(), "idle": str(IDLE), "interval": str(INTERVAL), "count": str(COUNT)}
        connection.execute(text(_SESSION), told)
        if connection.execute(text(f"SELECT {way}(:lock)"), {"lock": CONTROL_PLANES_LOCK}).scalar():
            return connection
        holder = connection.execute(text(_HOLDER), {"lock": CONTROL_PLANES_LOCK}).scalar()
        rest = f"stop it first; if its machine is gone, try again in {LEASE} seconds"
        raise refusal(str(holder or ""), engine.url.render_as_string(), rest)
    except BaseException:
        connection.close()
        raise


def _keep(engine: Engine, way: str, held: Connection, stop: Event, lost: Callable[[str], None]) -> None:
    """Notice that the connection ended, and take the lock again unless another one was quicker."""
    while not stop.wait(LOOK):
        try:
            held.execute(text("SELECT 1"))
        except SQLAlchemyError:
            held.close()
            try:
                held = _taken(engine, way)
            except DBAPIError as error:
                log.warning("cannot hold the lock of the database: %s", cause_of(error))
            except Taken as refusal:
                lost(str(refusal))
                return
    _release(held, way)


def _release(held: Connection, way: str) -> None:
    """Give the lock back at once: the server notices a moment later only that a connection was closed."""
    with suppress(SQLAlchemyError), held:  # a connection that is gone holds nothing
        held.execute(text(f"SELECT {UNLOCK[way]}(:lock)"), {"lock": CONTROL_PLANES_LOCK})

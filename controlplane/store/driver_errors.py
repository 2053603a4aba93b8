"""The errors of drivers become Unusable here, and nowhere else."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoneFree

from cachewright.controlplane.store.failures import Damaged, Unusable

REMEDIES: Mapping[int, str] = {
    sqlite3.SQLITE_BUSY: "end what else has it open",
    sqlite3.SQLITE_CANTOPEN: "see whether it is there, and whether too many files are open",
    sqlite3.SQLITE_FULL: "make room for it",
    sqlite3.SQLITE_IOERR: "see whether its disk is full or broken",
    sqlite3.SQLITE_READONLY: "make it and its directory writable",
}
"""What can be done about it, by SQLite's code."""
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_WORLDLY = (OperationalError, InternalError, InterfaceError)  # every other error is the program's own


@contextmanager
def told(deed: str) -> Iterator[None]:
    """What keeps a database from a deed ("write to the database /d/x.db") is raised as Unusable."""
    try:
        yield
    except SQLAlchemyError as error:
        failure = failed(deed, error)
        if failure is None:
            raise
        raise failure from error
    except TimeoutError as error:
        raise Unusable(f"cannot {deed}: {error}") from error


def failed(deed: str, error: SQLAlchemyError) -> Unusable | None:
    """An error in words; None for one that is the program's own, such as a statement that makes no sense."""
    if isinstance(error, NoneFree):
        return Unusable(f"cannot {deed}: it does not answer in time")
    if not isinstance(error, DBAPIError):
        return None
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    words = f"cannot {deed}: {cause_of(error)}"
    if code in _DAMAGE:
        return Damaged(words)
    if code == sqlite3.SQLITE_ERROR or not isinstance(error, _WORLDLY):
        return None
    return Unusable(f"{words}; {REMEDIES[code]}" if code in REMEDIES else words)


def cause_of(error: DBAPIError) -> str:
    """The driver's own words, without the statement and what else SQLAlchemy adds."""
    return (str(error.orig).strip() or type(error.orig).__name__).splitlines()[0]

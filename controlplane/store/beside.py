"""One control plane at a time for a file of SQLite's, by a lock beside it. It ends with the process that holds it."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from cachewright.controlplane.store.failures import Unusable
from cachewright.controlplane.store.locks import Held, locked

HOST = 36  # characters of a host's name that are told: PostgreSQL keeps 63 of everything


class Taken(Exception):  # noqa: N818
    """Another control plane works on this database; says which, and what to do."""


@contextmanager
def beside(database: Path) -> Iterator[None]:
    """A lock on a file beside SQLite's, in which its holder says who it is. Taken when another one has it, Unusable
    when there can be none.
    """
    path = database.with_name(f"{database.name}.lock")
    with ExitStack() as until_the_end:
        try:
            file = until_the_end.enter_context(locked(path))
        except Held as holder:
            raise refusal(str(holder), str(database), "stop it first") from holder
        except OSError as error:
            raise Unusable(f"cannot open the database: {error.strerror}: {path}") from error
        _sign(file.fileno())
        yield


def _sign(file: int) -> None:
    """Say who has the lock, which counts without a name, too: the disk may be full."""
    with suppress(OSError):
        os.ftruncate(file, 0)
        os.pwrite(file, me().encode(), 0)


def me() -> str:
    """Who holds the lock, for others to read."""
    return f"cachewright on {socket.gethostname()[:HOST]}, process {os.getpid()}"


def refusal(holder: str, database: str, remedy: str) -> Taken:
    """That somebody else has a database, and what to do."""
    return Taken(f"{holder.strip() or 'another cachewright'} uses the database {database}; {remedy}")

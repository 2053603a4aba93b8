"""What a control plane needs for itself alone: its data directory, its database and its socket. CannotServe without."""

import errno
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import TextIO

from cachewright.controlplane import data_directory
from cachewright.controlplane.model.membership import Role
from cachewright.controlplane.server import holder
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.beside import Taken, beside
from cachewright.controlplane.store.failures import Foreign, Unusable
from cachewright.controlplane.store.locks import Held, locked

log = logging.getLogger(__name__)

_REACHED = "whoever reaches it could start containers on this machine"
_KEYS = "set CACHEWRIGHT_CREDENTIALS to a file of access keys (docs/settings.md), or accept that with --insecure"


class CannotServe(Exception):  # noqa: N818
    """What keeps the server from starting, in words for the user."""


class NoDatabase(CannotServe):
    """The database cannot be read or written, whoever wrote it."""


def made_directory(settings: Settings) -> Path:
    """The data directory, which is there from now on."""
    directory = settings.data_dir
    try:
        data_directory.make(directory)
    except OSError as error:
        raise CannotServe(f"cannot create the data directory {directory}: {cause_of(error)}") from error
    return directory


@contextmanager
def locked_directory(settings: Settings) -> Iterator[TextIO]:
    """The data directory is this process's alone; the file that says so, in which nobody is named yet."""
    path = made_directory(settings) / data_directory.LOCK
    with ExitStack() as until_the_end:
        try:
            lock = until_the_end.enter_context(locked(path))
        except Held as held:
            raise CannotServe(f"another cachewright uses the data directory {path.parent}; stop it first") from held
        except OSError as error:
            raise CannotServe(f"cannot write in the data directory {path.parent}: {cause_of(error)}") from error
        holder.clear(lock)
        yield lock


@contextmanager
def locked_database(settings: Settings) -> Iterator[None]:
    """There is a database in the data directory, and it is this process's alone, also where another data directory's
    control plane is told it by URL. Does nothing for one that is told by URL, which is locked as it is opened.
    """
    if settings.database_url:
        yield
        return
    with writable(settings.data_dir):
        data_directory.make_database(settings.data_dir)
    with usable(settings), beside(settings.data_dir / data_directory.DATABASE):
        yield


def require_shared(settings: Settings) -> None:
    """CannotServe for a part of a control plane whose database is one process's alone."""
    if settings.role is not Role.BOTH and not settings.database_url.startswith("postgresql"):
        right = "set CACHEWRIGHT_DATABASE_URL to a PostgreSQL that all of them reach, or leave --role away"
        raise CannotServe(f"cannot serve as `{settings.role}` with SQLite, which one process has alone; {right}")


def require_certificate(settings: Settings) -> None:
    """CannotServe where the API is to be served over TLS, and its certificate cannot be used."""
    if not settings.tls_certificate:
        return
    import ssl  # noqa: PLC0415 - who serves without TLS starts faster without

    path = settings.tls_certificate
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path, password=lambda: "")
    except ssl.SSLError as error:
        raise CannotServe(f"cannot serve with {path}: it is no PEM file with a certificate and its key") from error
    except OSError as error:
        raise CannotServe(f"cannot serve with {path}: {cause_of(error)}") from error


@contextmanager
def usable(settings: Settings) -> Iterator[None]:
    """A database that cannot be used is told as CannotServe, with what to do about it."""
    try:
        yield
    except Taken as error:
        hint = ", or set CACHEWRIGHT_DATABASE_URL to a database of its own" if settings.database_url else ""
        raise CannotServe(f"{error}{hint}") from error
    except Unusable as error:
        right = "set CACHEWRIGHT_DATABASE_URL to one that answers, such as"
        example = "postgresql+psycopg://user:password@localhost/cachewright"
        words = f"{error}; {right} {example}" if settings.database_url else str(error)
        raise (CannotServe if isinstance(error, Foreign) else NoDatabase)(words) from error


@contextmanager
def writable(directory: Path) -> Iterator[None]:
    """What keeps a file out of the data directory is told as CannotServe."""
    try:
        yield
    except OSError as error:
        raise CannotServe(f"cannot write in the data directory {directory}: {cause_of(error)}") from error


def listen(settings: Settings) -> socket.socket:
    """The socket of the API. Beyond this machine it listens to whoever has a key, or to everybody on demand."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        door = socket.create_server((settings.host, settings.port), family=family, backlog=1024)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise CannotServe(f"cannot listen on {where}: {cause_of(error)}; {_remedy(error)}") from error
    if _is_open_to_others(door) and not settings.credentials:
        if not settings.insecure:
            door.close()
            raise CannotServe(f"cannot listen on {settings.host} without credentials: {_REACHED}; {_KEYS}")
        log.warning("listens on %s without credentials: %s", settings.host, _REACHED)
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted connections inherit it: no answer waits 40 ms
    return door


def _is_open_to_others(door: socket.socket) -> bool:
    return not ip_address(door.getsockname()[0].partition("%")[0]).is_loopback


def cause_of(error: OSError) -> str:
    """The system's own words: the library's repeat the address."""
    if error.errno and error.errno < 0:  # of the resolver
        return "nobody knows that host name"
    return os.strerror(error.errno) if error.errno else str(error)


def _remedy(error: OSError) -> str:
    if error.errno in (errno.EADDRINUSE, errno.EACCES):
        return "choose another port with --port"
    return "choose an address of this machine, CACHEWRIGHT_HOST=127.0.0.1 for one"

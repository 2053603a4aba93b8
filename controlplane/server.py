"""The composition root: joins the store, the API and the agent, and serves until it is told to stop."""

import errno
import fcntl
import logging
import os
import random
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from cachewright.agents.agent import Agent
from cachewright.agents.backends import BACKENDS, instance_of
from cachewright.agents.directory.name_server import LOCAL, NameServer, stored
from cachewright.agents.drills.clients import ENTRANCES
from cachewright.agents.drills.drills import Drills
from cachewright.agents.queries.engines import LiveEngines
from cachewright.agents.system.secrets import Contradiction, DirectorySecrets, shared
from cachewright.controlplane import data_directory
from cachewright.controlplane.api.dispatch import Dispatch
from cachewright.controlplane.app import application
from cachewright.controlplane.connections import limits_for, protocol, raise_open_files
from cachewright.controlplane.console.maintenance import maintenance_routes
from cachewright.controlplane.console.router import console
from cachewright.controlplane.maintenance import Maintenance
from cachewright.controlplane.model.quotas import Quotas
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.database import Store, Unusable
from cachewright.controlplane.store.exclusive import Taken, exclusive

DRAIN = 2  # seconds that open requests get at the end

log = logging.getLogger(__name__)


class CannotServe(Exception):  # noqa: N818
    """What keeps the server from starting, in words for the user."""


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """The store, for this process alone; CannotServe when another one has the data directory or the database."""
    directory = _data_directory(settings)
    with _locked(directory / "lock"), usable(settings):
        if not settings.database_url:
            data_directory.make_database(directory)
        with closing(Store(settings.database)) as store:
            _ = store.prepared  # what is no database at all is told before anything is written beside it
            with exclusive(settings.database, _resign):
                store.prepare()
                yield store


def _resign(reason: str) -> None:
    """Stop as if told to: whoever has the database now does everything."""
    log.critical("%s", reason)
    os.kill(os.getpid(), signal.SIGTERM)


def _data_directory(settings: Settings) -> Path:
    directory = settings.data_dir
    try:
        data_directory.make(directory)
    except OSError as error:
        raise CannotServe(f"cannot create the data directory {directory}: {_cause(error)}") from error
    return directory


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
        hint = f"{right} {example}" if settings.database_url else f"look at {settings.data_dir}"
        raise CannotServe(f"{error}; {hint}") from error


def serve(settings: Settings, ready: Callable[[int], None]) -> None:
    """Serve in the foreground until SIGTERM or SIGINT; the caches keep running.

    `ready` is told the port as soon as connections are accepted.
    """
    with opened_store(settings) as store, listen(settings) as door, named(settings, store):
        with store.write() as transaction:
            transaction.caches.release_all()
        instance, secret_store = instance_of(store), installed(settings, store)
        agent = Agent(store, settings, instance, BACKENDS[settings.runtime](instance, secret_store), now)
        engines = LiveEngines(agent.tools)
        drills = Drills(store, agent.tools, ENTRANCES[settings.runtime], now, settings.zones)
        maintenance = Maintenance(store, now, settings.poll_interval)
        app = application(
            _dispatch(store, settings, engines),
            region=settings.region,
            allowed_hosts=settings.allowed_hosts,
            routers=[
                console(store, drills, lambda: secret_store.authority, engines),
                maintenance_routes(lambda target, account: asdict(maintenance.run(target, account))),
            ],
        )
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                http=protocol(limits_for(raise_open_files())),
                lifespan="off",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=DRAIN,
            )
        )
        agent.start()
        drills.start()
        maintenance.start()
        ready(door.getsockname()[1])
        try:
            server.run(sockets=[door])
        finally:
            maintenance.stop()
            drills.stop()
            agent.stop()
            engines.close()


def _dispatch(store: Store, settings: Settings, engines: LiveEngines) -> Dispatch:
    return Dispatch(
        store,
        settings.zones,
        now,
        random.SystemRandom(),
        engines,
        settings.restricted_commands,
        Quotas(settings.quotas),
    )


def authority(settings: Settings) -> Path:
    """Where the certificate of the installation's authority lies; it is made on first use. CannotServe when there can
    be no data directory, or when a shared database cannot be used.
    """
    directory = _data_directory(settings)
    if not settings.database_url:
        return DirectorySecrets(directory, now).authority
    with usable(settings), closing(Store(settings.database)) as store:
        store.prepare()
        return installed(settings, store).authority


def installed(settings: Settings, store: Store) -> DirectorySecrets:
    """What proves who the installation is: out of the data directory, or of a database that is told by URL, which may
    be shared. CannotServe when the two contradict each other.
    """
    found = DirectorySecrets(settings.data_dir, now)
    if not settings.database_url:
        return found
    try:
        return shared(found, store)
    except Contradiction as error:
        raise CannotServe(f"{error}; choose another data directory with --data-dir") from error


def now() -> datetime:
    """The moment."""
    return datetime.now(UTC)


def listen(settings: Settings) -> socket.socket:
    """The socket of the API; CannotServe when it is not to be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        door = socket.create_server((settings.host, settings.port), family=family, backlog=1024)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise CannotServe(f"cannot listen on {where}: {_cause(error)}; {_remedy(error)}") from error
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted connections inherit it: no answer waits 40 ms
    return door


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    try:
        path.touch(mode=0o600)
        file = path.open("w")
    except OSError as error:
        raise CannotServe(f"cannot write in the data directory {path.parent}: {_cause(error)}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotServe(f"another cachewright uses the data directory {path.parent}; stop it first") from error
        yield


@contextmanager
def named(settings: Settings, store: Store) -> Iterator[None]:
    """Host names are answered for on 127.0.0.1, if that is wanted; CannotServe when the port is not to be had."""
    if not settings.dns_port:
        yield
        return
    try:
        server = NameServer(settings.dns_port, stored(store, settings.naming))
    except OSError as error:
        where = f"{LOCAL}:{settings.dns_port}"
        raise CannotServe(f"cannot answer DNS queries at {where}: {_cause(error)}; set CACHEWRIGHT_DNS_PORT") from error
    server.start()
    try:
        yield
    finally:
        server.stop()


def _remedy(error: OSError) -> str:
    if error.errno in (errno.EADDRINUSE, errno.EACCES):
        return "choose another port with --port"
    return "choose an address of this machine, CACHEWRIGHT_HOST=127.0.0.1 for one"


def _cause(error: OSError) -> str:
    """The system's own words: the library's repeat the address."""
    if error.errno and error.errno < 0:  # of the resolver
        return "nobody knows that host name"
    return os.strerror(error.errno) if error.errno else str(error)

"""The composition root: joins the store, the API and the agent, and serves until it is told to stop."""

import errno
import fcntl
import os
import random
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
from cachewright.agents.system.secrets import DirectorySecrets
from cachewright.controlplane import data_directory
from cachewright.controlplane.api.dispatch import Dispatch
from cachewright.controlplane.app import application
from cachewright.controlplane.connections import limits_for, protocol, raise_open_files
from cachewright.controlplane.console.maintenance import maintenance_routes
from cachewright.controlplane.console.router import console
from cachewright.controlplane.maintenance import Maintenance
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.database import Store, Unusable

DRAIN = 2  # seconds that open requests get at the end


class CannotServe(Exception):  # noqa: N818
    """What keeps the server from starting, in words for the user."""


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """The store of the data directory, for this process alone; CannotServe when another one has it."""
    directory = _data_directory(settings)
    with _locked(directory / "lock"), usable(settings):
        if not settings.database_url:
            data_directory.make_database(directory)
        with closing(Store(settings.database)) as store:
            store.prepare()
            yield store


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
        instance, secret_store = instance_of(store), DirectorySecrets(settings.data_dir, now)
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
    return Dispatch(store, settings.zones, now, random.SystemRandom(), engines, settings.restricted_commands)


def authority(settings: Settings) -> Path:
    """Where the certificate of the data directory's authority lies; it is made on first use. CannotServe when there can
    be no such directory.
    """
    return DirectorySecrets(_data_directory(settings), now).authority


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

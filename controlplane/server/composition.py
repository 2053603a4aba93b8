"""The composition root: joins the store, the API and the agent."""

import logging
import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from cachewright.agents.agent import Agent
from cachewright.agents.backends import BACKENDS
from cachewright.agents.directory.name_server import LOCAL, NameServer, stored
from cachewright.agents.drills.clients import ENTRANCES
from cachewright.agents.drills.drills import Drills
from cachewright.agents.queries.engines import LiveEngines
from cachewright.agents.system.secrets import Contradiction, DirectorySecrets, shared
from cachewright.controlplane.api.dispatch import Dispatch
from cachewright.controlplane.app import application
from cachewright.controlplane.console.maintenance import maintenance_routes
from cachewright.controlplane.console.router import console
from cachewright.controlplane.maintenance import Maintenance
from cachewright.controlplane.model.quotas import Quotas
from cachewright.controlplane.server.front import Application
from cachewright.controlplane.server.identity import identified, require_known, sound_database
from cachewright.controlplane.server.probe import cleared
from cachewright.controlplane.server.resources import (
    CannotServe,
    cause_of,
    locked_directory,
    made_directory,
    usable,
    writable,
)
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.exclusive import exclusive

log = logging.getLogger(__name__)


@contextmanager
def opened_store(settings: Settings, moved: Callable[[str], object] = log.warning) -> Iterator[Store]:
    """The store, for this process alone; CannotServe when another one has the data directory or the database, or when
    it cannot be used, NoDatabase among others.

    A damaged database of the data directory is moved aside, which `moved` is told in words for the user, and another
    one begun. Nothing is changed in one that a later release or another program wrote.
    """
    with locked_directory(settings), _store(settings, moved, alone=False) as store:
        yield store


@contextmanager
def _store(settings: Settings, moved: Callable[[str], object], *, alone: bool) -> Iterator[Store]:
    """The same in a data directory that is locked. `alone`: nobody else can get the database any more."""
    with usable(settings):
        if not settings.database_url:
            sound_database(settings, moved)
        with closing(Store(settings.database)) as store:
            _ = store.prepared  # what is no database at all is told before anything is written beside it
            with nullcontext() if alone else exclusive(settings.database, _resign):
                store.prepare()
                if settings.database_url:
                    store.check()
                yield store


def _resign(reason: str) -> None:
    """Stop as if told to: whoever has the database now does everything."""
    log.critical("%s", reason)
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def control_plane(settings: Settings, *, alone: bool) -> Iterator[Application]:
    """The application that answers requests, with all that works behind it, in a data directory that is locked; `alone`
    when nobody else can get its database any more. CannotServe when something that it needs is not to be had.
    """
    moved: list[str] = []
    with _store(settings, moved.append, alone=alone) as store, named(settings, store):
        require_known(settings, store, "; ".join(moved))
        for words in moved:
            log.warning("%s", words)
        with store.write() as transaction:
            transaction.caches.release_all()
        instance, secret_store = identified(settings, store), installed(settings, store)
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
        agent.start()
        drills.start()
        maintenance.start()
        Thread(target=cleared, args=[settings], name="doctor", daemon=True).start()
        try:
            yield app
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
    directory = made_directory(settings)
    if not settings.database_url:
        with writable(directory):
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
        with writable(settings.data_dir):
            return shared(found, store)
    except Contradiction as error:
        raise CannotServe(f"{error}; choose another data directory with --data-dir") from error


def now() -> datetime:
    """The moment."""
    return datetime.now(UTC)


@contextmanager
def named(settings: Settings, store: Store) -> Iterator[None]:
    """Host names are answered for on 127.0.0.1, if that is wanted; CannotServe when the port is not to be had."""
    if not settings.dns_port:
        yield
        return
    try:
        server = NameServer(settings.dns_port, stored(store, settings.naming))
    except OSError as error:
        cause = f"{LOCAL}:{settings.dns_port}: {cause_of(error)}"
        raise CannotServe(f"cannot answer DNS queries at {cause}; set CACHEWRIGHT_DNS_PORT") from error
    server.start()
    try:
        yield
    finally:
        server.stop()

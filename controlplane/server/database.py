"""The database of a control plane: this process's alone first, sound then, and only then read and written."""

import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic, sleep

from cachewright.controlplane import data_directory
from cachewright.controlplane.model.membership import Role
from cachewright.controlplane.server.resources import locked_database, locked_directory, usable, writable
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.beside import Taken
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.exclusive import exclusive, together
from cachewright.controlplane.store.failures import Damaged
from cachewright.controlplane.store.revision import REVISION

BEGINNING = 10.0  # seconds in which whoever has the database alone may be done with that
PAUSE = 0.1  # seconds between two looks at whether it is
BY_HAND = "`docker ps --all --filter label=cachewright.instance` lists it"

log = logging.getLogger(__name__)


@contextmanager
def opened_store(settings: Settings, moved: Callable[[str], object] = log.warning) -> Iterator[Store]:
    """The store, for this process alone; CannotServe when another one has the data directory or the database, or when
    it cannot be used, NoDatabase among others.

    A damaged database of the data directory is moved aside, which `moved` is told in words for the user, and another
    one begun. Nothing is changed in one that a later release or another program wrote.
    """
    alone = replace(settings, role=Role.BOTH)
    with locked_directory(settings), locked_database(settings), opened(alone, moved, ready=False) as store:
        yield store


@contextmanager
def opened(settings: Settings, moved: Callable[[str], object], *, ready: bool) -> Iterator[Store]:
    """The same where the data directory is locked, and the database in it as well; one that is `ready` is opened as it
    is.
    """
    with usable(settings):
        if settings.database_url:
            with _at_url(settings) as store:
                yield store
        else:
            with closing(Store(settings.database) if ready else _sound(settings, moved)) as store:
                yield store


@contextmanager
def _at_url(settings: Settings) -> Iterator[Store]:
    with closing(Store(settings.database)) as store:
        _ = store.revision  # what is no database at all is told before anything is written beside it
        alone = exclusive(settings.database, _resign)
        with alone if settings.role is Role.BOTH else _together(settings, store):
            store.prepare()
            store.check()
            yield store


@contextmanager
def _together(settings: Settings, store: Store) -> Iterator[None]:
    """Beside others that work together, with tables of this version: of several that begin one takes the missing steps.
    Taken when somebody has the database alone, or works with the tables of an earlier version.
    """
    deadline = monotonic() + BEGINNING
    with ExitStack() as until_the_end:
        while True:
            try:
                if store.revision != REVISION:
                    with exclusive(settings.database, _resign):
                        store.prepare()
                until_the_end.enter_context(together(settings.database, _resign))
                break
            except Taken:
                if monotonic() > deadline:
                    raise
                sleep(PAUSE)
        yield


def _sound(settings: Settings, moved: Callable[[str], object]) -> Store:
    """The database of the data directory; a damaged one is moved aside. Unusable when neither is possible."""
    try:
        return _checked(settings)
    except Damaged as damage:
        directory = settings.data_dir
        with writable(directory):
            kept = data_directory.set_aside(directory, datetime.now(UTC))
            data_directory.make_database(directory)
        lost = "" if data_directory.instance(directory, "") else f" without knowing what ran: {BY_HAND}"
        moved(f"{damage}; it is kept as {kept}, and another one is begun{lost}")
        return _checked(settings)


def _checked(settings: Settings) -> Store:
    store = Store(settings.database)
    try:
        store.prepare()
        store.check()
    except BaseException:
        store.close()
        raise
    return store


@contextmanager
def prepared(settings: Settings) -> Iterator[Store]:
    """A store beside whoever has the database, whose tables are this version's. CannotServe when it cannot be used, or
    when its tables are others and a control plane works with them.
    """
    with usable(settings), closing(Store(settings.database)) as store:
        if store.revision != REVISION:
            with exclusive(settings.database, _resign):
                store.prepare()
        yield store


def _resign(reason: str) -> None:
    """Stop as if told to: whoever has the database now does everything."""
    log.critical("%s", reason)
    os.kill(os.getpid(), signal.SIGTERM)

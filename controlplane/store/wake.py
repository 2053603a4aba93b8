"""How a commit wakes those who work on what it changed. A lost word costs a poll interval, never correctness."""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import astuple
from threading import Event, Thread
from typing import Any, Protocol

from sqlalchemy import URL, Connection, func, select

from cachewright.controlplane.model.cache import Key, Kind
from cachewright.controlplane.model.notifications import Outbox
from cachewright.controlplane.model.snapshots import Due, SnapshotKey

CHANNEL = "cachewright"
TOGETHER = 40  # keys in one word, which PostgreSQL lets have 8000 bytes
PAUSE = 1.0  # seconds until a lost connection is tried again, and between two looks at whether to stop

Woken = Callable[[set[Due]], None]

log = logging.getLogger(__name__)


class Wake(Protocol):
    """Hands the keys that a commit made due to whoever listens, in this process or in others."""

    def before_commit(self, connection: Connection, due: set[Due]) -> None:
        """The transaction of `connection` is about to be committed; nobody may hear of it if it is not."""

    def after_commit(self, due: set[Due]) -> None:
        """It was."""

    def listen(self, woken: Woken) -> None:
        """From now on, call `woken` with what became due, in any thread."""

    def close(self) -> None:
        """Listen no more."""


class LocalWake:
    """Implements `Wake` within one process: a call of a function."""

    def __init__(self) -> None:
        self._woken: Woken | None = None

    def before_commit(self, connection: Connection, due: set[Due]) -> None:
        """See Wake."""

    def after_commit(self, due: set[Due]) -> None:
        """See Wake."""
        if self._woken:
            self._woken(due)

    def listen(self, woken: Woken) -> None:
        """See Wake."""
        self._woken = woken

    def close(self) -> None:
        """See Wake."""
        self._woken = None


class NotifyWake:
    """Implements `Wake` for every process at one PostgreSQL: NOTIFY, which the server sends when the transaction is
    committed, and LISTEN on a connection of its own.
    """

    def __init__(self, url: URL) -> None:
        self._conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._stop, self._listening = Event(), Event()
        self._thread: Thread | None = None

    def before_commit(self, connection: Connection, due: set[Due]) -> None:
        """See Wake."""
        for word in words(due):
            connection.execute(select(func.pg_notify(CHANNEL, word)))

    def after_commit(self, due: set[Due]) -> None:
        """See Wake."""

    def listen(self, woken: Woken) -> None:
        """See Wake."""
        self._thread = Thread(target=self._follow, args=(woken,), name="wake", daemon=True)
        self._thread.start()
        self._listening.wait(PAUSE)

    def close(self) -> None:
        """See Wake."""
        self._stop.set()
        if self._thread:
            self._thread.join(2 * PAUSE)

    def _follow(self, woken: Woken) -> None:
        import psycopg  # noqa: PLC0415 - an optional dependency

        while not self._stop.is_set():
            try:
                with psycopg.connect(self._conninfo, autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._listening.set()
                    self._hand_on(connection, woken)
            except psycopg.Error as error:
                log.warning("cannot listen to the database: %s", error)
                self._stop.wait(PAUSE)

    def _hand_on(self, connection: Any, woken: Woken) -> None:  # noqa: ANN401 - psycopg is optional
        while not self._stop.is_set():
            for notice in connection.notifies(timeout=PAUSE, stop_after=1):
                woken(keys_in(notice.payload))


def words(due: Iterable[Due]) -> list[str]:
    """Keys as they are told: few words for many, and one for none, which says that something was committed."""
    told = sorted(map(astuple, due), key=str)
    return [json.dumps(told[first : first + TOGETHER]) for first in range(0, len(told) or 1, TOGETHER)]


def keys_in(word: str) -> set[Due]:
    """The keys of a word: outboxes have two parts, and of the others those of snapshots end with no name."""
    return {_key(*parts) for parts in json.loads(word)}


def _key(account: str, region: str, *rest: Any) -> Due:  # noqa: ANN401 - of a document
    match rest:
        case ():
            return Outbox(account, region)
        case (name, bool() as serverless):
            return SnapshotKey(account, region, name, serverless)
        case (kind, name):
            return Key(account, region, Kind(kind), name)
    raise ValueError(f"cannot read a key of {len(rest) + 2} parts")

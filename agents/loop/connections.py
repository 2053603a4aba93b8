"""Connections to nodes on which nothing is said: when a process ends, the kernel ends them within a millisecond.

An end alone is no news: engines close idle connections (`timeout`), clients may close others'. It is one when the node
cannot be connected to again.
"""

import logging
import selectors
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf
from queue import Empty, SimpleQueue
from threading import Event

from cachewright.agents.engines.dial import Dial, outcome
from cachewright.controlplane.model.cache import Address, Key

BRIEF = 1.0  # seconds; a connection that ends sooner is made again at once the first time only
SOONEST, LATEST = 0.1, 10.0  # seconds until another attempt, twice as long after each that fails
MOST = 2000  # connections: each takes one of the files that the process may open; of other nodes the pings tell
DISCARDED = 4096  # bytes at once, of whatever a node says unasked

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Kept:
    """A connection to a node: it is there, or begins, or is due."""

    key: Key
    address: Address
    connection: socket.socket | None = None
    opened: float | None = None  # when it was; None: not yet
    reached: bool = False  # the node was, and nothing else has been told since
    delay: float = 0.0  # seconds that went by before the last attempt
    due: float = -inf  # when the next one is, without a connection


class Connections:
    """One to each node of every cache that is settled. `keep` and `wake` may be called by any thread."""

    def __init__(
        self, dial: Dial, ended: Callable[[Key], None], clock: Callable[[], float] = time.monotonic, most: int = MOST
    ) -> None:
        self._dial, self._ended, self._clock, self._most = dial, ended, clock, most
        self._asked: SimpleQueue[tuple[Key, frozenset[Address]]] = SimpleQueue()
        self._kept: dict[Key, dict[Address, _Kept]] = {}
        self._closed: set[_Kept] = set()  # what has no connection
        self._count = 0
        self._selector = selectors.DefaultSelector()
        self._bell, self._button = socket.socketpair()
        self._bell.settimeout(0)
        self._button.settimeout(0)
        self._selector.register(self._bell, selectors.EVENT_READ)

    def keep(self, key: Key, addresses: Iterable[Address]) -> None:
        """Connections to these nodes of a cache, and to none other of it."""
        self._asked.put((key, frozenset(addresses)))
        self.wake()

    def wake(self) -> None:
        """Whoever waits for an end has something else to do."""
        try:
            self._button.send(b"\0")
        except BlockingIOError:
            return  # it rings already

    def follow(self, stop: Event) -> None:
        """Tell of ends until `stop` is set and it is woken."""
        while not stop.is_set():
            self.step()

    def step(self, patience: float | None = None) -> None:
        """Wait for the next thing that happens, or so many seconds, and do what follows."""
        first = min((kept.due for kept in self._closed), default=inf) - self._clock()
        limits = [limit for limit in (patience, first) if limit is not None and limit != inf]
        for chosen, _ in self._selector.select(max(0.0, min(limits)) if limits else None):
            if chosen.data is None:
                self._bell.recv(DISCARDED)
            elif chosen.data.opened is None:
                self._connected(chosen.data)
            else:
                self._heard(chosen.data)
        self._obey()
        for kept in [kept for kept in self._closed if kept.due <= self._clock()]:
            self._begin(kept)

    def _obey(self) -> None:
        """Do what was asked for since."""
        while True:
            try:
                key, addresses = self._asked.get_nowait()
            except Empty:
                return
            known = self._kept.pop(key, {})
            for address in known.keys() - addresses:
                self._close(known[address])
                self._closed.discard(known[address])
            self._count -= len(known)
            known = {address: kept for address, kept in known.items() if address in addresses}
            for address in list(addresses - known.keys())[: max(0, self._most - self._count - len(known))]:
                known[address] = _Kept(key, address)
                self._closed.add(known[address])
            self._count += len(known)
            if known:
                self._kept[key] = known
            for kept in known.values():
                kept.delay, kept.due = 0.0, -inf  # the cache rests: the node answers

    def _begin(self, kept: _Kept) -> None:
        self._closed.discard(kept)
        try:
            kept.connection = self._dial(kept.address)
        except OSError:
            self._fail(kept)
        else:
            self._selector.register(kept.connection, selectors.EVENT_WRITE, kept)

    def _connected(self, kept: _Kept) -> None:
        assert kept.connection
        if outcome(kept.connection):
            self._fail(kept)
        else:
            kept.opened, kept.reached = self._clock(), True
            self._selector.modify(kept.connection, selectors.EVENT_READ, kept)

    def _heard(self, kept: _Kept) -> None:
        assert kept.connection
        try:
            if kept.connection.recv(DISCARDED):
                return
        except BlockingIOError:
            return
        except OSError as error:
            log.debug("a connection to %s ended: %s", kept.address, error)
        brief = kept.opened is not None and self._clock() - kept.opened < BRIEF
        self._close(kept)
        if brief and kept.delay:
            self._await(kept)
        else:
            kept.delay = SOONEST if brief else 0.0
            self._begin(kept)

    def _fail(self, kept: _Kept) -> None:
        """Nobody can be connected to: that is told once."""
        self._close(kept)
        self._await(kept)
        if kept.reached:
            kept.reached = False
            self._ended(kept.key)

    def _await(self, kept: _Kept) -> None:
        kept.delay = min(max(2 * kept.delay, SOONEST), LATEST)
        kept.due = self._clock() + kept.delay
        self._closed.add(kept)

    def _close(self, kept: _Kept) -> None:
        if kept.connection:
            self._selector.unregister(kept.connection)
            kept.connection.close()
        kept.connection = kept.opened = None

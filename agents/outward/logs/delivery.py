"""Delivers the logs of caches that want it, beside everything else. Nothing happens where none does.

Nothing is queued here: what has not been delivered yet stays in the node's slow log and in the container engine's files
until its destination takes it. What is kept is how far each log was delivered.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event

from cachewright.agents.outward.logs.destinations import Destinations, Undeliverable
from cachewright.agents.outward.logs.ledger import DeliveryLedger, Followed
from cachewright.agents.outward.logs.reading import Part, end_of, unread
from cachewright.agents.planning.log_delivery import LIMITS, MOST, backoff, batches, missing, slow_position
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.questions import true_of
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache, Key
from cachewright.controlplane.model.log_delivery import Delivery, DestinationType, LogConfiguration, LogType
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.failures import Unusable, tell

TICK = 1.0  # seconds between two looks at slow logs
ENGINE_TICK = 5.0  # seconds between two looks at what containers say, each of which costs more
AT_ONCE = 8  # nodes that are asked at the same time, while some do not answer

log = logging.getLogger(__name__)

_Name = tuple[str, LogType]  # of the log of a cache, by the incarnation of that


@dataclass(slots=True)
class _Work:
    """What is under way for one log of a cache."""

    due: float = 0.0  # by the clock that nobody sets
    failures: int = 0
    future: Future[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether somebody is at it."""
        return self.future is not None and not self.future.done()


@dataclass(slots=True, eq=False)
class LogDelivery:
    """All but `rested` and `wake` is for one thread; each destination has a lane of its own, so that one which hangs
    keeps nobody else waiting.
    """

    store: Store
    tools: Callable[[], Tools]
    destinations: Destinations
    lanes: Callable[[DestinationType], Executor]
    asking: Executor
    clock: Callable[[], datetime]
    monotonic: Callable[[], float]
    owns: Callable[[Cache], bool] = lambda _: True  # whether this agent works on a cache, and no other
    ledger: DeliveryLedger = field(init=False)
    _work: dict[_Name, _Work] = field(default_factory=dict)
    _news: SimpleQueue[Key | None] = field(default_factory=SimpleQueue)

    def __post_init__(self) -> None:
        self.ledger = DeliveryLedger(self.store, self.clock)

    def rested(self, cache: Cache) -> None:
        """A cache came to rest, maybe with other logs to deliver."""
        if cache.spec.logs or self.ledger.follows(cache.key):
            self._news.put(cache.key)

    def wake(self) -> None:
        """Look whether it is the end."""
        self._news.put(None)

    def follow(self, stop: Event) -> None:
        """Deliver, until the end."""
        self.ledger.begin()
        while not stop.is_set():
            with suppress(Empty):
                self._heard(self._news.get(timeout=TICK if self.ledger.followed else None))
            if not stop.is_set():
                self.deliver()

    def deliver(self) -> None:
        """Begin what is due."""
        with suppress(Empty):
            while True:
                self._heard(self._news.get_nowait())
        followed = [one for one in self.ledger.read() if self.owns(one.cache)]
        self._forget(followed)
        for one in followed:
            for kind in sorted({log.type for log in one.cache.spec.logs} | one.deliveries.keys()):
                self._begin(one, kind)
        self._begin_slow(followed)

    def _heard(self, key: Key | None) -> None:
        if key:
            self.ledger.followed.add(key)

    def _forget(self, followed: Iterable[Followed]) -> None:
        there = {one.cache.incarnation for one in followed}
        self.ledger.keep(there)
        self._work = {name: work for name, work in self._work.items() if name[0] in there or work.busy}

    def _of(self, one: Followed, kind: LogType) -> _Work:
        return self._work.setdefault((one.cache.incarnation, kind), _Work())

    def _begin(self, one: Followed, kind: LogType) -> None:
        """What is not as desired, and what containers say; slow logs are asked before."""
        work, now = self._of(one, kind), self.monotonic()
        if work.busy:
            return
        wanted, reached = one.wanted(kind), one.deliveries.get(kind)
        if wanted is None:
            self.ledger.end(one.cache, kind)
        elif reached is None or reached.configuration != wanted:
            work.failures = 0
            self._submit(work, wanted, partial(self._open, one.cache, wanted))
        elif reached.message and now >= work.due:
            self._submit(work, wanted, partial(self._open, one.cache, wanted))
        elif not reached.message and kind is LogType.ENGINE and now >= work.due:
            work.due = now + ENGINE_TICK
            self._submit(work, wanted, partial(self._pass_on, one.cache, wanted, one.parts(kind)))

    def _begin_slow(self, followed: Sequence[Followed]) -> None:
        """All nodes are asked whether they have more, as cheaply as can be; few have."""
        delivered = [one for one in followed if one.delivers(LogType.SLOW) and not self._of(one, LogType.SLOW).busy]
        asked = [part for one in delivered for part in one.parts(LogType.SLOW)]
        if not asked:
            return
        with suppress(Later, Never):
            tools = self.tools()
            more = true_of(asked, lambda part: self._has_more(tools, part), self.asking, AT_ONCE)
            for one in delivered:
                if parts := [part for part in more if part.cache is one.cache]:
                    work, wanted = self._of(one, LogType.SLOW), parts[0].configuration
                    self._submit(work, wanted, partial(self._pass_on, one.cache, wanted, parts))

    def _has_more(self, tools: Tools, part: Part) -> bool:
        reached = self.ledger.position(part.cache, part.configuration.type, part.node)
        return missing(end_of(tools, part), slow_position(reached)) > 0

    def _submit(self, work: _Work, wanted: LogConfiguration, deed: Callable[[], None]) -> None:
        work.future = self.lanes(wanted.destination).submit(_told, deed)

    def _open(self, cache: Cache, wanted: LogConfiguration) -> None:
        """See whether the destination is there."""
        try:
            self.destinations[wanted.destination].check(cache.key, wanted)
        except Undeliverable as refusal:
            self._failed(cache, wanted, str(refusal))
        else:
            self._work[cache.incarnation, wanted.type].failures = 0
            self.ledger.write(cache, Delivery(wanted))

    def _pass_on(self, cache: Cache, wanted: LogConfiguration, parts: Sequence[Part]) -> None:
        """Deliver what some nodes have logged; what one of them does not tell now it tells next time."""
        for part in parts:
            try:
                self._pass_on_part(part)
            except (Later, Never) as verdict:
                log.info("cannot deliver %s of %s: %s", wanted.type, part.node.name, verdict.reason)
            except Undeliverable as refusal:
                self._failed(cache, wanted, str(refusal))
                return

    def _pass_on_part(self, part: Part) -> None:
        kind, wanted = part.configuration.type, part.configuration
        items = unread(self.tools(), part, self.ledger.position(part.cache, kind, part.node))
        for batch in batches(items, LIMITS[wanted.destination]):
            records = [item.record for item in batch if item.record]
            if records:
                self.destinations[wanted.destination].put(part.stream, records)
            self.ledger.reach(part.cache, kind, part.node, batch[-1].position, kept=bool(records))
        if len(items) >= MOST:
            self._work[part.cache.incarnation, kind].due = 0.0

    def _failed(self, cache: Cache, wanted: LogConfiguration, words: str) -> None:
        work = self._work[cache.incarnation, wanted.type]
        work.failures += 1
        work.due = self.monotonic() + backoff(work.failures)
        self.ledger.write(cache, Delivery(wanted, words))


def _told(deed: Callable[[], None]) -> None:
    """What goes wrong keeps nobody from the next attempt."""
    try:
        deed()
    except Unusable as failure:
        tell(failure)
    except Exception:
        log.exception("cannot deliver logs: a bug in Cachewright")

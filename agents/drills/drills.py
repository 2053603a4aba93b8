"""All drills of a control plane."""

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock, Thread

from cachewright.agents.drills.clients import Entrance
from cachewright.agents.drills.deeds import Deeds
from cachewright.agents.drills.drill import Drill, Ground
from cachewright.agents.drills.targets import Hit, hits
from cachewright.agents.drills.traces import TakingBack, traces
from cachewright.agents.drills.victims import running
from cachewright.agents.drills.zone_outages import ZoneOutages
from cachewright.agents.drills.zones import bring_up
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.slow_regions import followers, slow_down
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.drills import (
    OUTAGES,
    DrillKind,
    NoSuchTarget,
    Order,
    Progress,
    Report,
    Slowed,
    Unfit,
    is_region,
    is_zone,
    zones_meant,
)
from cachewright.controlplane.store.database import Store

HANDS = 16  # deeds at the same time, over all drills
HISTORY = 100  # drills that are remembered
QUIET = 3.0  # seconds; a node that does not answer is noticed sooner
GRACE = 5.0  # seconds for each drill to undo what it did, at the end


@dataclass(slots=True, eq=False)
class Drills:
    """Holds drills, each in a thread of its own, and keeps zones down. What is remembered of a drill goes with the
    process; which zones are down does not, nor what it changed.
    """

    store: Store
    tools: Callable[[], Tools]
    enter: Entrance
    clock: Callable[[], datetime]
    zones: Callable[[], Sequence[str]]  # the letters of every region's
    quiet: float = QUIET  # seconds without news after which a drill is over
    process: str = ""  # names this process among several, and its drills begin with that; empty: there is no other
    others: Callable[[], frozenset[str] | None] = frozenset  # who else is there; None: that is not known now
    _taken_back: set[str] = field(default_factory=set)  # drills of which that was begun
    _drills: dict[str, Drill] = field(default_factory=dict)
    _threads: list[Thread] = field(default_factory=list)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(HANDS, thread_name_prefix="drill"))
    _stop: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)
    _zone_outages: ZoneOutages = field(init=False)

    def __post_init__(self) -> None:
        self._zone_outages = ZoneOutages(self.store, self.tools, self.clock, self._stop)

    def start(self) -> None:
        """Keep the zones down that were down before, and take back what a drill left that was cut off."""
        self._run("zones", self._zone_outages.keep)
        self.take_back()

    def take_back(self) -> None:
        """Take back what drills left whose process is gone. Unusable while the database does not answer."""
        with self.store.read() as transaction:
            found = traces(transaction)
        others = self.others()
        if others is None:
            return
        with self._lock:
            known = {*self._drills, *self._taken_back}
            left = [trace for trace in found if trace.id not in known and not trace.id.startswith(tuple(others))]
            self._taken_back.update(trace.id for trace in left)
        if left:
            taking_back = TakingBack(self.store, self.tools, self.enter, self._stop)
            self._run("traces of drills", lambda: taking_back.take_back(left))

    def stop(self) -> None:
        """End every drill; what it did is undone first."""
        self._stop.set()
        self._zone_outages.changed.set()
        for thread in self._threads:
            thread.join(GRACE)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def begin(self, order: Order) -> Report:
        """Begin a drill; NoSuchTarget or Unfit when it cannot be held."""
        drill = self._made(order)
        with self._lock:
            self._require_peace(drill.hits)  # others may have begun while the container engine was asked
            self._drills[drill.report.id] = drill
            self._forget()
        self._run(f"drill {drill.report.id}", drill.hold)
        return drill.report

    def report(self, identifier: str) -> Report | None:
        """A drill as far as it is; None for one of which nothing is known."""
        with self._lock:
            drill = self._drills.get(identifier)
        return drill.report if drill else None

    def bring_up(self, target: str) -> bool:
        """End the failure of a zone or of a region; whether it was down. NoSuchTarget for what is neither."""
        kind = DrillKind.REGION_DOWN if is_region(target) else DrillKind.ZONE_DOWN
        zones = self._zones_of(Order(kind, target))
        with self.store.write() as transaction:
            return bring_up(transaction, zones)

    def slow_down(self, region: str, delay: int) -> Slowed:
        """Let everything arrive so many milliseconds later that a region sends to others, or they to it; 0: at once
        again. NoSuchTarget for what is no region.
        """
        if not is_region(region):
            raise NoSuchTarget(f"cannot find {region}: it is no region")
        with self.store.write() as transaction:
            before = slow_down(transaction, region, delay)
            return Slowed(region, delay, before, followers(transaction, region))

    def _made(self, order: Order) -> Drill:
        zones = self._zones_of(order)
        with self.store.read() as transaction:
            transaction.caches.require_readable(order.target.partition("/")[0])
            meant = hits(transaction.caches.all(), order)
        with self._lock:
            self._require_peace(meant)
        try:
            tools = self.tools()
            victims = tuple(victim for hit in meant for victim in running(tools.runtime, hit))
        except (Later, Never) as verdict:
            raise Unfit(verdict.reason) from verdict
        if not victims and order.kind not in OUTAGES:
            raise Unfit(f"cannot hold a drill on {order.target}: no container of it runs")
        ground = Ground(
            store=self.store,
            tools=tools,
            enter=self.enter,
            pool=self._pool,
            clock=self.clock,
            stop=self._stop,
            zones_changed=self._zone_outages.changed.set,
            quiet=self.quiet,
        )
        deeds = Deeds(
            f"{self.process}{secrets.token_hex(4)}", order.kind, order.delay, tools, self.enter, self._stop.is_set
        )
        return Drill(ground, deeds, order, meant, victims, zones)

    def _zones_of(self, order: Order) -> tuple[str, ...]:
        """The zones that an order takes down, if it is one to do so. NoSuchTarget when they are nowhere."""
        if order.kind not in OUTAGES:
            return ()
        if order.kind is DrillKind.REGION_DOWN and not is_region(order.target):
            raise NoSuchTarget(f"cannot find {order.target}: it is no region")
        letters = self.zones()
        if order.kind is DrillKind.ZONE_DOWN and (not is_zone(order.target) or order.target[-1] not in letters):
            raise NoSuchTarget(
                f"cannot find {order.target}: it is no zone of any region; their letters are {', '.join(letters)}"
            )
        return zones_meant(order.target, letters)

    def _require_peace(self, meant: Sequence[Hit]) -> None:
        """One drill at a time for each cache: the numbers of two would mean nothing."""
        busy = {hit.cache.key: drill for drill in self._running() for hit in drill.hits}
        for hit in meant:
            if drill := busy.get(hit.cache.key):
                raise Unfit(f"cannot hold a drill on {hit.cache.key.id}: drill {drill.report.id} is under way there")

    def _running(self) -> list[Drill]:
        return [drill for drill in self._drills.values() if drill.report.progress is Progress.RUNNING]

    def _forget(self) -> None:
        """The oldest drills, once there are too many."""
        ended = [name for name, drill in self._drills.items() if drill.report.progress is not Progress.RUNNING]
        for name in ended[: max(0, len(self._drills) - HISTORY)]:
            del self._drills[name]
        self._threads = [thread for thread in self._threads if thread.is_alive()]

    def _run(self, name: str, work: Callable[[], None]) -> None:
        thread = Thread(target=work, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

"""The agent as a whole: its threads, and what they share."""

import logging
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from datetime import datetime, timedelta
from functools import partial
from threading import Event, Thread
from time import monotonic

from cachewright.agents.backends import Backend
from cachewright.agents.drills.zones import zones_down
from cachewright.agents.explaining import explained
from cachewright.agents.loop.agent_lanes import AgentLanes
from cachewright.agents.loop.builds import BuildsAtHand
from cachewright.agents.loop.connections import Connections
from cachewright.agents.loop.counting import CountedTurns
from cachewright.agents.loop.deliveries import Deliveries
from cachewright.agents.loop.hints import Hints
from cachewright.agents.loop.jobs import JobBoard
from cachewright.agents.loop.lanes import Closed, end
from cachewright.agents.loop.sources import Sources
from cachewright.agents.loop.tokens import Tokens
from cachewright.agents.loop.workers import Workers
from cachewright.agents.outward.metrics.collector import Collector
from cachewright.agents.reconcile.awake import Awake
from cachewright.agents.reconcile.claims import Alone, Claims
from cachewright.agents.reconcile.reconciler import Reconciler
from cachewright.agents.reconcile.retries import Retries
from cachewright.agents.reconcile.turns import After, Controller, LoopKey, Outcome, Priority, Rest, SystemKey, Turn
from cachewright.agents.reconcile.warm.pool import WarmPool, keep
from cachewright.agents.reconcile.warm.stock import Stock
from cachewright.agents.snapshots.controller import SnapshotController
from cachewright.agents.snapshots.exporting import Exporting
from cachewright.agents.snapshots.ledger import Ledger
from cachewright.agents.snapshots.taking import Taking
from cachewright.agents.system.controller import SystemController
from cachewright.agents.system.shared import shared_services
from cachewright.agents.toolbox import toolbox_of
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.membership import Duty
from cachewright.controlplane.model.metrics.own import LoopFigures, Seen
from cachewright.controlplane.model.notifications import Outbox
from cachewright.controlplane.model.pace import Pace
from cachewright.controlplane.model.snapshots import Due, SnapshotKey
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.failures import Unusable, tell

AFTER_A_FAILURE = 1.0  # seconds until a duty is taken up again
GRACE = 2.0  # seconds for each thread, and for the actions under way, to end

log = logging.getLogger(__name__)


class Agent:
    """Sees and acts until it is stopped. The caches keep serving afterwards."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        instance: str,
        backend: Backend,
        clock: Callable[[], datetime],
        claims: Claims | None = None,
    ) -> None:
        """`claims`: which caches are its own, and what it does for all; None: it is the only agent."""
        self._store, self._clock, self._pace = store, clock, settings.pace
        self._claims = claims = claims or Alone(secrets.token_hex(8), clock)
        self._backend, self._stop, self._lanes = backend, Event(), AgentLanes()
        warm = {} if settings.keep_data else settings.warm  # a node's volume is its own from the start
        self._turns = CountedTurns(self._reconcile)
        self._workers = Workers(self._turns)
        self._pool = WarmPool(store, Stock(warm, settings.restricted_commands, self._workers.enqueue))
        self.toolbox = toolbox_of(store, settings, instance, backend, self._pool)
        self._connections = Connections(backend.dial, self._broken)
        passwords = tuple(settings.credentials.values())
        self._tokens = Tokens(store, self.tools, self._lanes.logins, clock, passwords, claims.owns)
        self._collector = Collector(store, backend.drivers, backend.runtime, instance)
        self._deliveries = Deliveries(store, self.tools, settings, clock, claims, self._collector)
        self._sources = self._sources_of_turns()
        self._builds = BuildsAtHand(store, backend.images, partial(claims.holds, Duty.IMAGES))
        self._shared = shared_services(
            store, self.tools, claims, settings.patience, backend.hosts, self._sources.everything
        )
        self._snapshots = self._snapshot_controller()
        enqueue, images = self._workers.enqueue, self._lanes.images
        self._jobs = JobBoard(backend.images, images, monotonic, enqueue, store.one_at_a_time)
        self._system = self._system_controllers(settings.poll_interval)
        self._caches = self._reconciler(timedelta(seconds=settings.patience))
        self._threads = [
            Thread(target=self._perform, args=[duty], name=name, daemon=True)
            for name, duty in self._duties(settings).items()
        ]

    def _sources_of_turns(self) -> Sources:
        backend, lanes = self._backend, self._lanes
        hints = Hints(self._store, self.tools, self._workers, lanes.hints, lanes.looks)
        return Sources(
            self._store,
            backend.drivers,
            self._workers,
            self._stop,
            self._connections,
            self._clock,
            hints.give,
            rested=self._rested,
            wants=self._claims.wants,
            owns=self._claims.owns,
        )

    def _snapshot_controller(self) -> SnapshotController:
        files, lanes = self.toolbox.files, self._lanes
        return SnapshotController(
            Ledger(self._store, self._clock),
            Taking(self.tools, files, self._clock, self._stop),
            Exporting(files, self.toolbox.buckets),
            lanes.files,
            lanes.transfers,
            monotonic,
            self._workers.poll,
            holds=partial(self._claims.holds, Duty.SNAPSHOTS),
        )

    def _system_controllers(self, interval: float) -> Mapping[SystemKey, Controller]:
        lanes, everything = self._lanes.of_turns(), self._sources.everything
        shared = self._shared.each()
        return {key: SystemController(key, one, lanes, self._jobs, interval, everything) for key, one in shared.items()}

    def _reconciler(self, patience: timedelta) -> Reconciler:
        told, enqueue, require = self._shared.told, self._workers.enqueue, self._claims.require
        return Reconciler(
            self._store,
            self.tools,
            told,
            self._lanes.of_turns(),
            self._jobs,
            self._clock,
            patience,
            Retries(self._store, told, self._clock, monotonic, enqueue, require),
            Awake(self._clock, monotonic),
            self._claims,
            self._zones_down,
            self._shared.outages,
            lambda: self._pace,
            self._sources.pinged,
            self._sources.forsake,
        )

    def explained(self, cache: Cache) -> tuple[str, ...]:
        """Why a cache is not as wished, in sentences."""
        return explained(cache, self.tools, self._store, self._shared.outages(), self._clock())

    def silent_hosts(self) -> Mapping[str, str]:
        """The hosts that do not answer, and why."""
        self.toolbox.lazy.hosts.told()  # whoever came since
        return self._backend.runtime.silent_hosts()

    def _duties(self, settings: Settings) -> Mapping[str, Callable[[], None]]:
        """What a thread of its own does, each by its name."""
        interval, stop = settings.probe_interval, self._stop
        warm = partial(self._claims.holds, Duty.WARM_POOL)
        return {
            **self._deliveries.duties(stop),
            "tokens": partial(self._tokens.follow, stop),
            "ends": partial(self._connections.follow, stop),
            "builds": partial(self._builds.follow, stop),
            "changes": partial(self._sources.changes, self._backend.runtime),
            "probes": partial(self._sources.probes, interval),
            "patrol": partial(self._sources.patrol, settings.poll_interval),
            "patrol of snapshots": partial(self._snapshots.patrol, settings.poll_interval, stop),
            "warm pool": partial(keep, self._pool, self.tools, stop, warm),
            **dict(self._shared.duties(interval, stop, self._sources.everything, self._broken)),
        }

    def start(self) -> None:
        """Begin to look and to act."""
        self._store.wake(self._committed)
        self._workers.start()
        self._workers.enqueue(SystemKey, Priority.BROKEN)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End at once, but for actions under way, which get a moment: they are finished, or found half done at the next
        start. What only waits or looks is dropped.
        """
        self._stop.set()
        self._connections.wake()
        self._tokens.wake()
        self._pool.stock.wake()
        self._deliveries.wake()
        self._workers.stop()
        lanes, deliveries = self._lanes, self._deliveries
        end((*lanes.dropped(), *deliveries.dropped()), (*lanes.finished(), *deliveries.finished()), GRACE)
        for thread in self._threads:
            if thread.ident:  # it was started
                thread.join(GRACE)
        self._collector.close()

    def moved(self) -> None:
        """Somebody came or went, or a duty moved: look at what is this agent's now. Unusable while the database does
        not answer.
        """
        self._workers.enqueue(SystemKey, Priority.BROKEN)
        self._deliveries.queued()
        self._sources.shared_out(self._backend.runtime)

    def _committed(self, due: set[Due]) -> None:
        if any(isinstance(one, Outbox) for one in due):
            self._deliveries.queued()
        self._sources.commits(due)

    def _broken(self, key: LoopKey) -> None:
        self._workers.enqueue([key], Priority.BROKEN)

    def _perform(self, duty: Callable[[], None]) -> None:
        """A duty ends with the agent, not with a bug."""
        while not self._stop.is_set():
            try:
                duty()
            except (Closed, CancelledError):
                return
            except Unusable as failure:
                tell(failure)
                self._stop.wait(AFTER_A_FAILURE)
            except Exception:
                log.exception("cannot go on: a bug in Cachewright")
                self._stop.wait(AFTER_A_FAILURE)

    def tools(self) -> Tools:
        """What it sees with and acts with; Later or Never while the container engine does not answer."""
        return self.toolbox.tools()

    @property
    def pace(self) -> Pace:
        """How long deeds take at least."""
        return self._pace

    def keep(self, pace: Pace) -> None:
        """Another pace, until the agent ends; it counts for what is under way, too."""
        self._pace = pace
        self._sources.everything()

    def seen(self) -> Seen:
        """The figures of all nodes, and its own. Unusable while the database cannot be read."""
        loop = LoopFigures(self._turns.turns, self._workers.due)
        return Seen(self._collector.collect(), loop, sender=self._deliveries.figures())

    def _reconcile(self, turn: Turn) -> Outcome:
        try:
            return self._outcome(turn)
        except Unusable as failure:
            tell(failure)
            return After(AFTER_A_FAILURE)

    def _outcome(self, turn: Turn) -> Outcome:
        if isinstance(turn.key, SystemKey):
            return self._system[turn.key].reconcile(turn)
        if isinstance(turn.key, SnapshotKey):
            return self._snapshots.reconcile(turn)
        outcome = self._caches.reconcile(turn)
        if isinstance(outcome, Rest):
            self._sources.watch(turn.key)
        return outcome

    def _rested(self, cache: Cache) -> None:
        self._tokens.rested(cache)
        self._deliveries.rested(cache)

    def _zones_down(self) -> frozenset[str]:
        with self._store.read() as transaction:
            return zones_down(transaction, self._clock())

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
from cachewright.agents.loop.builds import BuildsAtHand
from cachewright.agents.loop.connections import Connections
from cachewright.agents.loop.counting import CountedTurns
from cachewright.agents.loop.hints import Hints
from cachewright.agents.loop.jobs import JobBoard
from cachewright.agents.loop.lanes import Closed, Lane
from cachewright.agents.loop.sources import AT_ONCE, Sources
from cachewright.agents.loop.tokens import Tokens
from cachewright.agents.loop.workers import Workers
from cachewright.agents.outward.logs.choice import destinations_of
from cachewright.agents.outward.logs.delivery import LogDelivery
from cachewright.agents.outward.metrics.collector import Collector
from cachewright.agents.outward.metrics.sender import sender_to
from cachewright.agents.outward.notifications import NotificationSender
from cachewright.agents.outward.publishers import publisher_of
from cachewright.agents.planning.outages import Outages
from cachewright.agents.reconcile.awake import Awake
from cachewright.agents.reconcile.claims import Alone, Claims
from cachewright.agents.reconcile.reconciler import Reconciler
from cachewright.agents.reconcile.retries import Retries
from cachewright.agents.reconcile.turns import After, Controller, Lanes, Outcome, Priority, Rest, SystemKey, Turn
from cachewright.agents.reconcile.warm.pool import WarmPool, keep
from cachewright.agents.reconcile.warm.stock import Stock
from cachewright.agents.runtime.runtime import Runtime
from cachewright.agents.snapshots.controller import SnapshotController
from cachewright.agents.snapshots.exporting import Exporting
from cachewright.agents.snapshots.ledger import Ledger
from cachewright.agents.snapshots.taking import Taking
from cachewright.agents.system.controller import SystemController
from cachewright.agents.system.directory import DirectoryController
from cachewright.agents.system.gateway import GatewayController
from cachewright.agents.system.host_gateways import HostGatewaysController
from cachewright.agents.system.outage import Outage, Probed, probes
from cachewright.agents.toolbox import toolbox_of
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.log_delivery import DestinationType
from cachewright.controlplane.model.membership import Duty
from cachewright.controlplane.model.metrics.own import LoopFigures, Seen
from cachewright.controlplane.model.notifications import Outbox
from cachewright.controlplane.model.pace import Pace
from cachewright.controlplane.model.snapshots import Due, SnapshotKey
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.failures import Unusable, tell

AFTER_A_FAILURE = 1.0  # seconds until a duty is taken up again
AT_A_TIME = 8  # containers that are started or removed as routine: of more, all take longer and none is there sooner
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
        self._stop, self._runtime = Event(), backend.runtime
        warm = {} if settings.keep_data else settings.warm  # a node's volume is its own from the start
        self._pool = WarmPool(store, Stock(warm, restricted=settings.restricted_commands))
        self.toolbox = toolbox_of(store, settings, instance, backend, self._pool)
        files, buckets = self.toolbox.files, self.toolbox.buckets
        self._looks, self._deeds = Lane("look", 64, kept=16), Lane("deed", 32, kept=16)
        self._containers = Lane("container", AT_A_TIME + 16, kept=16)
        self._pings, self._hints, self._fetches = Lane("ping", AT_ONCE), Lane("hint", 1), Lane("image", 2)
        self._files, self._transfers, self._logins = Lane("snapshot", 2), Lane("transfer", 8), Lane("login", 8)
        self._turns = CountedTurns(self._reconcile)
        self._workers = Workers(self._turns)
        self._connections = Connections(backend.dial, lambda key: self._workers.enqueue([key], Priority.BROKEN))
        hints = Hints(store, self.tools, self._workers, self._hints, self._looks)
        self._tokens = Tokens(store, self.tools, self._logins, clock, tuple(settings.credentials.values()), claims.owns)
        self._log_lanes = {kind: Lane(f"{kind} log", 4) for kind in DestinationType}
        self._log_asking = Lane("slow log", 8)
        self._logs = LogDelivery(
            *(store, self.tools, destinations_of(settings), self._log_lanes.__getitem__),
            *(self._log_asking, clock, monotonic, claims.owns),
        )
        self._topics = Lane("topic", 32)
        self._notifications = NotificationSender(
            *(store, publisher_of(settings), self._topics, clock, monotonic), partial(claims.holds, Duty.NOTIFICATIONS)
        )
        self._sources = Sources(
            *(store, backend.drivers, self._pings, self._workers, self._stop, self._connections, clock, hints.give),
            rested=self._rested,
            wants=claims.wants,
            owns=claims.owns,
        )
        self._builds = BuildsAtHand(store, backend.images, partial(claims.holds, Duty.IMAGES))
        jobs = JobBoard(backend.images, self._fetches, monotonic, self._workers.enqueue, store.one_at_a_time)
        lanes = Lanes(self._looks.at, self._deeds.at, self._containers.at, self._transfers.at)
        run, everything = secrets.token_hex(4), self._sources.everything
        outage, hosts = Outage(settings.patience), backend.hosts
        keeps = partial(claims.holds, Duty.GATEWAY)
        self._gateway: GatewayController | HostGatewaysController
        if hosts:
            self._gateway = HostGatewaysController(store, self.tools, run, everything, outage, keeps)
        else:
            self._gateway = GatewayController(store, self.tools, run, everything, outage, keeps)
        self._directory = DirectoryController(
            *(store, self.tools, run, everything, Outage(settings.patience)), partial(claims.holds, Duty.DIRECTORY)
        )
        self._shared: Mapping[SystemKey, GatewayController | HostGatewaysController | DirectoryController]
        self._shared = {SystemKey.GATEWAY: self._gateway, SystemKey.DIRECTORY: self._directory}
        self._system: Mapping[SystemKey, Controller] = {
            key: SystemController(key, one, lanes, jobs, settings.poll_interval, everything)
            for key, one in self._shared.items()
        }
        taking, exporting = Taking(self.tools, files, clock, self._stop), Exporting(files, buckets)
        self._snapshots = SnapshotController(
            *(Ledger(store, clock), taking, exporting, self._files, self._transfers, monotonic, self._workers.poll),
            holds=partial(claims.holds, Duty.SNAPSHOTS),
        )
        self._collector = Collector(store, backend.drivers, backend.runtime, instance)
        self._sender = sender_to(
            settings.cloudwatch_endpoint, self._collector.collect, clock, partial(claims.holds, Duty.METRICS)
        )
        self._caches = self._reconciler(lanes, jobs, timedelta(seconds=settings.patience))
        self._threads = [
            Thread(target=self._perform, args=[duty], name=name, daemon=True)
            for name, duty in self._duties(backend.runtime, settings).items()
        ]

    def _reconciler(self, lanes: Lanes, jobs: JobBoard, patience: timedelta) -> Reconciler:
        return Reconciler(
            self._store,
            self.tools,
            self._told,
            lanes,
            jobs,
            self._clock,
            patience,
            Retries(self._store, self._told, self._clock, monotonic, self._workers.enqueue, self._claims.require),
            Awake(self._clock, monotonic),
            self._claims,
            self._zones_down,
            self._outages,
            lambda: self._pace,
            self._sources.heard,
        )

    def explained(self, cache: Cache) -> tuple[str, ...]:
        """Why a cache is not as wished, in sentences."""
        return explained(cache, self.tools, self._store, self._outages(), self._clock())

    def silent_hosts(self) -> Mapping[str, str]:
        """The hosts that do not answer, and why."""
        self.toolbox.lazy.hosts.told()  # whoever came since
        return self._runtime.silent_hosts()

    def _duties(self, runtime: Runtime, settings: Settings) -> Mapping[str, Callable[[], None]]:
        """What a thread of its own does, each by its name."""
        interval = settings.probe_interval
        return {
            "logs": lambda: self._logs.follow(self._stop),
            "notifications": lambda: self._notifications.follow(self._stop),
            "tokens": lambda: self._tokens.follow(self._stop),
            "ends": lambda: self._connections.follow(self._stop),
            "builds": lambda: self._builds.follow(self._stop),
            "changes": lambda: self._sources.changes(runtime),
            "probes": lambda: self._sources.probes(interval),
            "patrol": lambda: self._sources.patrol(settings.poll_interval),
            "patrol of snapshots": lambda: self._snapshots.patrol(settings.poll_interval, self._stop),
            "warm pool": lambda: keep(self._pool, self.tools, self._stop, partial(self._claims.holds, Duty.WARM_POOL)),
            **({"metrics": partial(self._sender.follow, self._stop)} if self._sender else {}),
            **{f"probes of the {key}": partial(self._probes, key, one, interval) for key, one in self._shared.items()},
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
        self._logs.wake()
        self._notifications.wake()
        self._workers.stop()
        outward = (self._topics, *self._log_lanes.values())  # what is delivered has to be written down
        deeds = (self._deeds, self._containers, *outward)
        slow = (self._fetches, self._files, self._transfers, self._log_asking)
        for lane in (self._looks, self._hints, self._pings, self._logins, *slow, *deeds):
            lane.close(0.0)  # none begins anything while another is waited for
        deadline = monotonic() + GRACE
        for lane in deeds:
            lane.close(max(0.0, deadline - monotonic()))
        for thread in self._threads:
            if thread.ident:  # it was started
                thread.join(GRACE)
        self._collector.close()

    def moved(self) -> None:
        """Somebody came or went, or a duty moved: look at what is this agent's now. Unusable while the database does
        not answer.
        """
        self._workers.enqueue(SystemKey, Priority.BROKEN)
        self._notifications.wake()
        self._sources.shared_out(self._runtime)

    def _committed(self, due: set[Due]) -> None:
        if any(isinstance(one, Outbox) for one in due):
            self._notifications.wake()
        self._sources.commits(due)

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

    def _probes(self, key: SystemKey, probed: Probed, interval: float) -> None:
        replace = partial(self._workers.enqueue, [key], Priority.BROKEN)
        probes(probed, interval, self._stop, self._sources.everything, replace)

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
        return Seen(self._collector.collect(), loop, sender=self._sender.figures if self._sender else None)

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
        self._logs.rested(cache)

    def _zones_down(self) -> frozenset[str]:
        with self._store.read() as transaction:
            return zones_down(transaction, self._clock())

    def _outages(self) -> Outages:
        return Outages(bool(self._gateway.outage.reason), bool(self._directory.outage.reason))

    def _told(self) -> str:
        return boots_told(self._gateway.boot, self._directory.boot)


def boots_told(gateway: str, directory: str) -> str:
    """Names who has to be told what is written down: the gateway, and the directory once there is one; empty as long as
    there is no gateway.
    """
    return f"{gateway} {directory}".strip() if gateway else ""

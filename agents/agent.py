"""The agent as a whole: its threads, and what they share."""

import logging
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event, Thread

from cachewright.agents.backends import Backend, LazyTools
from cachewright.agents.drills.zones import zones_down
from cachewright.agents.loop.queue import Loop
from cachewright.agents.loop.sources import Watch
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.reconciler import Reconciler
from cachewright.agents.system.directory import DirectoryController
from cachewright.agents.system.gateway import GatewayController
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Key, Kind
from cachewright.controlplane.settings import EndpointMode, Settings
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.failures import Unusable, tell

HANDS = 32  # actions and looks at the same time, over all caches
AFTER_A_FAILURE = 1.0  # seconds until a duty is taken up again
GRACE = 2.0  # seconds for each thread to end

log = logging.getLogger(__name__)


class Agent:
    """Sees and acts until it is stopped. The caches keep serving afterwards."""

    def __init__(
        self, store: Store, settings: Settings, instance: str, backend: Backend, clock: Callable[[], datetime]
    ) -> None:
        self._store, self._clock = store, clock
        self._stop, self._nudge = Event(), Event()
        self._pool = ThreadPoolExecutor(HANDS, thread_name_prefix="act")
        published = settings.published_ports if settings.endpoints is EndpointMode.PUBLISHED else None
        self._toolbox = LazyTools(store, instance, backend, published, settings.naming, settings.patience)
        self._gateway_controller: GatewayController | None = None
        self._directory_controller: DirectoryController | None = None
        self._call = Event()  # the directory is to be looked at
        patience = timedelta(seconds=settings.patience)
        self._reconciler = Reconciler(
            store,
            self._toolbox.tools,
            self._gateway,
            self._pool,
            clock,
            patience,
            self._zones_down,
            secrets.token_hex(8),
        )
        self._loop = Loop(self._reconcile)
        self._watch = Watch(store, backend.drivers, self._pool, self._loop.poke, self._nudged, self._stop)
        duties: dict[str, Callable[[], None]] = {
            "changes": lambda: self._watch.changes(backend.runtime),
            "probes": lambda: self._watch.probes(settings.probe_interval),
            "patrol": lambda: self._watch.patrol(settings.poll_interval),
            "gateway": lambda: self._keep_gateway(settings.poll_interval),
            "directory": lambda: self._keep_directory(settings.poll_interval),
        }
        self._threads = [
            Thread(target=self._perform, args=[duty], name=name, daemon=True) for name, duty in duties.items()
        ]

    def start(self) -> None:
        """Begin to look and to act."""
        self._store.wake(self._woken)
        self._loop.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End within seconds; what is under way is finished, or found half done at the next start."""
        self._stop.set()
        self._nudged()
        self._loop.stop()
        for thread in self._threads:
            thread.join(GRACE)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _perform(self, duty: Callable[[], None]) -> None:
        """A duty ends with the agent, not with a bug."""
        while not self._stop.is_set():
            try:
                duty()
            except Unusable as failure:
                tell(failure)
                self._stop.wait(AFTER_A_FAILURE)
            except Exception:
                log.exception("cannot go on: a bug in Cachewright")
                self._stop.wait(AFTER_A_FAILURE)

    def tools(self) -> Tools:
        """What it sees with and acts with; Later or Never while the container engine does not answer."""
        return self._toolbox.tools()

    def _reconcile(self, key: Key, poke: Event) -> float | None:
        delay = self._reconciler.reconcile(key, poke)
        if delay is not None:
            return delay
        try:
            self._watch.watch(key)
        except Unusable as failure:
            tell(failure)
            return AFTER_A_FAILURE
        return None

    def _zones_down(self) -> frozenset[str]:
        with self._store.read() as transaction:
            return zones_down(transaction, self._clock())

    def _gateway(self) -> str:
        """Who has to be told what is written down: the gateway, and the directory once there is one."""
        boots = [keeper.boot for keeper in (self._gateway_controller, self._directory_controller) if keeper]
        return " ".join(boots) if boots[:1] else ""

    def _woken(self, keys: set[Key]) -> None:
        self._loop.poke(keys)
        if (
            self._directory_controller
            and not self._directory_controller.boot
            and any(key.kind is Kind.CACHE_CLUSTER for key in keys)
        ):
            self._call.set()  # it may be the first that needs a directory, which then starts beside its nodes

    def _nudged(self) -> None:
        """Something happened to a container that is no cache's."""
        self._nudge.set()
        self._call.set()

    def _keep_gateway(self, interval: float) -> None:
        """The network, then the gateway; both again when somebody removes them."""
        while not self._stop.is_set():
            self._nudge.clear()
            try:
                self._open().tend()
            except (Later, Never) as verdict:
                log.warning("cannot tend the gateway: %s", verdict.reason)
            self._nudge.wait(interval)

    def _keep_directory(self, interval: float) -> None:
        """The directory, once there is a Memcached cluster; again when somebody removes it."""
        while not self._stop.is_set():
            self._call.clear()
            try:
                self._registered().tend()
            except (Later, Never) as verdict:
                log.warning("cannot tend the directory: %s", verdict.reason)
            self._call.wait(interval)

    def _registered(self) -> DirectoryController:
        if self._directory_controller is None:
            tools = self._toolbox.tools()
            self._directory_controller = DirectoryController(
                self._store, tools, secrets.token_hex(4), self._watch.everything
            )
        return self._directory_controller

    def _open(self) -> GatewayController:
        if self._gateway_controller is None:
            tools = self._toolbox.tools()
            self._gateway_controller = GatewayController(
                self._store, tools, secrets.token_hex(4), self._watch.everything
            )
        return self._gateway_controller

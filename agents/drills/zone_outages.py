"""Keeps zones down: whatever starts in one is killed."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event

from cachewright.agents.drills.targets import Hit
from cachewright.agents.drills.victims import running
from cachewright.agents.drills.zones import zones_down
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.runtime import Runtime
from cachewright.agents.tools import Tools
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.failures import Unusable, tell

INTERVAL = 0.5  # seconds between two looks while a zone is down

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ZoneOutages:
    """The agent launches nothing in such a zone; what it had begun to launch when the zone went down ends here."""

    store: Store
    tools: Callable[[], Tools]
    clock: Callable[[], datetime]
    stop: Event
    changed: Event = field(default_factory=Event)  # a zone went down

    def keep(self) -> None:
        """Until the end."""
        while not self.stop.is_set():
            self.changed.clear()
            try:
                down = self._kept()
            except (Later, Never) as verdict:
                log.warning("cannot keep zones down: %s", verdict.reason)
                down = True
            except Unusable as failure:
                tell(failure)
                down = True
            self.changed.wait(INTERVAL if down else None)

    def _kept(self) -> bool:
        with self.store.read() as transaction:
            zones = zones_down(transaction, self.clock())
            caches = transaction.caches.all() if zones else []
        for cache in caches:
            nodes = tuple(node.name for node in cache.spec.nodes if node.zone in zones)
            if nodes:
                self._kill(self.tools().runtime, Hit(cache, nodes))
        return bool(zones)

    def _kill(self, runtime: Runtime, hit: Hit) -> None:
        for victim in running(runtime, hit):
            runtime.kill(victim.container.name)

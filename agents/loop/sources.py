"""What makes keys due without a spec: changes of containers, nodes that do not answer, and the clock."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field

from cachewright.agents.engines.driver import Driver
from cachewright.agents.planning.labels import CACHE
from cachewright.agents.planning.links import Reach, reach
from cachewright.agents.runtime.runtime import Runtime
from cachewright.controlplane.model.cache import Key, Kind
from cachewright.controlplane.model.versions import Engine
from cachewright.controlplane.store.database import Store

PINGS = 1000  # per second at most: of many nodes each is pinged less often; the container engine tells of crashes
LOTS = 16  # pinged at the same time

_Ping = tuple[Key, Driver, Reach]
log = logging.getLogger(__name__)


def key_of(label: str) -> Key | None:
    """The key in a container's label; None for a label that no cache has."""
    account, region, kind, identifier = (*label.split("/"), "", "", "", "")[:4]
    return Key(account, region, Kind(kind), identifier) if kind in set(Kind) else None


@dataclass(slots=True, eq=False)
class Watch:
    """Pokes keys. Losing a poke costs one interval of `patrol`, never correctness."""

    store: Store
    drivers: Mapping[Engine, Driver]
    pool: Executor
    poke: Callable[[Iterable[Key]], None]
    nudge: Callable[[], None]  # something happened to the gateway
    stop: threading.Event
    _watched: dict[Key, tuple[Engine, tuple[Reach, ...]]] = field(default_factory=dict)

    def watch(self, key: Key) -> None:
        """A cache came to rest: from now on every node of it is expected to answer, unless it is gone."""
        with self.store.read() as transaction:
            cache = transaction.caches.get(key)
        if cache:
            nodes = tuple(reach(cache.status, name) for name in cache.status.nodes)
            self._watched[key] = (cache.spec.engine, nodes)
        else:
            self._watched.pop(key, None)

    def everything(self) -> None:
        """Poke every cache."""
        self.poke(self._keys())

    def changes(self, runtime: Runtime) -> None:
        """Follow the container engine's events until the end."""
        for labels in runtime.changes(self.stop):
            if not labels:
                self.everything()
            if key := key_of(labels.get(CACHE, "")):
                self.poke([key])
            else:
                self.nudge()

    def probes(self, interval: float) -> None:
        """Ping every node of every settled cache, again and again until the end."""
        pings: list[_Ping] = []
        while not self.stop.wait(max(interval, len(pings) / PINGS)):
            pings = [
                (key, self.drivers[engine], node)
                for key, (engine, nodes) in list(self._watched.items())
                for node in nodes
            ]
            lots = [pings[first::LOTS] for first in range(min(LOTS, len(pings)))]
            self.poke({key for silent in self.pool.map(_silent, lots) for key in silent})

    def patrol(self, interval: float) -> None:
        """Poke what has something left to do, again and again until the end."""
        while not self.stop.wait(interval):
            self.poke(self._keys(unsettled=True))

    def _keys(self, *, unsettled: bool = False) -> list[Key]:
        with self.store.read() as transaction:
            return transaction.caches.keys(unsettled=unsettled)


def _silent(pings: list[_Ping]) -> list[Key]:
    """The caches with a node that does not answer."""
    return [key for key, driver, node in pings if not _answers(driver, node)]


def _answers(driver: Driver, node: Reach) -> bool:
    try:
        return driver.ping(node)
    except Exception:  # one bug must not end the probing of all
        log.exception("cannot probe %s", node)
        return False

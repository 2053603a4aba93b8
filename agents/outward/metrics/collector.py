"""Asks every node for its figures."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock

from cachewright.agents.engines.driver import Driver
from cachewright.agents.outward.metrics.windows import Windows
from cachewright.agents.planning.links import Reach, reach
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.reconcile.blueprints import container_of
from cachewright.agents.reconcile.questions import true_of
from cachewright.agents.runtime.runtime import Runtime
from cachewright.controlplane.model.cache import Cache, Key, Node, Shard, upstream_key
from cachewright.controlplane.model.global_replication_groups import Role
from cachewright.controlplane.model.metrics.samples import Collected, Place, Sample, place
from cachewright.controlplane.model.metrics.terms import UPSTREAM_LAG, Figures
from cachewright.controlplane.model.versions import Engine
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.readings import Readings

LIMIT = 1.0  # seconds after which no further node is asked; the last questions end a second later
ASKERS = 16  # threads at most, when nodes keep others waiting
FRESH = 1.0  # seconds in which whoever asks as well is told the same


@dataclass(frozen=True, slots=True)
class _Target:
    """A node that may be asked."""

    place: Place
    engine: Engine
    reach: Reach
    container: str
    abroad: Reach | None = None  # the primary of another region that it copies; None: it copies none


class Collector:
    """Looks when somebody asks, once for all who ask at the same time. Safe to share among threads."""

    def __init__(
        self,
        store: Store,
        drivers: Mapping[Engine, Driver],
        runtime: Runtime,
        instance: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` tells seconds, and is set by nobody."""
        self._store, self._drivers, self._runtime, self._instance = store, drivers, runtime, instance
        self._clock, self._readings = clock, Readings()
        self._pool = ThreadPoolExecutor(ASKERS, thread_name_prefix="figures")
        self._windows = Windows()
        self._last, self._looked = Collected(), -FRESH
        self._lock = Lock()

    def collect(self) -> Collected:
        """What every node says now that has been heard before. Those that do not answer are left out and counted."""
        with self._lock:
            begun = self._clock()
            if begun - self._looked >= FRESH:
                self._last = self._collected(begun)
                self._looked = self._clock()
            return self._last

    def close(self) -> None:
        """Ask nobody any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _collected(self, begun: float) -> Collected:
        caches = self._caches()
        every = {cache.key: cache for cache in caches}
        targets = [target for cache in caches for target in self._of(cache, every)]
        found: dict[Place, Figures] = {}

        def ask(target: _Target) -> bool:
            said = self._asked(target) if self._clock() < begun + LIMIT else None
            if said is not None:
                found[target.place] = said
            return said is not None

        true_of(targets, ask, self._pool, ASKERS)
        self._windows.forget_others([target.place for target in targets])
        samples = tuple(self._sample(target, found[target.place]) for target in targets if target.place in found)
        phases = Counter(cache.phase.value for cache in caches)
        return Collected(samples, len(targets) - len(samples), phases, self._clock() - begun)

    def _caches(self) -> list[Cache]:
        with self._store.read() as transaction:
            return sorted(self._readings.all(transaction), key=lambda cache: cache.key)

    def _of(self, cache: Cache, every: Mapping[Key, Cache]) -> Iterator[_Target]:
        if cache.deleting:
            return
        for shard in cache.shards:
            for node in shard.nodes:
                known = cache.status.nodes.get(node.name)
                if known and known.answered:
                    name = container_of(self._instance, cache, node.name)
                    where = reach(cache.status, node.name)
                    abroad = _of_another_region(cache, shard, node, every)
                    yield _Target(place(cache, shard, node), cache.spec.engine, where, name, abroad)

    def _asked(self, target: _Target) -> Figures | None:
        said = self._drivers[target.engine].figures(target.reach)
        if said is None:
            return None
        host = self._runtime.usage(target.container)
        lag = {} if target.abroad is None else self._lag(target, target.abroad, said)
        return {**said, **lag, **(host.figures() if host else {}), "seconds": self._clock()}

    def _lag(self, target: _Target, primary: Reach, said: Figures) -> Figures:
        """How late something arrives that the primary writes now; how long nothing has, if that cannot be measured."""
        replication, linked = self._drivers[target.engine].replication, said.get("master_link_status")
        if replication and linked:
            with suppress(Later):
                return {UPSTREAM_LAG: replication.lag(target.reach, primary)}
        since = said.get("master_last_io_seconds_ago" if linked else "master_link_down_since_seconds", -1)
        return {UPSTREAM_LAG: since} if since >= 0 else {}

    def _sample(self, target: _Target, figures: Figures) -> Sample:
        minute = self._windows.counted(target.place, figures["seconds"], figures)
        return Sample(target.place, target.engine, figures, minute)


def _of_another_region(cache: Cache, shard: Shard, node: Node, every: Mapping[Key, Cache]) -> Reach | None:
    """The primary of another region that a node copies: it is the primary of a secondary of a global datastore."""
    member, upstream, own = cache.spec.datastore, cache.spec.upstream, cache.status.shards.get(shard.id)
    if member is None or member.role is not Role.SECONDARY or upstream is None:
        return None
    if own is None or own.primary != node.name:
        return None
    other = every.get(upstream_key(cache.key, upstream))
    its = other.status.shards.get(shard.id) if other else None
    return reach(other.status, its.primary) if other and its and its.primary in other.status.nodes else None

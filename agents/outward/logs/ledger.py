"""What is written down about deliveries of logs: which caches want any, what came of it, and how far each log is."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from cachewright.agents.outward.logs.reading import Part
from cachewright.controlplane.model.cache import Cache, Key, Kind, Node
from cachewright.controlplane.model.events import CLUSTER, GROUP, Event
from cachewright.controlplane.model.log_delivery import Delivery, LogConfiguration, LogType
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.documents import Unreadable

_Name = tuple[str, LogType]  # of the log of a cache, by the incarnation of that


@dataclass(frozen=True, slots=True)
class Followed:
    """A cache, and what has been made of what it wants."""

    cache: Cache
    deliveries: Mapping[LogType, Delivery]

    def wanted(self, kind: LogType) -> LogConfiguration | None:
        """What is desired of a log; None: nothing."""
        return next((one for one in self.cache.spec.logs if one.type is kind), None)

    def delivers(self, kind: LogType) -> bool:
        """Whether a log is delivered as desired."""
        return (wanted := self.wanted(kind)) is not None and self.deliveries.get(kind) == Delivery(wanted)

    def parts(self, kind: LogType) -> tuple[Part, ...]:
        """A log of every node that there is; none of one that is not desired."""
        wanted, known = self.wanted(kind), self.cache.status.nodes
        nodes = self.cache.nodes if wanted else ()
        return tuple(Part(self.cache, node, wanted) for node in nodes if wanted and node.name in known)


@dataclass(slots=True, eq=False)
class DeliveryLedger:
    """Positions are read once, and written when something was delivered. Whoever is at a log is the only one."""

    store: Store
    clock: Callable[[], datetime]
    followed: set[Key] = field(default_factory=set)
    _incarnations: dict[Key, str] = field(default_factory=dict)
    _positions: dict[_Name, dict[str, str]] = field(default_factory=dict)

    def follows(self, key: Key) -> bool:
        """Whether something is, or was, delivered of a cache."""
        return key in self.followed

    def begin(self) -> None:
        """Find the caches that want something, or did; what is about others is forgotten."""
        with self.store.read() as transaction:
            caches = transaction.caches.mentioning(spec='"logs":[')
            left = transaction.log_deliveries.incarnations() - {cache.incarnation for cache in caches}
            if left:
                caches += [cache for cache in transaction.caches.all() if cache.incarnation in left]
        self.followed.update(cache.key for cache in caches)
        self._remove(left - {cache.incarnation for cache in caches})

    def read(self) -> list[Followed]:
        """Every cache that is followed, as it is now; of one that is gone all is forgotten."""
        if not self.followed:
            return []
        caches: dict[Key, Cache] = {}
        with self.store.read() as transaction:
            for key in sorted(self.followed):
                with suppress(Unreadable):
                    if cache := transaction.caches.get(key):
                        caches[key] = cache
            known = transaction.log_deliveries.of([cache.incarnation for cache in caches.values()])
        self._compare(caches)
        found = [Followed(cache, known.get(cache.incarnation, {})) for cache in caches.values()]
        self.followed.intersection_update(one.cache.key for one in found if one.cache.spec.logs or one.deliveries)
        return found

    def _compare(self, caches: Mapping[Key, Cache]) -> None:
        """Those of which another one is known, or none any more, are gone."""
        now = {key: cache.incarnation for key, cache in caches.items()}
        self._remove({known for key, known in self._incarnations.items() if now.get(key) != known})
        self._incarnations = now

    def _remove(self, incarnations: set[str] | frozenset[str]) -> None:
        if not incarnations:
            return
        with self.store.write() as transaction:
            for incarnation in incarnations:
                transaction.log_deliveries.forget(incarnation)
        self._positions = {name: known for name, known in self._positions.items() if name[0] not in incarnations}

    def keep(self, incarnations: set[str]) -> None:
        """Remember the positions of these alone: others are written by somebody else meanwhile."""
        self._positions = {name: known for name, known in self._positions.items() if name[0] in incarnations}

    def write(self, cache: Cache, delivery: Delivery) -> None:
        """What came of a configuration. That it cannot be delivered, or can again, is told once."""
        with self.store.write() as transaction:
            if not (current := transaction.caches.get(cache.key)) or current.incarnation != cache.incarnation:
                return
            before = transaction.log_deliveries.of([cache.incarnation]).get(cache.incarnation, {})
            transaction.log_deliveries.write(cache.incarnation, delivery)
            event = _event(cache, before.get(delivery.configuration.type), delivery)
            transaction.events.add(cache.key.account, cache.key.region, event, self.clock())

    def end(self, cache: Cache, kind: LogType) -> None:
        """A log is not delivered any more."""
        with self.store.write() as transaction:
            transaction.log_deliveries.end(cache.incarnation, kind)
        self._positions.pop((cache.incarnation, kind), None)

    def position(self, cache: Cache, kind: LogType, node: Node) -> str:
        """How far a node's log is delivered; empty: nothing of it is."""
        return self._known(cache, kind).get(node.name, "")

    def reach(self, cache: Cache, kind: LogType, node: Node, position: str, *, kept: bool) -> None:
        """A node's log is delivered so far; it is written down when it is to be `kept`."""
        self._known(cache, kind)[node.name] = position
        if kept:
            with self.store.write() as transaction:
                transaction.log_deliveries.reach(cache.incarnation, kind, {node.name: position})

    def _known(self, cache: Cache, kind: LogType) -> dict[str, str]:
        name = (cache.incarnation, kind)
        if name not in self._positions:
            with self.store.read() as transaction:
                self._positions[name] = dict(transaction.log_deliveries.positions(*name))
        return self._positions[name]


def _event(cache: Cache, before: Delivery | None, after: Delivery) -> list[Event]:
    source = CLUSTER if cache.key.kind is Kind.CACHE_CLUSTER else GROUP
    kind, failed = after.configuration.type, bool(before and before.message)
    if after.message and not failed:
        return [Event(source, cache.key.id, f"Cachewright cannot deliver the {kind}: {after.message}")]
    if failed and not after.message:
        return [Event(source, cache.key.id, f"Cachewright delivers the {kind} again.")]
    return []

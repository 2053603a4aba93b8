"""One drill, from the first write of its clients to the last key that it deletes."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Event

from cachewright.agents.drills.clients import Entrance, door
from cachewright.agents.drills.deeds import Deeds
from cachewright.agents.drills.journal import Journal, opened, outcome
from cachewright.agents.drills.observations import Sighting, begun, next_sighting
from cachewright.agents.drills.targets import Hit
from cachewright.agents.drills.traces import Trace, leave, wipe
from cachewright.agents.drills.traffic import Cost, Traffic, swept
from cachewright.agents.drills.victims import Victim
from cachewright.agents.drills.zones import bring_up, take_down, zones_down
from cachewright.agents.engines.redis.probe import Client
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Key
from cachewright.controlplane.model.drills import OUTAGES, DrillKind, Order, Progress, Report
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.failures import Unusable

POLL = 0.005  # seconds between two looks into the store
RECOVERY = 120.0  # seconds after the failure in which everything should be as desired again

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ground:
    """What every drill is held on."""

    store: Store
    tools: Tools
    enter: Entrance
    pool: Executor
    clock: Callable[[], datetime]
    stop: Event  # the control plane ends, and so do drills
    zones_changed: Callable[[], None]
    quiet: float  # seconds without news after which nobody noticed, or nothing more will happen


@dataclass(slots=True, eq=False)
class Drill:
    """A drill; `report` may be read by anybody at any time."""

    ground: Ground
    deeds: Deeds
    order: Order
    hits: Sequence[Hit]
    victims: Sequence[Victim]
    zones: Sequence[str] = ()  # that are down meanwhile
    _journal: Journal = field(init=False)
    _sightings: dict[Key, Sighting] = field(init=False)
    _done: list[tuple[Victim, Future[str]]] = field(default_factory=list)
    _deed: float = 0.0  # when it was done
    _lasting: float = 0.0  # seconds after the deed: it is done, and lasts
    _undone: float = 0.0  # seconds after the deed
    _traffic: Traffic | None = None  # while clients write
    _owing: bool = False  # something was done that has not been undone

    def __post_init__(self) -> None:
        self._journal = opened(self.deeds.id, self.order)
        self._sightings = {hit.cache.key: begun(hit.cache) for hit in self.hits}
        self._tell({})

    @property
    def report(self) -> Report:
        """The drill as far as it is."""
        report, traffic = self._journal.report, self._traffic
        return replace(report, writes=traffic.writes(self._journal.begun)) if traffic else report

    def hold(self) -> None:
        """Hold it to its end. Never raises: the report tells what went wrong."""
        try:
            self._hold()
        except (Later, Never) as verdict:
            self._journal.end(Progress.FAILED, verdict.reason)
        except Unusable as failure:
            self._journal.end(Progress.FAILED, str(failure))
        except Exception:
            log.exception("cannot hold drill %s: a bug in Cachewright", self.deeds.id)
            self._journal.end(Progress.FAILED, "a bug in Cachewright: see what the control plane logs")
        else:
            self._journal.end(Progress.DONE)

    def _hold(self) -> None:
        doors = {hit.cache.key: where for hit in self.hits if (where := door(hit.cache))}
        clients = {key: self.ground.enter(self.ground.tools, where) for key, where in doors.items()}
        traffic = Traffic(self._pause)
        with self.ground.store.write() as transaction:
            leave(transaction, Trace.of(self.deeds, self._sightings, self.victims))
        try:
            with traffic.flowing(clients, self.deeds.prefix):
                self._traffic = traffic
                traffic.warm()
                for where in doors.values():
                    self._journal.say(f"writes go through {where}")
                self._break()
                traffic.resume()
            self._tell(traffic.costs(self._deed))
        finally:
            self._journal.count(traffic.writes(self._journal.begun))
            self._traffic = None
            self._clear(clients)

    def _clear(self, clients: Mapping[Key, Client]) -> None:
        """Delete the keys; what cannot be taken back now is taken back at the next start."""
        left = swept(clients, self.deeds.prefix)
        for key in left:
            self._journal.say(f"{key.id}: nobody answers, so keys that begin with {self.deeds.prefix} may be left")
        if not left and not self._owing:
            with self.ground.store.write() as transaction:
                wipe(transaction, self.deeds.id)

    def _break(self) -> None:
        try:
            self._do()
            self._attend(self._over)
        finally:
            self._undo()
        self._attend(self._finished)

    def _do(self) -> None:
        self._deed = time.monotonic()
        if self.order.kind in OUTAGES:
            lasting = self.order.seconds
            end = self.ground.clock() + timedelta(seconds=lasting) if lasting is not None else None
            with self.ground.store.write() as transaction:
                take_down(transaction, self.zones, end)
            self.ground.zones_changed()
        self._owing = True
        self._done += [(victim, self.ground.pool.submit(self.deeds.do, victim)) for victim in self.victims]
        self._attend(lambda: all(deed.done() for _, deed in self._done))
        self._say([deed for _, deed in self._done])
        self._lasting = self._elapsed()

    def _undo(self) -> None:
        if self.order.kind in OUTAGES and self.order.seconds is not None:
            with self.ground.store.write() as transaction:
                bring_up(transaction, self.zones)
            self._journal.say(f"{self.order.target} is up")
        hurt = [victim for victim, deed in self._done if not deed.exception()]
        self._say([self.ground.pool.submit(self.deeds.undo, victim) for victim in hurt])
        self._owing = False
        self._undone = self._elapsed()

    def _say(self, deeds: Sequence[Future[str]]) -> None:
        """What was done; then the first verdict on what was not."""
        verdicts = [verdict for deed in deeds if (verdict := deed.exception())]
        for deed in deeds:
            if not deed.exception() and (what := deed.result()):
                self._journal.say(what)
        for verdict in verdicts:
            raise verdict

    def _attend(self, until: Callable[[], bool]) -> None:
        """Watch what the store tells."""
        while not until():
            self._look()
            self._pause()

    def _look(self) -> None:
        with self.ground.store.read() as transaction:
            caches = {key: transaction.caches.get(key) for key in self._sightings}
        elapsed = self._elapsed()
        for key, last in self._sightings.items():
            seen = next_sighting(last, caches[key], elapsed)
            if seen is not last:
                self._sightings[key] = seen
                self._journal.compare(key.id, last, seen)
                self._tell({})

    def _over(self) -> bool:
        """Whether the failure has lasted long enough."""
        match self.order.kind:
            case DrillKind.KILL:
                return True
            case DrillKind.ZONE_DOWN | DrillKind.REGION_DOWN:
                return self._zones_are_up() if self.order.seconds is not None else self._quiet()
            case DrillKind.PAUSE | DrillKind.CUT_OFF if self._recovered():
                return True  # nothing is well with such a failure there: it is gone
            case _:
                return self._elapsed() - self._lasting >= (self.order.seconds or 0.0)

    def _finished(self) -> bool:
        """Whether everything is as desired again, or never will be."""
        if self.order.kind in OUTAGES and self.order.seconds is None:
            return True
        rests = all(sighting.rests for sighting in self._sightings.values())
        return (rests and (self._recovered() or self._quiet())) or self._elapsed() - self._undone > RECOVERY

    def _recovered(self) -> bool:
        return all(sighting.recovery is not None for sighting in self._sightings.values())

    def _quiet(self) -> bool:
        last = max((sighting.changed for sighting in self._sightings.values()), default=0.0)
        return self._elapsed() - max(last, self._undone) > self.ground.quiet or self._elapsed() > RECOVERY

    def _zones_are_up(self) -> bool:
        with self.ground.store.read() as transaction:
            return not set(self.zones) & zones_down(transaction, self.ground.clock())

    def _tell(self, costs: Mapping[Key, Cost]) -> None:
        told = [outcome(hit, self._sightings[hit.cache.key], costs.get(hit.cache.key)) for hit in self.hits]
        self._journal.tell(told)

    def _elapsed(self) -> float:
        return time.monotonic() - self._deed

    def _pause(self) -> None:
        if self.ground.stop.wait(POLL):
            raise Later("the control plane was stopped: the failure is undone, and was not measured to its end")

"""What runs ahead, and what is missing; nothing is done here."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Condition
from time import monotonic

from cachewright.agents.reconcile.warm.shapes import shape_of, usual
from cachewright.controlplane.model.cache import Key, Spec
from cachewright.controlplane.model.versions import EngineVersion

PRIORITY = 0.5  # seconds that a cache which gets a node has for itself, before another one is started
MOST = 2  # times as many as are wanted, while nodes come and go
BREAK = 10.0  # seconds after which nobody seems to need more of them than are wanted
LONGEST = 1.0  # seconds that a cache waits for a node which is on its way back


@dataclass(slots=True, eq=False)
class Stock:
    """Of each engine and version as many as are wanted, of the shape that was asked for last. Safe to share among
    threads.
    """

    wanted: Mapping[EngineVersion, int]
    restricted: bool  # whether caches that come are so
    enqueue: Callable[[Iterable[Key]], None] = lambda _: None  # there are news for these caches
    clock: Callable[[], float] = monotonic
    _shapes: dict[EngineVersion, Spec] = field(default_factory=dict)
    _idle: dict[str, Spec] = field(default_factory=dict)  # what runs and is nobody's, by name
    _expected: dict[str, Spec] = field(default_factory=dict)  # what was somebody's, and will be idle in a moment
    _open: bool = False  # whether it takes any back
    _waiting: dict[Key, float] = field(default_factory=dict)  # since when caches wait for these
    _failed: set[EngineVersion] = field(default_factory=set)  # what could not be started when it was its turn
    _changed: Condition = field(default_factory=Condition)
    _taken_at: float = -PRIORITY  # when the last one was offered or taken

    def __post_init__(self) -> None:
        self._shapes = {row: usual(row, restricted=self.restricted) for row in self.wanted}

    def offer(self, spec: Spec) -> tuple[str, ...]:
        """See StartedAhead. What is asked for is what is started from now on."""
        shape = shape_of(spec)
        if shape is None or spec.release not in self._shapes:
            return ()
        with self._changed:
            found = tuple(name for name, idle in self._idle.items() if idle == shape)
            if found:
                self._taken_at = self.clock()
            if self._shapes[spec.release] != shape:
                self._shapes[spec.release] = shape
                self._changed.notify_all()
            return found

    def take(self, name: str) -> None:
        """It is somebody's from now on, if it was here."""
        with self._changed:
            if self._idle.pop(name, None):
                self._taken_at = self.clock()
                self._changed.notify_all()

    def put(self, name: str, shape: Spec) -> None:
        """Another one runs."""
        with self._changed:
            self._idle[name] = shape
            self._failed.discard(shape.release)
            waiting = tuple(self._waiting)
        self.enqueue(waiting)

    def open(self) -> None:
        """It takes back what was somebody's from now on, until it is emptied."""
        with self._changed:
            self._open = True

    def expect(self, name: str, spec: Spec) -> bool:
        """Whether there is a need of the node of such a cache, which will be back in a moment then. While nodes come
        and go, those that were started in place of others come back as well.
        """
        shape = shape_of(spec)
        with self._changed:
            needed = self._open and shape is not None and self._lacks(shape, MOST)
            if needed and shape:
                self._expected[name] = shape
            return needed

    def await_arrival(self, who: Key, spec: Spec) -> float:
        """For how many seconds a cache that has no node yet waits for one that is on its way back, because it has one
        sooner then; 0 where it does not. No more of them wait than there are, and not for long; each is told when there
        are news.
        """
        shape, now = shape_of(spec), self.clock()
        with self._changed:
            since = self._waiting.pop(who, now)
            self._forget_old()
            is_there = shape is None or shape in self._idle.values()
            coming = 0 if is_there else sum(one == shape for one in self._expected.values())
            if len(self._waiting) >= coming or now - since >= LONGEST:
                return 0.0
            self._waiting[who] = since
            self._changed.notify_all()  # more may be missing by now
            return since + LONGEST - now

    def arrived(self, name: str) -> bool:
        """It is back, and nobody's. Whether it is kept: not if the stock was emptied meanwhile."""
        with self._changed:
            shape = self._expected.pop(name)
            if self._open:
                self._idle[name] = shape
            kept, waiting = self._open, tuple(self._waiting)
        self.enqueue(waiting)
        return kept

    def forgo(self, name: str) -> None:
        """It does not come back, if it has not already."""
        with self._changed:
            gone, waiting = self._expected.pop(name, None), tuple(self._waiting)
            if gone:
                self._changed.notify_all()
        if gone:
            self.enqueue(waiting)

    def failed(self, shape: Spec) -> bool:
        """It could not be started, so that what else is missing comes first. Whether nothing else is: then everything
        is tried anew.
        """
        with self._changed:
            self._failed.add(shape.release)
            missing = self._missing()
            if stuck := missing is None or missing.release in self._failed:
                self._failed.clear()
            return stuck

    def names(self) -> frozenset[str]:
        """What runs and is nobody's."""
        with self._changed:
            return frozenset(self._idle)

    def useless(self, ended: Collection[str]) -> str:
        """One that has `ended`, or of which there is no need any more, and which is not here from now on; empty where
        there is none.
        """
        with self._changed:
            found = next((name for name, shape in self._idle.items() if name in ended or self._is_spare(shape)), "")
            self._idle.pop(found, None)
            return found

    def missing(self) -> Spec | None:
        """What is to be started next."""
        with self._changed:
            return self._missing()

    def empty(self) -> None:
        """None is here any more, and none comes back."""
        with self._changed:
            self._open = False
            self._idle.clear()

    def held_back(self) -> float:
        """Seconds until the next one may be started: whoever was given one a moment ago goes first, but for those who
        wait for one.
        """
        with self._changed:
            self._forget_old()
            return 0.0 if self._waiting else max(0.0, self._taken_at + PRIORITY - self.clock())

    def await_change(self, seconds: float) -> None:
        """Until somebody has taken one, or has asked for something else."""
        with self._changed:
            if not self._missing() and all(map(self._is_wanted, self._idle.values())):
                self._changed.wait(seconds)

    def wake(self) -> None:
        """Somebody who waits looks again."""
        with self._changed:
            self._changed.notify_all()

    def _forget_old(self) -> None:
        """Who has waited for long enough, or was deleted meanwhile, does not wait any more."""
        now = self.clock()
        self._waiting = {one: since for one, since in self._waiting.items() if now - since < LONGEST}

    def _missing(self) -> Spec | None:
        """While caches wait there are too few of them for the pace at which they come and go."""
        times = MOST if self._waiting else 1
        few = [shape for shape in self._shapes.values() if self._lacks(shape, times)]
        return min(few, key=lambda shape: shape.release in self._failed, default=None)

    def _lacks(self, shape: Spec, times: int = 1) -> bool:
        there = [*self._idle.values(), *self._expected.values()].count(shape)
        return self._is_wanted(shape) and there < times * self.wanted[shape.release]

    def _is_spare(self, shape: Spec) -> bool:
        if not self._is_wanted(shape):
            return True
        many = list(self._idle.values()).count(shape) > self.wanted[shape.release]
        return many and self.clock() - self._taken_at >= BREAK

    def _is_wanted(self, shape: Spec) -> bool:
        return self._shapes.get(shape.release) == shape

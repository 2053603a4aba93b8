"""What runs ahead, and what is missing; nothing is done here."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from threading import Condition
from time import monotonic

from cachewright.agents.reconcile.warm.shapes import shape_of, usual
from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.versions import EngineVersion

PRIORITY = 0.5  # seconds that a cache which gets a node has for itself, before another one is started


@dataclass(slots=True, eq=False)
class Stock:
    """Of each engine and version as many as are wanted, of the shape that was asked for last. Safe to share among
    threads.
    """

    wanted: Mapping[EngineVersion, int]
    restricted: bool  # whether caches that come are so
    clock: Callable[[], float] = monotonic
    _shapes: dict[EngineVersion, Spec] = field(default_factory=dict)
    _idle: dict[str, Spec] = field(default_factory=dict)  # what runs and is nobody's, by name
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

    def useless(self, running: Collection[str]) -> str:
        """One that has ended, or of which there is no need any more, and which is not here from now on; empty where
        there is none.
        """
        with self._changed:
            every = self._idle.items()
            found = next((name for name, shape in every if name not in running or not self._is_wanted(shape)), "")
            self._idle.pop(found, None)
            return found

    def missing(self) -> Spec | None:
        """What is to be started next."""
        with self._changed:
            return self._missing()

    def empty(self) -> None:
        """None is here any more."""
        with self._changed:
            self._idle.clear()

    def held_back(self) -> float:
        """Seconds until the next one may be started: whoever was given one a moment ago goes first."""
        return max(0.0, self._taken_at + PRIORITY - self.clock())

    def await_change(self, seconds: float) -> None:
        """Until somebody has taken one, or has asked for something else."""
        with self._changed:
            if not self._missing() and all(map(self._is_wanted, self._idle.values())):
                self._changed.wait(seconds)

    def wake(self) -> None:
        """Somebody who waits looks again."""
        with self._changed:
            self._changed.notify_all()

    def _missing(self) -> Spec | None:
        idle = list(self._idle.values())
        few = [shape for row, shape in self._shapes.items() if idle.count(shape) < self.wanted[row]]
        return min(few, key=lambda shape: shape.release in self._failed, default=None)

    def _is_wanted(self, shape: Spec) -> bool:
        return self._shapes[shape.release] == shape

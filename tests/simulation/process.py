"""An agent as the simulation runs it: its own queue, sources, reconciler and lease, one turn at a time."""

from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Event

from cachewright.agents.backends import Backend
from cachewright.agents.buckets.folders import FOLDER as BUCKETS
from cachewright.agents.buckets.folders import Folders
from cachewright.agents.engines.redis.connections import LOOK_TIMEOUT
from cachewright.agents.loop.connections import Connections
from cachewright.agents.loop.jobs import JobBoard
from cachewright.agents.loop.queue import Queue
from cachewright.agents.loop.sources import Sources
from cachewright.agents.memory.machine import Machine
from cachewright.agents.reconcile.awake import Awake
from cachewright.agents.reconcile.claims import Shared
from cachewright.agents.reconcile.observe import Look
from cachewright.agents.reconcile.reconciler import Reconciler
from cachewright.agents.reconcile.retries import Retries
from cachewright.agents.reconcile.turns import After, Lanes, LoopKey, Outcome, Priority, Rest, Turn, Until
from cachewright.agents.reconcile.under_way import Memory
from cachewright.agents.snapshots.files import FOLDER, SnapshotFiles
from cachewright.agents.system.hosts import hosts_in
from cachewright.agents.toolbox import LazyTools
from cachewright.controlplane.membership import Membership
from cachewright.controlplane.model.cache import Key
from cachewright.controlplane.model.membership import RENEWAL, Role, Standing
from cachewright.controlplane.model.snapshots import Due
from cachewright.controlplane.store.failures import Unusable
from tests.executors import Inline
from tests.simulation.database import PretendRegister, Time, Way

INSTANCE = "test"
PATIENCE = timedelta(seconds=3)
PROBES, PATROL = 0.5, 5.0  # seconds, as the settings are
AGAIN = 1.0  # seconds until something is tried again for which the database was needed


class Process:
    """What an agent does for caches; what it does for the whole installation is left out."""

    def __init__(self, name: str, way: Way, directory: Path, backend: Backend, machine: Machine, time: Time) -> None:
        self.way, self.machine, self.time, self.runtime = way, machine, time, backend.runtime
        self.member = Membership(PretendRegister(way, time.now), Role.AGENT, time.now, name, time.timer)
        self.held = False  # its machine has stopped for a while
        self.words: deque[set[Due]] = deque()  # what others have committed
        self._news, self._queue, self._known = machine.listen(), Queue(), Standing()
        claims, inline = Shared(name, lambda: self.member.standing), Inline()
        files, buckets = SnapshotFiles(directory / FOLDER), Folders(directory / BUCKETS)
        self._sources = Sources(
            *(way, backend.drivers, self, Event()),
            *(Connections(backend.dial, lambda _: None, time.timer, most=0), time.now, self.enqueue),
            wants=claims.wants,
            owns=claims.owns,
        )
        gateway = f"gateway as {name} knows it"
        self._reconciler = Reconciler(
            way,
            LazyTools(way, INSTANCE, backend, files, buckets, hosts=hosts_in(way)).tools,
            lambda: gateway,
            Lanes(*(lambda _: inline for _ in range(4))),
            JobBoard(backend.images, inline, time.timer, self.enqueue),
            time.now,
            PATIENCE,
            Retries(way, lambda: gateway, time.now, time.timer, self.enqueue, claims.require),
            Awake(time.now, time.timer),
            claims,
            pinged=self._sources.pinged,
        )
        self._thorough = False
        duties: list[Callable[[], float]] = [self.speak, self._probe, self._patrol]
        self._duties = dict.fromkeys(duties, time.passed)

    def enqueue(self, keys: Iterable[LoopKey], priority: Priority = Priority.ROUTINE) -> None:
        """See Enqueueing."""
        self._queue.enqueue(keys, self.time.passed, priority)

    def poll(self, keys: Iterable[LoopKey]) -> None:
        """See Enqueueing."""
        self._queue.poll(keys, self.time.passed)

    @property
    def due(self) -> float:
        """When it has something to do."""
        if self.words or not self._news.empty():
            return self.time.passed
        seconds = self._queue.due_in(self.time.passed)
        first = min(self._duties.values())
        return first if seconds is None else min(first, self.time.passed + seconds)

    def step(self) -> None:
        """What is due by the clock, news, and one turn."""
        for duty, moment in list(self._duties.items()):
            if moment <= self.time.passed:
                self._duties[duty] = self.time.passed + self._tried(duty)
        while not self._news.empty():
            labels = self._news.get()
            with suppress(Unusable):
                self._sources.changed(labels)
        while self.words:
            with suppress(Unusable):
                self._sources.commits(self.words.popleft())
        if turn := self._queue.take(self.time.passed):
            self._give_back(turn, self._outcome(turn))

    def doubt(self) -> None:
        """Containers may have changed, any of them."""
        self._news.put({})

    def refresh(self) -> None:
        """Renew the lease, and do nothing else from time to time for a while."""
        self.speak()
        later = self.time.passed + PATROL
        self._duties |= {self._probe: later, self._patrol: later}

    def speak(self) -> float:
        """Renew the lease, and look after what is its own by now; seconds until it does so again."""
        with suppress(Unusable):
            self.member.speak()
        self._duties[self.speak] = self.time.passed + RENEWAL.total_seconds()
        if self.member.standing != self._known:
            self._sources.shared_out(self.runtime)
            self._known = self.member.standing
        return RENEWAL.total_seconds()

    def end(self) -> None:
        """SIGKILL."""
        self.machine.unlisten(self._news)
        self.way.close()

    def _tried(self, duty: Callable[[], float]) -> float:
        """Seconds until it is due again."""
        try:
            return duty()
        except Unusable:
            return AGAIN

    def _probe(self) -> float:
        self._thorough = not self._thorough
        self.enqueue(self._sources.probe(thorough=self._thorough), Priority.BROKEN)
        return self._sources.pause(PROBES)

    def _patrol(self) -> float:
        self._sources.poll_unsettled()
        return PATROL

    def _outcome(self, turn: Turn) -> Outcome:
        if not isinstance(turn.key, Key):
            return Rest()
        try:
            outcome = self._reconciler.reconcile(turn)
            if isinstance(outcome, Rest):
                self._sources.watch(turn.key)
        except Unusable:
            return After(AGAIN)
        return outcome

    def _give_back(self, turn: Turn, outcome: Outcome) -> None:
        if isinstance(outcome, Rest):
            self._queue.rest(turn.key, self.time.passed)
        else:
            delay = outcome.delay if isinstance(outcome, After) else _taken(outcome)
            self._queue.requeue(turn.key, self.time.passed, delay, outcome.memory)


def _taken(outcome: Until) -> float:
    """Seconds until it would be done what has been done already: whoever does not answer is waited for."""
    memory = outcome.memory
    look = memory.under_way if isinstance(memory, Memory) else None
    told = [done.result() for done in (*look.answers, *look.late)] if isinstance(look, Look) else []
    silent = any(sight.answer is None and not sight.refused for some in told for _, sight in some)
    return min(LOOK_TIMEOUT, outcome.within) if silent else 0.0

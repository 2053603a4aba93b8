"""The threads that take what is due. None waits for the world: what takes time is done in lanes, and comes back."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from math import inf
from typing import Any

from cachewright.agents.loop.lanes import Closed
from cachewright.agents.loop.queue import Queue
from cachewright.agents.reconcile.turns import After, LoopKey, Outcome, Priority, Rest, Turn, Until

WORKERS = 2  # threads for everything that is due: none waits for the world, more would wait for Python's lock
KEPT = 2  # more threads, for what is broken alone
GRACE = 5.0  # seconds that a turn under way gets at the end; it may be cut off anywhere
ALONE = 0.05  # seconds that what is broken has the workers for itself; after that one turn of routine at a time goes on
STEP_IN = 0.002  # seconds that what is broken may wait for those who take everything
AFTER_A_BUG = 5.0  # seconds until a key is tried again on which the program itself failed

log = logging.getLogger(__name__)


class Workers:
    """Gives each key that is due its turn."""

    def __init__(self, reconcile: Callable[[Turn], Outcome]) -> None:
        self._reconcile = reconcile
        self._queue = Queue()
        self._lock = threading.Lock()
        self._idle, self._kept = threading.Condition(self._lock), threading.Condition(self._lock)
        self._waiting = 0  # of those that take everything
        self._routine = 0  # turns under way
        self._hurried = inf  # since when something has been broken
        self._alarm = inf  # when the first of them looks again by itself
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._work, args=[number], name=f"reconcile-{number}", daemon=True)
            for number in range(WORKERS + KEPT)
        ]

    def start(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin no more turns, and wait for the end of those under way."""
        with self._lock:
            self._stopping = True
            self._idle.notify_all()
            self._kept.notify_all()
        deadline = time.monotonic() + GRACE
        for thread in [each for each in self._threads if each.ident]:  # those that were started
            thread.join(max(0.0, deadline - time.monotonic()))

    def enqueue(self, keys: Iterable[LoopKey], priority: Priority = Priority.ROUTINE) -> None:
        """There is a reason to look at these keys now."""
        every = list(keys)
        with self._lock:
            self._queue.enqueue(every, time.monotonic(), priority)
            self._notify(len(every))

    @property
    def due(self) -> int:
        """How many keys wait for a worker."""
        with self._lock:
            return self._queue.due(time.monotonic())

    def poll(self, keys: Iterable[LoopKey]) -> None:
        """Look at those of these keys that nobody has in mind."""
        every = list(keys)
        with self._lock:
            self._queue.poll(every, time.monotonic())
            self._notify(len(every))

    def hold(self, keys: Iterable[LoopKey]) -> list[Turn]:
        """See Held."""
        with self._lock:
            return self._queue.hold(keys)

    def release(self, turn: Turn, delay: float = 0.0) -> None:
        """See Held."""
        if not delay:
            self.enqueue([turn.key])  # it is held: these are news for its next turn
        self._give_back(turn, delay, None)

    def _work(self, number: int) -> None:
        while turn := self._take(number):
            outcome = self._outcome(turn)
            with self._lock:
                self._routine -= turn.priority is Priority.ROUTINE
            if isinstance(outcome, Until):
                when_done(outcome.work, outcome.within, partial(self._give_back, turn, 0.0, outcome.memory))
            elif isinstance(outcome, After):
                self._give_back(turn, outcome.delay, outcome.memory)
            else:
                self._give_back(turn, None, None)

    def _outcome(self, turn: Turn) -> Outcome:
        try:
            return self._reconcile(turn)
        except Closed:
            return Rest()
        except Exception:
            if self._stopping:
                log.info("gave up on %s at the end", turn.key, exc_info=True)
            else:
                log.exception("cannot reconcile %s: a bug in Cachewright", turn.key)
            return After(AFTER_A_BUG)

    def _take(self, number: int) -> Turn | None:
        """The next key that is due; None when it is time to stop."""
        with self._lock:
            while not self._stopping:
                now = time.monotonic()
                alone = self._alone(now) if number < WORKERS else inf
                least = Priority.BROKEN if alone else Priority.ROUTINE
                if turn := self._queue.take(now, least):
                    self._routine += turn.priority is Priority.ROUTINE
                    self._notify(1)  # somebody else has to look at the clock
                    return turn
                seconds = self._queue.due_in(now, least)
                if number < WORKERS:
                    self._wait(now, min(inf if seconds is None else seconds, alone or inf))
                else:
                    self._kept.wait(None if seconds is None else seconds + STEP_IN)
            return None

    def _alone(self, now: float) -> float:
        """The seconds during which nothing of routine is begun, or until a turn ends: it would keep Python's lock from
        what is broken.
        """
        if not self._queue.hurried:
            self._hurried = inf
            return 0.0
        self._hurried = min(self._hurried, now)
        return inf if self._routine else max(0.0, self._hurried + ALONE - now)

    def _wait(self, now: float, seconds: float) -> None:
        """Until there may be something to take. One of all looks at the clock."""
        alarm = now + seconds
        first = alarm < self._alarm
        if first:
            self._alarm = alarm
        self._waiting += 1
        self._idle.wait(seconds if first else None)
        self._waiting -= 1
        if self._alarm == alarm:
            self._alarm = inf

    def _notify(self, count: int) -> None:
        self._idle.notify(count)
        if self._waiting < count:
            self._kept.notify(count - self._waiting)

    def _give_back(self, turn: Turn, delay: float | None, memory: object) -> None:
        with self._lock:
            hurried = self._queue.hurried
            if delay is None:
                self._queue.rest(turn.key, time.monotonic())
            else:
                self._queue.requeue(turn.key, time.monotonic(), delay, memory)
            self._notify(WORKERS if hurried and not self._queue.hurried else 1)


def when_done(work: tuple[Future[Any], ...], within: float, deed: Callable[[], None]) -> None:
    """Do something once: as soon as all of this has been done, failed, or been cancelled, or time is up."""
    left = len(work)
    lock = threading.Lock()
    alarm: threading.Timer | None = None

    def steps_done(steps: int) -> None:
        nonlocal left
        with lock:
            now = left > 0 >= left - steps
            left -= steps
        if now:
            if alarm:
                alarm.cancel()
            deed()

    if not work:
        deed()
        return
    if within < inf:
        alarm = threading.Timer(within, steps_done, [left])
        alarm.daemon = True
        with suppress(RuntimeError):  # no thread is to be had: then it takes as long as it takes
            alarm.start()
    for future in work:
        future.add_done_callback(lambda _: steps_done(1))

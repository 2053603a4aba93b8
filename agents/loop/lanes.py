"""Threads for one kind of work, some of which are kept for what is urgent."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from cachewright.agents.reconcile.turns import Priority

P = ParamSpec("P")
T = TypeVar("T")
_Task = tuple[Future[Any], Callable[[], Any]]

REST = 5.0  # seconds after which a thread that has nothing to do ends: each takes some memory

log = logging.getLogger(__name__)


class Closed(Exception):  # noqa: N818 - an end, not an error
    """The lane takes no more work."""


class Lane(Executor):
    """At most `size` tasks run at the same time; tasks of routine leave `kept` threads to what is broken.

    Threads start when they are needed, end when they are not, and do not keep the program from ending.
    """

    def __init__(self, name: str, size: int, kept: int = 0, rest: float = REST) -> None:
        self._name, self._size, self._rest = name, size, rest
        self._limits = {Priority.BROKEN: size, Priority.ROUTINE: size - kept}
        self._tasks: dict[Priority, deque[_Task]] = {priority: deque() for priority in Priority}
        self._running: dict[Priority, int] = dict.fromkeys(Priority, 0)
        self._threads = self._started = 0
        self._alive: set[threading.Thread] = set()
        self._at_work: set[threading.Thread] = set()
        self._closed = False
        self._changed = threading.Condition()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """As a task of routine; see Executor. Closed at the end."""
        return self._put(Priority.ROUTINE, lambda: fn(*args, **kwargs))

    def at(self, priority: Priority) -> Executor:
        """The same lane for tasks of a priority."""
        return _At(self, priority)

    def close(self, grace: float) -> None:
        """Begin nothing more, and wait some seconds for the end of what is under way. No thread is left then but those
        that are still at work.
        """
        with self._changed:
            self._closed = True
            left = [task for tasks in self._tasks.values() for task in tasks]
            for tasks in self._tasks.values():
                tasks.clear()
            self._changed.notify_all()
        for future, _ in left:
            future.cancel()
        self._await_end(time.monotonic() + grace)
        with self._changed:
            ending = self._alive - self._at_work - {threading.current_thread()}
        for thread in ending:
            thread.join()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002 - there is one way
        """See Executor."""
        self.close(0.0)

    def _await_end(self, deadline: float) -> None:
        with self._changed:
            while any(self._running.values()) and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)

    def _put(self, priority: Priority, task: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        with self._changed:
            if self._closed:
                raise Closed(f"{self._name} is closed")
            self._tasks[priority].append((future, task))
            if self._threads < min(self._size, self._busy()):
                self._threads += 1
                self._started += 1
                self._begin(threading.Thread(target=self._work, name=f"{self._name}-{self._started}", daemon=True))
            self._changed.notify()
        return future

    def _begin(self, thread: threading.Thread) -> None:
        self._alive = {one for one in self._alive if one.is_alive()} | {thread}
        thread.start()

    def _busy(self) -> int:
        """How many threads have something to do, or could."""
        tasks = ((self._running[priority] + len(waiting), priority) for priority, waiting in self._tasks.items())
        return sum(min(count, self._limits[priority]) for count, priority in tasks)

    def _work(self) -> None:
        while taken := self._take():
            priority, (future, task) = taken
            if future.set_running_or_notify_cancel():
                _run(future, task)
            with self._changed:
                self._running[priority] -= 1
                self._at_work.discard(threading.current_thread())
                self._changed.notify_all() if self._closed else self._changed.notify()

    def _take(self) -> tuple[Priority, _Task] | None:
        """The next task; None when the thread is to end."""
        with self._changed:
            is_needed = True
            while not self._closed:
                for priority, tasks in self._tasks.items():
                    if tasks and self._running[priority] < self._limits[priority]:
                        self._running[priority] += 1
                        self._at_work.add(threading.current_thread())
                        return priority, tasks.popleft()
                if not is_needed:
                    break  # whoever adds a task while it ends is told so
                is_needed = self._changed.wait(self._rest)
            self._threads -= 1
            return None


def end(dropped: Iterable[Lane], finished: Iterable[Lane], grace: float) -> None:
    """Begin nothing more in any of these lanes, and wait some seconds in all for what is under way in the second."""
    last = tuple(finished)
    for lane in (*dropped, *last):
        lane.close(0.0)  # none begins anything while another is waited for
    deadline = time.monotonic() + grace
    for lane in last:
        lane.close(max(0.0, deadline - time.monotonic()))


@dataclass(frozen=True, slots=True)
class _At(Executor):
    lane: Lane
    priority: Priority

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """See Executor."""
        return self.lane._put(self.priority, lambda: fn(*args, **kwargs))


def _run(future: Future[Any], task: Callable[[], Any]) -> None:
    try:
        result = task()
    except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
        future.set_exception(error)
    else:
        future.set_result(result)

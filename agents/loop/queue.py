"""Keys that are due: who is next, with the clock as an argument. Pure; not safe to share among threads."""

import heapq
import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from cachewright.agents.reconcile.turns import LoopKey, Priority, Turn

LONG = 0.25  # seconds; what waits so long is not in a hurry afterwards


@dataclass(slots=True, eq=False)
class _Entry:
    """What is known of one key. It is taken, or it has a ticket in the queue of its priority."""

    priority: Priority
    ticket: int = 0
    taken: bool = False
    woken: bool = False  # news since it was taken last
    memory: object = None


class Queue:
    """Each key is taken once at a time. What is BROKEN goes before what is ROUTINE, then what was due first."""

    def __init__(self) -> None:
        self._entries: dict[LoopKey, _Entry] = {}
        self._tickets = itertools.count(1)
        self._heaps: dict[Priority, list[tuple[float, int, LoopKey]]] = {priority: [] for priority in Priority}
        self._broken: set[LoopKey] = set()

    @property
    def hurried(self) -> bool:
        """Whether there is something broken, due or taken or about to be looked at again."""
        return bool(self._broken)

    def enqueue(self, keys: Iterable[LoopKey], now: float, priority: Priority = Priority.ROUTINE) -> None:
        """There are news of these keys: they are due now, or as soon as nobody works on them."""
        for key in keys:
            entry = self._entries.get(key)
            if entry is None:
                entry = self._entries[key] = _Entry(priority)
            if priority is Priority.BROKEN:
                self._broken.add(key)
            again = entry.woken and not entry.taken  # due already
            entry.woken = True
            if entry.taken or not again or priority < entry.priority:
                entry.priority = min(entry.priority, priority)
                if not entry.taken:
                    self._schedule(key, entry, now)

    def poll(self, keys: Iterable[LoopKey], now: float) -> None:
        """In case that news were lost: what is not in the queue is due. What waits has its reason to wait so long."""
        self.enqueue([key for key in keys if key not in self._entries], now)

    def take(self, now: float, least: Priority = Priority.ROUTINE) -> Turn | None:
        """The next key that is due, for somebody who takes nothing below the `least` priority; None without one."""
        for priority in (priority for priority in Priority if priority <= least):
            heap = self._of(priority)
            if heap and heap[0][0] <= now:
                _, _, key = heapq.heappop(heap)
                entry = self._entries[key]
                turn = Turn(key, entry.memory, entry.woken, priority)
                entry.taken, entry.woken, entry.memory = True, False, None
                return turn
        return None

    def hold(self, keys: Iterable[LoopKey]) -> list[Turn]:
        """Turns of these keys, whether they are due or not; those that are taken have news. News that there were before
        are left for the turn that comes after they are given back.
        """
        turns = []
        for key in keys:
            entry = self._entries.get(key) or self._entries.setdefault(key, _Entry(Priority.ROUTINE))
            if entry.taken:
                entry.woken = True
            else:
                entry.taken = True
                turns.append(Turn(key, entry.memory, entry.woken, entry.priority))
                entry.memory = None
        return turns

    def requeue(self, key: LoopKey, now: float, delay: float, memory: object = None) -> None:
        """Give a taken key back: it is due after so many seconds, or now when there have been news."""
        entry = self._entries[key]
        entry.taken, entry.memory = False, memory
        if delay >= LONG and not entry.woken:
            entry.priority = Priority.ROUTINE
            self._broken.discard(key)
        self._schedule(key, entry, now if entry.woken else now + delay)

    def rest(self, key: LoopKey, now: float) -> None:
        """Give a taken key back: nothing is left to do, unless there have been news."""
        if self._entries[key].woken:
            self.requeue(key, now, 0.0)
        else:
            del self._entries[key]
            self._broken.discard(key)

    def due(self, now: float) -> int:
        """How many keys could be taken now."""
        tickets = (
            (moment, ticket, self._entries.get(key)) for heap in self._heaps.values() for moment, ticket, key in heap
        )
        return sum(
            moment <= now and entry is not None and not entry.taken and entry.ticket == ticket
            for moment, ticket, entry in tickets
        )

    def due_in(self, now: float, least: Priority = Priority.ROUTINE) -> float | None:
        """The seconds until somebody has something to take; None when only news can change that."""
        heaps = [self._of(priority) for priority in Priority if priority <= least]
        moments = [heap[0][0] for heap in heaps if heap]
        return max(0.0, min(moments) - now) if moments else None

    def _schedule(self, key: LoopKey, entry: _Entry, due: float) -> None:
        entry.ticket = next(self._tickets)
        heapq.heappush(self._heaps[entry.priority], (due, entry.ticket, key))

    def _of(self, priority: Priority) -> list[tuple[float, int, LoopKey]]:
        """The keys of a priority, the first of which is really there: a ticket that was replaced is no longer valid."""
        heap = self._heaps[priority]
        while heap:
            _, ticket, key = heap[0]
            entry = self._entries.get(key)
            if entry and not entry.taken and entry.ticket == ticket:
                break
            heapq.heappop(heap)
        return heap

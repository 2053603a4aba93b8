"""Moving slots between two primaries that keep serving them."""

import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass

from redis import Redis

from cachewright.agents.engines.facets import Move
from cachewright.agents.engines.redis.connections import borrowed
from cachewright.agents.engines.redis.slots.arrival_limits import Arrivals
from cachewright.agents.engines.redis.slots.key_sizes import in_one_step, oversized
from cachewright.agents.engines.redis.slots.key_transfer import KeyTransfer
from cachewright.agents.engines.redis.slots.ownership import each, epochs, may_claim, served, view
from cachewright.agents.engines.redis.slots.preparation import hurried, migration_user
from cachewright.agents.engines.redis.slots.sentinel_key import awaited, sentinel_key
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.controlplane.model.slots import Ranges, difference, intersection, union

BATCH = 128  # slots that are on their way at a time, at most
PAUSES = (
    10,
    30,
    100,
)  # milliseconds for which clients of the source wait until the target was told: least, at first, most
LANES = 64  # connections on which a node is told about slots, when it waits for its replicas with each of them


@dataclass(frozen=True, slots=True)
class SlotMigration:
    """A Move, and connections to those who have part in it.

    Slots travel in batches. All keys of a batch go in one step of the source, in which the target takes the slots by
    itself (see `sentinel_key`) and the source sends whoever asks for them to the target: for clients they move at once.
    A target that would have to wait for its replicas cannot do so. There the source has its clients wait for a moment,
    until the target was told; only when that takes longer, they are told to ask the target, which some clients cannot
    while they do not know it yet.
    """

    move: Move
    source: Redis
    target: Redis
    together: bool  # whether both open slots at once: the source can do so in the step in which it moves the keys
    arrivals: Arrivals

    def run(self) -> Ranges:
        """Move slots until time is up; those that have arrived. Never when none of the others can."""
        deadline = time.monotonic() + self.move.seconds
        here, there = view(self.source), view(self.target)
        if not there.serves:
            raise Later(f"cannot move slots to {self.move.target}: it does not serve requests yet", 0.1)
        if not may_claim(epochs(self.target), epochs(self.source)):
            raise Later(f"cannot move slots to {self.move.target}: it has not heard of all claims yet", 0.05)
        arrived = intersection(self.move.slots, served(there))
        self._close(arrived)
        waiting = difference(intersection(self.move.slots, served(here)), arrived)
        # Whoever imports a slot learns from nobody that it has changed hands: it has forgotten a source that failed.
        self._set(self.target, each(intersection(waiting, there.opened)), "NODE", self.move.ids[0])
        refused, pause = dict[int, str](), PAUSES[1]
        order = _order(waiting, union(here.opened, there.opened))
        with (
            self._waits_end_early(),
            migration_user(self.target, self.move) as login,  # as long as it is there, others see that there is a move
            self.arrivals.made_room(self.target, self.move),
        ):
            transfer = KeyTransfer(self.move, self.source, self.target, login, self.together)
            while order:
                batch = in_one_step(self.source, order[:BATCH])
                order = order[len(batch) :]
                refused |= oversized(self.source, batch)
                going = [slot for slot in batch if slot not in refused]
                pause = self._carry(going, transfer, pause) if going else pause
                arrived = union(arrived, _of(going))
                if time.monotonic() > deadline:
                    return arrived
        if refused and not arrived:
            raise Never(refused[min(refused)])
        return arrived

    def _waits_end_early(self) -> AbstractContextManager[None]:
        return nullcontext() if self.together else hurried(self.source)

    def _carry(self, batch: Sequence[int], transfer: KeyTransfer, pause: int) -> int:
        """Move all keys of these slots; how long clients should wait next time."""
        self._set(self.target, batch, "IMPORTING", self.move.ids[0])
        if self.together:
            with awaited(self.target, batch, self.move.ids[1]) as arrival:
                end = transfer.run(batch, sentinel_key(batch[-1]))
                if end == "taken" and arrival.happened():
                    return pause
        else:
            self._set(self.source, batch, "MIGRATING", self.move.ids[1])
        transfer.run(batch, pause=pause)
        begun = time.monotonic()
        self._take(batch)
        self._close(_of(batch))
        return min(max(PAUSES[0], int(2000 * (time.monotonic() - begun))), PAUSES[2])

    def _take(self, batch: Sequence[int]) -> None:
        """The target claims the slots at once; setting the last one by itself makes it tell everybody."""
        last, *others = batch
        step = self.target.pipeline(transaction=True)
        step.execute_command("CLUSTER", "BUMPEPOCH")
        if others:
            step.execute_command("CLUSTER", "DELSLOTS", *others)
            step.execute_command("CLUSTER", "ADDSLOTS", *others)
        step.execute()
        self.target.execute_command("CLUSTER", "SETSLOT", last, "NODE", self.move.ids[1])

    def _close(self, slots: Ranges) -> None:
        """The source is told of those slots that it has not heard of."""
        here = view(self.source)
        self._set(self.source, each(intersection(slots, union(served(here), here.opened))), "NODE", self.move.ids[1])

    def _set(self, client: Redis, slots: Sequence[int], *words: str) -> None:
        with ExitStack() as kept:
            lanes = [kept.enter_context(borrowed(client)) for _ in range(1 if self.together else LANES)]
            for position, lane in enumerate(lanes):
                told = [("CLUSTER", "SETSLOT", str(slot), *words) for slot in slots[position :: len(lanes)]]
                lane.send_packed_command(lane.pack_commands(told))
            for position, _ in enumerate(slots):
                lanes[position % len(lanes)].read_response()


def _of(slots: Iterable[int]) -> Ranges:
    return union((slot, slot) for slot in slots)


def _order(slots: Ranges, opened: Ranges) -> list[int]:
    """What was begun earlier goes first."""
    return [*each(intersection(slots, opened)), *each(difference(slots, opened))]

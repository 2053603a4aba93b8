"""Moving slots between two primaries that keep serving them."""

import itertools
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from agents.engines.cluster import membership
from agents.engines.connections import borrowed
from agents.engines.driver import Move
from agents.planning.verdicts import Later, Never
from agents.planning.world import Membership
from controlplane.model.slots import Ranges, difference, intersection, union

BATCH = 128  # slots that are on their way at a time
KEYS, BYTES = 500, 4 << 20  # of one step, for which the source serves nobody; a single key may be larger
GIANT = 256 << 20  # bytes; AWS moves no key that is larger
FIRST_PAUSE = 100  # milliseconds for which clients of the source wait until it knows; then a few times what it took
PAUSES = {True: (4000, 25, 250), False: (2000, 10, 100)}  # per second that it took, least and most; see `together`
LANES = 64  # connections on which a node is told about slots, when it waits for its replicas with each of them
TICKS = (250, 10)  # how often in a second the source looks whether the wait is over: while slots move, and else
TIMEOUT = 5000  # milliseconds that the target may be silent
CARRIER = "cachewright-carrier"  # the login with which keys arrive, and behind it whose they were

# Moves keys of the slots until none is left, or as many as may be moved in one step; how many more might have been.
_CARRY = """
redis.replicate_commands()
local left = tonumber(ARGV[6])
for position = 7, #ARGV do
  local keys = redis.call('CLUSTER', 'GETKEYSINSLOT', ARGV[position], left)
  if #keys > 0 then
    local login = {'REPLACE'}
    if ARGV[3] ~= '' then login = {'REPLACE', 'AUTH2', ARGV[3], ARGV[4]} end
    local words = {'MIGRATE', ARGV[1], ARGV[2], '', 0, ARGV[5], unpack(login)}
    words[#words + 1] = 'KEYS'
    for _, key in ipairs(keys) do words[#words + 1] = key end
    redis.call(unpack(words))
    left = left - #keys
  end
end
return left
"""


@dataclass(frozen=True, slots=True)
class Passage:
    """A Move, and connections to those who have part in it.

    Slots travel in batches. All keys of a batch go in one step of the source, after which it has its clients wait for a
    moment: until the target has taken the slots, and the source has heard so. They are redirected as if the slots had
    moved at once. Only when that takes longer, they are told to ask the target, which some clients cannot while they do
    not know it yet.
    """

    move: Move
    source: Redis
    target: Redis
    together: bool  # whether both open slots at once: the source can do so in the step in which it moves the keys

    def pass_over(self) -> Ranges:
        """Move slots until time is up; those that have arrived. Never when none of the others can."""
        deadline = time.monotonic() + self.move.seconds
        here, there = view(self.source), view(self.target)
        if not there.serves:
            raise Later(f"cannot move slots to {self.move.target}: it does not serve requests yet", 0.1)
        arrived = intersection(self.move.slots, _owned(there))
        self._close(arrived)
        waiting = difference(intersection(self.move.slots, _owned(here)), arrived)
        # Whoever imports a slot learns from nobody that it has changed hands: it has forgotten a source that failed.
        self._set(self.target, _each(intersection(waiting, there.opened)), "NODE", self.move.ids[0])
        refused, pause = dict[int, str](), FIRST_PAUSE
        with self._hurry(), self._carrier() as login:
            for batch in _batches(waiting, union(here.opened, there.opened)):
                refused |= self._giants(batch)
                going = [slot for slot in batch if slot not in refused]
                pause = self._carry(going, login, pause) if going else pause
                arrived = union(arrived, _of(going))
                if time.monotonic() > deadline:
                    return arrived
        if refused and not arrived:
            raise Never(refused[min(refused)])
        return arrived

    def _carry(self, batch: Sequence[int], login: tuple[str, str], pause: int) -> int:
        """Move all keys of these slots; how long clients should wait next time."""
        self._set(self.target, batch, "IMPORTING", self.move.ids[0])
        limit = self._at_once()
        while self._step(batch, login, limit, pause) == 0:
            pass  # there may be more keys
        begun = time.monotonic()
        self._take(batch)
        took = time.monotonic() - begun
        self._close(_of(batch))
        share, least, most = PAUSES[self.together]
        return min(max(least, int(share * took)), most)

    def _step(self, batch: Sequence[int], login: tuple[str, str], limit: int, pause: int) -> int:
        """What no client of the source sees a part of; how many more keys might have moved."""
        if not self.together:
            self._set(self.source, batch, "MIGRATING", self.move.ids[1])
        step = self.source.pipeline(transaction=True)
        if self.together:
            for slot in batch:
                step.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", self.move.ids[1])
        place = self.move.address
        step.execute_command("EVAL", _CARRY, 0, place.host, place.port, *login, TIMEOUT, limit, *batch)
        step.execute_command("CLIENT", "PAUSE", pause)
        *opened, left, paused = step.execute(raise_on_error=False)
        if refused := next((answer for answer in (*opened, left, paused) if isinstance(answer, RedisError)), None):
            raise refused  # in its own words, without the command
        return int(left)

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
        self._set(self.source, _each(intersection(slots, union(_owned(here), here.opened))), "NODE", self.move.ids[1])

    def _set(self, client: Redis, slots: Sequence[int], *words: str) -> None:
        with ExitStack() as kept:
            lanes = [kept.enter_context(borrowed(client)) for _ in range(1 if self.together else LANES)]
            for position, lane in enumerate(lanes):
                told = [("CLUSTER", "SETSLOT", str(slot), *words) for slot in slots[position :: len(lanes)]]
                lane.send_packed_command(lane.pack_commands(told))
            for position, _ in enumerate(slots):
                lanes[position % len(lanes)].read_response()

    @contextmanager
    def _hurry(self) -> Iterator[None]:
        """A source that looks ten times in a second, as it does by itself, would keep its clients waiting for long."""
        self.source.execute_command("CONFIG", "SET", "hz", TICKS[0])
        try:
            yield
        finally:
            self.source.execute_command("CONFIG", "SET", "hz", TICKS[1])

    @contextmanager
    def _carrier(self) -> Iterator[tuple[str, str]]:
        """A login that is good for nothing but to bring keys to the target, and only for the moment; the source writes
        it where clients can read it.
        """
        if not self.move.target.login:
            yield "", ""
            return
        carrier, password = f"{CARRIER}-{self.move.ids[0]}", secrets.token_hex(16)
        rules = ("reset", "on", f">{password}", "~*", "+select", "+restore-asking")
        self.target.execute_command("ACL", "SETUSER", carrier, *rules)
        try:
            yield carrier, password
        finally:
            self.target.execute_command("ACL", "DELUSER", carrier)

    def _at_once(self) -> int:
        """How many keys may go in one step, by their mean size."""
        memory: Any = self.source.info("memory")
        mean = int(memory["used_memory_dataset"]) // max(1, int(self.source.dbsize()))
        return max(1, min(KEYS, BYTES // max(1, mean)))

    def _giants(self, batch: Sequence[int]) -> dict[int, str]:
        """The slots that cannot move, and why. Few nodes hold enough to have such a key."""
        memory: Any = self.source.info("memory")
        if int(memory["used_memory_dataset"]) < GIANT:
            return {}
        found = ((slot, self._giant(slot)) for slot in batch)
        return {slot: reason for slot, reason in found if reason}

    def _giant(self, slot: int) -> str:
        count: Any = self.source.execute_command("CLUSTER", "COUNTKEYSINSLOT", slot)
        keys: Any = self.source.execute_command("CLUSTER", "GETKEYSINSLOT", slot, count)
        pipeline = self.source.pipeline(transaction=False)
        for key in keys:
            pipeline.execute_command("MEMORY", "USAGE", key)
        large = [(key, size) for key, size in zip(keys, pipeline.execute(), strict=True) if size and size > GIANT]
        weights = ((key, self._weight(key, size)) for key, size in large)
        return next((_refusal(slot, key, weight) for key, weight in weights if weight > GIANT), "")

    def _weight(self, key: bytes, size: int) -> int:
        """Bytes of a key on its way; anything but a string is taken for as large as it is in memory."""
        kind: Any = self.source.execute_command("TYPE", key)
        length: Any = self.source.execute_command("STRLEN", key) if kind == b"string" else size
        return int(length)


def _refusal(slot: int, key: bytes, size: int) -> str:
    name = key.decode(errors="backslashreplace")
    return f"cannot move slot {slot}: its key {name} takes {size >> 20} MB, and no key of more than 256 MB moves"


def view(client: Redis) -> Membership:
    """What a node says of its cluster."""
    pipeline = client.pipeline(transaction=False)
    pipeline.execute_command("CLUSTER", "NODES")
    pipeline.execute_command("CLUSTER", "INFO")
    pipeline.execute_command("CONFIG", "GET", "tls-cluster")
    nodes, info, encrypted = pipeline.execute()
    return replace(membership(nodes.decode(), info.decode()), encrypted=b"yes" in encrypted)


def own(client: Redis, slots: Ranges) -> None:
    """Have a node serve slots; also those that it was about to receive or to give away."""
    here = view(client)
    close(client, intersection(slots, here.opened))
    pipeline = client.pipeline(transaction=False)
    for slot in _each(difference(slots, _owned(here))):
        pipeline.execute_command("CLUSTER", "SETSLOT", slot, "NODE", here.id)
    pipeline.execute_command("CLUSTER", "BUMPEPOCH")
    pipeline.execute()


def close(client: Redis, slots: Ranges) -> None:
    """Have a node forget that slots were to come or to go."""
    pipeline = client.pipeline(transaction=False)
    for slot in _each(slots):
        pipeline.execute_command("CLUSTER", "SETSLOT", slot, "STABLE")
    pipeline.execute()


def _owned(view: Membership) -> Ranges:
    return view.peers[view.id].slots


def _each(slots: Ranges) -> list[int]:
    return [slot for first, last in slots for slot in range(first, last + 1)]


def _of(slots: Iterable[int]) -> Ranges:
    return union((slot, slot) for slot in slots)


def _batches(slots: Ranges, opened: Ranges) -> Iterator[list[int]]:
    """What was begun earlier goes first."""
    order = iter([*_each(intersection(slots, opened)), *_each(difference(slots, opened))])
    while batch := list(itertools.islice(order, BATCH)):
        yield batch

"""Moving slots between two primaries that keep serving them."""

import itertools
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from cachewright.agents.engines.facets import Move
from cachewright.agents.engines.redis.connections import borrowed
from cachewright.agents.engines.redis.slots.arrival_limits import made_room
from cachewright.agents.engines.redis.slots.key_sizes import at_once, has_large, oversized
from cachewright.agents.engines.redis.slots.ownership import each, served, view
from cachewright.agents.engines.redis.slots.preparation import hurried, migration_user
from cachewright.agents.engines.redis.slots.sentinel_key import awaited, sentinel_key
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.controlplane.model.slots import Ranges, difference, intersection, union

BATCH = 128  # slots that are on their way at a time
PAUSE = 50  # milliseconds for which clients of the source wait until the target has told it
PAUSES = (10, 30, 100)  # the same where the target is told by us: least, at first, most
LANES = 64  # connections on which a node is told about slots, when it waits for its replicas with each of them
TIMEOUT = 2000  # milliseconds that the target may be silent, and the source with it: within the patience
LONG_TIMEOUT = 10_000  # the same for keys that take the target long, once it has answered again
_NO_ANSWER = "IOERR error or timeout reading"  # in the engines' words

# Moves keys of the slots until none is left, or as many as may be moved in one step: how many more might have been. The
# sentinel key goes last, if there is one and memory for it: whether it went. It can only be made in a slot that stays.
_CARRY = """
redis.replicate_commands()
local host, port, user, password, timeout, sentinel_key, target = unpack(ARGV, 1, 7)
local left = tonumber(ARGV[8])
local function carry(keys)
  local words = {'MIGRATE', host, port, '', 0, timeout, 'REPLACE'}
  if user ~= '' then words = {'MIGRATE', host, port, '', 0, timeout, 'REPLACE', 'AUTH2', user, password} end
  words[#words + 1] = 'KEYS'
  for _, key in ipairs(keys) do words[#words + 1] = key end
  redis.call(unpack(words))
end
for position = 9, #ARGV do
  local keys = redis.call('CLUSTER', 'GETKEYSINSLOT', ARGV[position], left)
  if #keys > 0 then
    carry(keys)
    left = left - #keys
  end
end
if left == 0 or sentinel_key == '' then return {left, 0} end
redis.call('CLUSTER', 'SETSLOT', ARGV[#ARGV], 'STABLE')
local made = redis.pcall('RPUSH', sentinel_key, 1)
redis.call('PEXPIRE', sentinel_key, timeout * 10)
redis.call('CLUSTER', 'SETSLOT', ARGV[#ARGV], 'MIGRATING', target)
if type(made) ~= 'number' then return {left, 0} end
carry({sentinel_key})
return {left, 1}
"""


@dataclass(frozen=True, slots=True)
class SlotMigration:
    """A Move, and connections to those who have part in it.

    Slots travel in batches. All keys of a batch go in one step of the source, after which it has its clients wait for a
    moment: until the target has taken the slots, and the source has heard so. They are redirected as if the slots had
    moved at once. Only when that takes longer, they are told to ask the target, which some clients cannot while they do
    not know it yet. So the target takes the slots by itself (see `sentinel_key`), unless it would have to wait
    for its replicas.
    """

    move: Move
    source: Redis
    target: Redis
    together: bool  # whether both open slots at once: the source can do so in the step in which it moves the keys

    def run(self) -> Ranges:
        """Move slots until time is up; those that have arrived. Never when none of the others can."""
        deadline = time.monotonic() + self.move.seconds
        here, there = view(self.source), view(self.target)
        if not there.serves:
            raise Later(f"cannot move slots to {self.move.target}: it does not serve requests yet", 0.1)
        arrived = intersection(self.move.slots, served(there))
        self._close(arrived)
        waiting = difference(intersection(self.move.slots, served(here)), arrived)
        # Whoever imports a slot learns from nobody that it has changed hands: it has forgotten a source that failed.
        self._set(self.target, each(intersection(waiting, there.opened)), "NODE", self.move.ids[0])
        refused, pause = dict[int, str](), PAUSES[1]
        with hurried(self.source), made_room(self.target), migration_user(self.target, self.move) as login:
            for batch in _batches(waiting, union(here.opened, there.opened)):
                refused |= oversized(self.source, batch)
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
        limit = at_once(self.source)
        if self.together:
            with awaited(self.target, batch, self.move.ids[1]) as arrival:
                sentinel_moved = self._empty(batch, sentinel_key(batch[-1]), login, limit, PAUSE)
                taken = sentinel_moved and arrival.happened()
        else:
            self._set(self.source, batch, "MIGRATING", self.move.ids[1])
            taken = self._empty(batch, "", login, limit, pause)
        begun = time.monotonic()
        if not taken:
            self._take(batch)
        took = time.monotonic() - begun
        self._close(_of(batch))
        return min(max(PAUSES[0], int(2000 * took)), PAUSES[2])

    def _empty(self, batch: Sequence[int], last: str, login: tuple[str, str], limit: int, pause: int) -> bool:
        """Move keys until there are none left; whether the sentinel key `last`, if any, went behind them."""
        left, sentinel_moved = 0, 0
        while left == 0:
            left, sentinel_moved = self._step_or_wait(batch, login, (last, self.move.ids[1], str(limit)), pause)
        return bool(sentinel_moved)

    def _step_or_wait(
        self, batch: Sequence[int], login: tuple[str, str], words: Sequence[str], pause: int
    ) -> tuple[int, int]:
        """A step; once more with more time, if a target that lives was silent because it had a large key to take in."""
        timeout = min(TIMEOUT, int(self.move.patience * 1000 * 2 / 3))
        try:
            return self._step(batch, (*login, str(timeout), *words), pause)
        except ResponseError as error:
            if _NO_ANSWER not in str(error) or not has_large(self.source, batch):
                raise
        with borrowed(self.target) as connection:
            connection.send_command("PING")
            connection.read_response(timeout=LONG_TIMEOUT / 1000)
        return self._step(batch, (*login, str(LONG_TIMEOUT), *words), pause)

    def _step(self, batch: Sequence[int], words: Sequence[str], pause: int) -> tuple[int, int]:
        """What no client of the source sees a part of; what _CARRY says."""
        step = self.source.pipeline(transaction=True)
        if self.together:
            for slot in batch:
                step.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", self.move.ids[1])
        place = self.move.address
        step.execute_command("EVAL", _CARRY, 0, place.host, place.port, *words, *batch)
        step.execute_command("CLIENT", "PAUSE", pause)
        *opened, said, paused = step.execute(raise_on_error=False)
        if refused := next((answer for answer in (*opened, said, paused) if isinstance(answer, RedisError)), None):
            raise refused  # in its own words, without the command
        left, sentinel_moved = said
        return int(left), int(sentinel_moved)

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


def _batches(slots: Ranges, opened: Ranges) -> Iterator[list[int]]:
    """What was begun earlier goes first."""
    order = iter([*each(intersection(slots, opened)), *each(difference(slots, opened))])
    while batch := list(itertools.islice(order, BATCH)):
        yield batch

"""Slots that are taken over in the moment in which the last of their keys arrives, without anybody's word.

The target is told what to do then, behind a command that waits for a key: a sentinel key, which the source sends last.
Who moves the slots may be slow; between the last key and the takeover nobody is asked anything.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

from redis import Redis
from redis.connection import Connection
from redis.exceptions import RedisError

from cachewright.controlplane.model.slots import slot_of

# Nothing is taken when something else than the sentinel key ended the wait. Setting the last slot by itself makes the
# target tell everybody.
_TAKE = """
redis.replicate_commands()
if redis.call('DEL', KEYS[1]) == 0 then return redis.error_reply('ERR nothing has arrived') end
redis.call('CLUSTER', 'BUMPEPOCH')
if #ARGV > 2 then
  redis.call('CLUSTER', 'DELSLOTS', unpack(ARGV, 3))
  redis.call('CLUSTER', 'ADDSLOTS', unpack(ARGV, 3))
end
return redis.call('CLUSTER', 'SETSLOT', ARGV[1], 'NODE', ARGV[2])
"""


@dataclass(slots=True, eq=False)
class Arrival:
    """Slots that are about to be taken."""

    connection: Connection
    key: str  # the sentinel key
    commands: int  # that were sent and not answered yet

    def happened(self) -> bool:
        """Whether the slots were taken; the sentinel key has come twice, and its second copy is taken away."""
        try:
            self.connection.send_command("DEL", self.key)
            self.commands += 1
            while self.commands:
                self.connection.read_response()
                self.commands -= 1
        except (RedisError, OSError):
            return False
        return True


@contextmanager
def awaited(target: Redis, slots: Sequence[int], identifier: str) -> Iterator[Arrival]:
    """The target, a node of that id, takes these slots as soon as the sentinel key of the last is there; never after
    the end of the block.
    """
    *others, last = slots
    key = sentinel_key(last)
    waiting = ("BRPOPLPUSH", key, key, "0")  # for as long as it takes: an end by itself would not be told from success
    taking = ("EVAL", _TAKE, "1", key, str(last), identifier, *map(str, others))
    stale = ("DEL", key)  # of an earlier attempt, which ended between the sentinel key and the takeover
    commands = [part for words in (stale, waiting, taking) for part in (("ASKING",), words)]
    connection = target.connection_pool.get_connection()
    arrival = Arrival(connection, key, len(commands))
    try:
        connection.send_packed_command(connection.pack_commands(commands))
        yield arrival
    finally:
        if arrival.commands:
            connection.disconnect()
        target.connection_pool.release(connection)


@lru_cache(1 << 14)
def sentinel_key(slot: int) -> str:
    """The name of a key in that slot, which nobody else uses."""
    tags = map(str, count())
    return f"cachewright:{{{next(tag for tag in tags if slot_of(tag) == slot)}}}"

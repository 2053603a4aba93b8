"""All keys of some slots go to another node in one step of the one that serves them."""

from collections.abc import Sequence
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import ResponseError

from cachewright.agents.engines.facets import Move
from cachewright.agents.engines.redis.connections import borrowed
from cachewright.agents.engines.redis.slots.key_sizes import at_once, has_large

TIMEOUT = 2000  # milliseconds that the target may be silent, and the source with it: within the patience
LONG_TIMEOUT = 10_000  # the same for keys that take the target long, once it has answered again
PATIENCE = 3  # times as long a step may last, from the agent's view; a source that stands still is found out then
_NO_ANSWER = "IOERR error or timeout reading"  # in the engines' words

# Moves keys of the slots until none is left, or as many as may be moved in one step. The sentinel key, if there is one,
# is made first, while nothing has gone yet, and can only be made in a slot that stays. It goes last, and twice: first
# as a copy, which the target deletes as it takes the slots; then without REPLACE, so that it is let in only if that
# has happened. Then the source says at once that the target serves the slots.
_MOVE = """
redis.replicate_commands()
local host, port, user, password, timeout, sentinel_key, target, opens = unpack(ARGV, 1, 8)
local left, slots = tonumber(ARGV[9]), {unpack(ARGV, 10)}
local function migrate(call, how, keys)
  local words = {'MIGRATE', host, port, '', 0, timeout}
  if how ~= '' then words[#words + 1] = how end
  if user ~= '' then
    words[#words + 1] = 'AUTH2'
    words[#words + 1] = user
    words[#words + 1] = password
  end
  words[#words + 1] = 'KEYS'
  for _, key in ipairs(keys) do words[#words + 1] = key end
  return call(unpack(words))
end
local function keys_of(slot)
  local keys = {}
  for _, key in ipairs(redis.call('CLUSTER', 'GETKEYSINSLOT', slot, left + 1)) do
    if key ~= sentinel_key then keys[#keys + 1] = key end
  end
  return keys
end
if sentinel_key ~= '' then
  redis.call('CLUSTER', 'SETSLOT', slots[#slots], 'STABLE')
  if type(redis.pcall('RPUSH', sentinel_key, 1)) ~= 'number' then return 'not made' end
  redis.call('PEXPIRE', sentinel_key, timeout * 10)
end
if opens == '1' then
  for _, slot in ipairs(slots) do redis.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target) end
end
for _, slot in ipairs(slots) do
  local keys = keys_of(slot)
  if #keys > 0 then migrate(redis.call, 'REPLACE', keys) end
  left = left - #keys
  if left <= 0 then return 'more' end
end
if sentinel_key == '' then return 'none' end
migrate(redis.call, 'COPY', {sentinel_key})
local second = migrate(redis.pcall, '', {sentinel_key})
if second.ok ~= 'OK' then
  redis.call('DEL', sentinel_key)
  return 'went'
end
for _, slot in ipairs(slots) do redis.call('CLUSTER', 'SETSLOT', slot, 'NODE', target) end
return 'taken'
"""


@dataclass(frozen=True, slots=True)
class KeyTransfer:
    """The keys of slots that a Move is about, and whom the source says to be at the target."""

    move: Move
    source: Redis
    target: Redis
    login: tuple[str, str]  # the name and its password; empty where there are no logins
    opens: bool  # whether the source opens slots in the step in which it moves their keys

    def run(self, slots: Sequence[int], sentinel_key: str = "", pause: int = 0) -> str:
        """Move keys until there are none left. What became of the sentinel key of the last slot: `taken` by a target
        that serves these slots now, which the source knows; it `went`; it was `not made`, and nothing moved; there was
        `none`. Clients of the source wait for so many milliseconds after it.
        """
        while (end := self._step_or_wait(slots, sentinel_key, pause)) == "more":
            pass
        return end

    def _step_or_wait(self, slots: Sequence[int], sentinel_key: str, pause: int) -> str:
        """A step; once more with more time, if a target that lives was silent because it had a large key to take in."""
        timeout = min(TIMEOUT, int(self.move.patience * 1000 * 2 / 3))
        try:
            return self._step(slots, timeout, sentinel_key, pause)
        except ResponseError as error:
            if _NO_ANSWER not in str(error) or not has_large(self.source, slots):
                raise
        with borrowed(self.target) as connection:
            connection.send_command("PING")
            connection.read_response(timeout=LONG_TIMEOUT / 1000)
        return self._step(slots, LONG_TIMEOUT, sentinel_key, pause)

    def _step(self, slots: Sequence[int], timeout: int, sentinel_key: str, pause: int) -> str:
        """What _MOVE says. A transaction around it would be refused by a source whose memory is full, the one that most
        needs to be rid of slots; a source that gets two commands at once serves nobody between them.
        """
        place, target = self.move.address, self.move.ids[1]
        words = (place.host, place.port, *self.login, timeout, sentinel_key, target)
        commands = [("EVAL", _MOVE, 0, *words, int(self.opens), at_once(self.source), *slots)]
        if pause:
            commands.append(("CLIENT", "PAUSE", pause))
        with borrowed(self.source) as connection:
            connection.send_packed_command(connection.pack_commands(commands))
            answers = [connection.read_response(timeout=timeout * PATIENCE / 1000) for _ in commands]
        end: bytes = answers[0]
        return end.decode()

"""All that a node of Memcached holds, as commands that add it again.

The engine's crawler tells of the keys, on a connection of its own and in a thread of its own. Each is asked for as it
is told, a few at a time, in such a way that nobody's place in the order of use changes. Nothing is held up, so each
item is as it was at some moment meanwhile.

The crawler goes twice. In the order of use (`all`) it holds nobody up, but looks at no more items than there were as it
began: one that is written behind it comes to stand before it again, and takes the place of one that it has not reached.
So it goes through the hash table as well (`hash`), where an item stays while it is written: whatever is there all the
time is told. There it waits for its reader with a part of the table locked, so nothing is done meanwhile but reading.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from cachewright.agents.engines.memcached.items import LONGEST_KEY, Item, said, written
from cachewright.agents.engines.memcached.wire import Refused, Wire

# Keys, bytes of items and bytes of keys that are asked for at a time; the questions fit into what a node reads at once,
# because it does not go on with what it has decrypted and not read (1.6.18).
COUNT, SIZE, ASKED = 100, 1 << 20, 4000
MARGIN = 10_000  # items that may come until the crawler begins
BITS, SET = 64, 6  # for each key, and how many of them are set
_END = frozenset({b"END", b"EN"})


@dataclass(frozen=True, slots=True)
class _Told:
    """What the crawler tells of an item."""

    key: bytes
    expires: int  # in Unix time; below 0: never
    size: int  # bytes, with all that belongs to it


class Seen:
    """Which keys are in the dump, in eight bytes for each, whatever they are (a Bloom filter): one in two million that
    is not is taken for one that is.
    """

    def __init__(self, items: int) -> None:
        self._bits = bytearray((items + MARGIN) * BITS // 8)

    def __contains__(self, key: bytes) -> bool:
        return all(self._bits[place] >> bit & 1 for place, bit in self._places(key))

    def add(self, key: bytes) -> None:
        """It is in the dump."""
        for place, bit in self._places(key):
            self._bits[place] |= 1 << bit

    def _places(self, key: bytes) -> Iterator[tuple[int, int]]:
        first, step = hash(key), hash(key + b" ") | 1
        return (divmod((first + number * step) % (8 * len(self._bits)), 8) for number in range(SET))


def dumped(crawler: Wire, asked: Wire, began: int, seen: Seen, hidden: bytes) -> Iterator[bytes]:
    """The commands for all items but the `hidden` one; `began` is what the node's clock shows. OSError; Refused."""
    ahead = began - time.monotonic()

    def new(order: bytes) -> Iterator[_Told]:
        return (item for item in _crawled(crawler, order) if item.key != hidden and item.key not in seen)

    for found in _found(asked, new(b"all"), ahead):
        for item in found:
            seen.add(item.key)
        yield b"".join(map(written, found))
    left = list(new(b"hash"))  # whoever asks before its end may ask for what is locked until somebody reads on
    for found in _found(asked, left, ahead):
        yield b"".join(map(written, found))


def _found(asked: Wire, told: Iterable[_Told], ahead: float) -> Iterator[list[Item]]:
    """What is there still of some items, a piece at a time; `ahead` of ours is the node's clock."""
    for batch in _batches(told):
        if found := _asked(asked, batch, int(ahead + time.monotonic())):
            yield found


def _crawled(crawler: Wire, order: bytes) -> Iterator[_Told]:
    """Every item, as it is told: `key=a%20b exp=-1 la=1700000000 cas=3 fetch=no cls=1 size=63`."""
    crawler.say(b"lru_crawler metadump %s\r\n" % order)
    while (line := crawler.line()) not in _END:
        if not line.startswith(b"key="):
            raise Refused(line.decode(errors="replace"))
        facts = dict(part.partition(b"=")[::2] for part in line.split())
        key, numbers = unquote_to_bytes(facts[b"key"]), (int(facts.get(name, 0)) for name in (b"exp", b"size"))
        yield _Told(key, *numbers)


def _batches(told: Iterable[_Told]) -> Iterator[list[_Told]]:
    batch: list[_Told] = []
    size = asked = 0
    for item in told:
        batch.append(item)
        size, asked = size + item.size, asked + len(item.key)
        if len(batch) == COUNT or size >= SIZE or asked >= ASKED:
            yield batch
            batch, size, asked = [], 0, 0
    if batch:
        yield batch


def _asked(asked: Wire, batch: list[_Told], clock: int) -> list[Item]:
    """What is there still of some items."""
    questions = [_question(number, item.key) for number, item in enumerate(batch)]
    asked.say(b"".join(questions) + b"mn\r\n")
    found: list[Item] = []
    while (line := asked.line()) != b"MN":
        code, *facts = line.split()
        if code != b"VA":
            raise Refused(line.decode(errors="replace"))
        value = asked.value(int(facts[0]))
        known = {fact[:1]: fact[1:] for fact in facts[1:]}
        told, left = batch[int(known[b"O"])], int(known[b"t"])
        found.append(Item(told.key, value, int(known[b"f"]), _expiry(told.expires, left, clock)))
    return found


def _question(number: int, key: bytes) -> bytes:
    """`u`: it counts as not used, `q`: nothing is said where nothing is; `O` comes back. Nothing is asked of a key that
    no command can say: only the binary protocol can.
    """
    name, encoded = said(key)
    return b"" if len(name) > LONGEST_KEY else b"mg %s%s O%d f t v u q\r\n" % (name, encoded, number)


def _expiry(told: int, left: int, clock: int) -> int:
    """When an item expires that has so many seconds left: as the crawler told, unless it was changed since."""
    if left < 0:
        return 0
    return told if abs(clock + left - told) <= 1 else clock + left

"""All that a node of Memcached holds, as commands that add it again.

The engine's crawler tells of all keys, on a connection of its own and in a thread of its own. Each key is asked for as
it is told, a few at a time, in such a way that nobody's place in the order of use changes. Nothing is held up, so each
item is as it was at some moment meanwhile. An item that is written or read moves within that order, and may come to
stand where the crawler has been already: a second crawl looks for those that were used since the first began.
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
ALL = 0  # every item was used since
_END = frozenset({b"END", b"EN"})


@dataclass(frozen=True, slots=True)
class _Told:
    """What the crawler tells of an item."""

    key: bytes
    expires: int  # in Unix time; below 0: never
    used: int  # when it was used last
    size: int  # bytes, with all that belongs to it


def dumped(crawler: Wire, asked: Wire, began: int, hidden: bytes) -> Iterator[bytes]:
    """The commands for all items but the `hidden` one; `began` is what the node's clock shows. OSError; Refused."""
    since, clock = time.monotonic(), began
    for used in (ALL, began - 1):  # its clock goes on once a second
        told = (item for item in _crawled(crawler) if item.used >= used and item.key != hidden)
        for batch in _batches(told):
            clock = began + int(time.monotonic() - since)
            if found := _asked(asked, batch, clock):
                yield b"".join(map(written, found))


def _crawled(crawler: Wire) -> Iterator[_Told]:
    """Every item, as it is told: `key=a%20b exp=-1 la=1700000000 cas=3 fetch=no cls=1 size=63`."""
    crawler.say(b"lru_crawler metadump all\r\n")
    while (line := crawler.line()) not in _END:
        if not line.startswith(b"key="):
            raise Refused(line.decode(errors="replace"))
        facts = dict(part.partition(b"=")[::2] for part in line.split())
        key, numbers = unquote_to_bytes(facts[b"key"]), (int(facts.get(name, 0)) for name in (b"exp", b"la", b"size"))
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

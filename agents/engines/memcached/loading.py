"""Items that are added to a node of Memcached, some at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice

from cachewright.agents.engines.memcached.items import Item, said
from cachewright.agents.engines.memcached.wire import Refused, Wire

COUNT = 200  # commands until an answer is waited for
AT_ONCE = 8192  # bytes
_THERE = b"NS"  # what is said when an item is there already


def load(wire: Wire, items: Iterable[Item], clock: int) -> None:
    """Add what is not there yet and has not expired by the node's clock. OSError; Refused."""
    left = (item for item in items if not item.expires or item.expires > clock)
    while batch := tuple(islice(left, COUNT)):
        for record in _records(map(_command, batch)):
            wire.say(record)
        wire.say(b"mn\r\n")
        while (line := wire.line()) != b"MN":
            if line != _THERE:
                raise Refused(line.decode(errors="replace"))


def _records(commands: Iterable[bytes]) -> Iterator[bytes]:
    """Together what a node reads at once, and what is larger by itself: after a value that it has not read with its
    command it waits for more to arrive, although it may have decrypted the next command already, from the same record
    (1.6.18).
    """
    together = b""
    for command in commands:
        if together and len(together) + len(command) > AT_ONCE:
            yield together
            together = b""
        together += command
    yield together


def _command(item: Item) -> bytes:
    """`q`: nothing is said when it is done."""
    key, encoded = said(item.key)
    words = (key, len(item.value), encoded, item.flags, item.expires, item.value)
    return b"ms %s %d%s ME q F%d T%d\r\n%s\r\n" % words

"""Items that are added to a node of Memcached, some at a time."""

from collections.abc import Iterable
from itertools import islice

from cachewright.agents.engines.memcached.items import Item, said
from cachewright.agents.engines.memcached.wire import Refused, Wire

COUNT = 200  # commands until an answer is waited for
_THERE = b"NS"  # what is said when an item is there already


def load(wire: Wire, items: Iterable[Item], clock: int) -> None:
    """Add what is not there yet and has not expired by the node's clock. OSError; Refused."""
    left = (item for item in items if not item.expires or item.expires > clock)
    while batch := tuple(islice(left, COUNT)):
        # One by one: after a value that did not come as a whole with its command a node waits for more to arrive,
        # although it may have decrypted the next command already, from the same record (1.6.18).
        for item in batch:
            wire.say(_command(item))
        wire.say(b"mn\r\n")
        while (line := wire.line()) != b"MN":
            if line != _THERE:
                raise Refused(line.decode(errors="replace"))


def _command(item: Item) -> bytes:
    """`q`: nothing is said when it is done."""
    key, encoded = said(item.key)
    words = (key, len(item.value), encoded, item.flags, item.expires, item.value)
    return b"ms %s %d%s ME q F%d T%d\r\n%s\r\n" % words

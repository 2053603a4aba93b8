"""What Memcached is asked on behalf of a person: its text protocol, on a connection that hears only so much."""

from collections.abc import Iterator
from dataclasses import dataclass

from cachewright.agents.engines.exchange import Exchange

_ERRORS = (b"ERROR", b"CLIENT_ERROR", b"SERVER_ERROR")
_ENDS = frozenset({b"END", b"EN", b"OK", b"RESET"})


@dataclass(frozen=True, slots=True)
class Item:
    """What is at a key: as much of it as is wanted, and what tells it from what was there before."""

    value: bytes
    size: int  # bytes
    flags: int
    unique: int


class Session:
    """Questions and answers, in order. OSError where it breaks; TooLong."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def ask(self, words: bytes) -> bytes:
        """The answer, which is one line."""
        self._exchange.say(words + b"\r\n")
        return self._exchange.line()

    def lines(self, words: bytes) -> Iterator[bytes]:
        """The lines of the answer, up to the one that ends it. Whoever reads no further closes the connection."""
        self._exchange.say(words + b"\r\n")
        while (line := self._exchange.line()) not in _ENDS and not line.startswith(_ERRORS):
            yield line
        if line.startswith(_ERRORS):
            yield line

    def item(self, key: bytes, most: int) -> Item | None:
        """What is at a key, of which `most` bytes are read: of one that is longer the connection is of no use any more.
        None: nothing.
        """
        self._exchange.say(b"gets %s\r\n" % key)
        if not (line := self._exchange.line()).startswith(b"VALUE "):
            return None
        *_, flags, size, unique = line.split()
        value = self._exchange.take(min(int(size), most))
        if int(size) <= most:
            self._exchange.take(len(b"\r\nEND\r\n"))
        return Item(value, int(size), int(flags), int(unique))

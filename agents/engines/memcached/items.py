"""A file of what Memcached held: the commands that add it again. Pure.

`memcached-tool HOST dump` writes the same: `add KEY FLAGS EXPIRES SIZE`, and the value in the next line; a moment of
expiry is in Unix time, and 0 says never. A key that this cannot say, because it has a blank or a control byte in it, is
added by `ms`, in base64. The last line is `quit`, so that nothing is missing where it stands: `nc HOST PORT < FILE`
loads it all.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

END = b"quit\r\n"
LONGEST_KEY = 250  # bytes, as it is written
_LONGEST_LINE = 512  # bytes
_LARGEST = 1 << 30  # bytes of a value: no engine takes more
_BLANK = re.compile(rb"[\x00-\x20\x7f]")
_ADD = re.compile(rb"add ([^\x00-\x20\x7f]{1,250}) (\d{1,10}) (\d{1,10}) (\d{1,10})")
_META = re.compile(rb"ms ([A-Za-z0-9+/=]{1,250}) (\d{1,10}) b ME F(\d{1,10}) T(\d{1,10})")


@dataclass(frozen=True, slots=True)
class Item:
    """What is at a key."""

    key: bytes
    value: bytes
    flags: int = 0
    expires: int = 0  # in Unix time; 0: never


def said(key: bytes) -> tuple[bytes, bytes]:
    """A key as a meta command says it, and the flag that follows; what no command can say is too long."""
    return (b64encode(key), b" b") if _BLANK.search(key) else (key, b"")


def written(item: Item) -> bytes:
    """The commands that add an item."""
    key, encoded = said(item.key)
    head = (
        b"ms %s %d b ME F%d T%d" % (key, len(item.value), item.flags, item.expires)
        if encoded
        else b"add %s %d %d %d" % (key, item.flags, item.expires, len(item.value))
    )
    return b"%s\r\n%s\r\n" % (head, item.value)


def read(pieces: Iterable[bytes]) -> Iterator[Item]:
    """The items of a file, which is read to its end; ValueError where it is no such file, or not all of one."""
    text = _Text(iter(pieces))
    while (line := text.line()) != END[:-2]:
        if found := _ADD.fullmatch(line):
            key, flags, expires, size = found.groups()
        elif found := _META.fullmatch(line):
            key, size, flags, expires = found.groups()
            key = b64decode(key, validate=True)
        else:
            raise ValueError(f"{line[:80]!r} adds no item")
        yield Item(key, text.value(int(size)), int(flags), int(expires))
    text.end()


class _Text:
    """Pieces, as lines and values."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._heard = bytearray()

    def line(self) -> bytes:
        while (end := self._heard.find(b"\r\n")) < 0:
            if len(self._heard) > _LONGEST_LINE or not self._more():
                raise ValueError("a line has no end")
        return self._take(end + 2)[:-2]

    def value(self, size: int) -> bytes:
        while size <= _LARGEST and len(self._heard) < size + 2:
            if not self._more():
                break
        taken = self._take(size + 2)
        if len(taken) != size + 2 or not taken.endswith(b"\r\n"):
            raise ValueError("a value is not as long as it is said to be")
        return taken[:-2]

    def end(self) -> None:
        if self._heard or self._more():
            raise ValueError("something follows its end")

    def _more(self) -> bool:
        piece = next(self._pieces, b"")
        self._heard += piece
        return bool(piece)

    def _take(self, count: int) -> bytes:
        taken = bytes(self._heard[:count])
        del self._heard[:count]
        return taken

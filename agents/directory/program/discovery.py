"""The Auto Discovery protocol as bytes: questions among a client's commands, and the answers. Pure.

Source: ElastiCache user guide, "Adding Auto Discovery to your client library". Standard library only: it is part of the
container's program.
"""

from collections.abc import Iterator
from enum import Enum

from cachewright.agents.directory.program.listing import Listing

BINARY = 0x80  # the first byte of every request of Memcached's binary protocol
LONGEST = 4096  # bytes of a line that may still be of interest; lines of many keys are longer
KEY = 250  # bytes of the longest key
BLOCK = (1 << 31) - 3  # bytes of the longest data block that Memcached reads


class Question(Enum):
    """What the directory answers itself; the value is the first line of the answer, but for the length."""

    CONFIG = b"CONFIG cluster 0"
    ITEM = b"VALUE AmazonElastiCache:cluster 0"


_QUESTIONS: dict[tuple[bytes, ...], Question] = {
    (b"config", b"get", b"cluster"): Question.CONFIG,
    (b"get", b"AmazonElastiCache:cluster"): Question.ITEM,
}
# How many words a command line has that a data block follows: with and without `noreply`.
_STORING: dict[bytes, tuple[int, int]] = {
    **dict.fromkeys((b"set", b"add", b"replace", b"append", b"prepend"), (5, 6)),
    b"cas": (6, 7),
}


def answer(question: Question, listing: Listing) -> bytes:
    """The whole answer. The length is that of the version and the nodes with a line feed after each."""
    nodes = " ".join(f"{node.host}|{node.ip}|{node.port}" for node in sorted(listing.nodes))
    payload = f"{listing.version}\n{nodes}\n".encode()
    return b"%b %d\r\n%b\r\nEND\r\n" % (question.value, len(payload), payload)


def block(words: tuple[bytes, ...]) -> int:
    """How many bytes follow a command line of these words as its data, the line end after them included."""
    if words[0] in _STORING:
        return _stored(words)
    return _meta_stored(words) if words[0] == b"ms" and len(words) > 2 else 0


def _stored(words: tuple[bytes, ...]) -> int:
    """Of a line that Memcached does not understand, it takes what follows for commands."""
    numeric = all(word.removeprefix(b"-").isdigit() for word in words[2:5])
    if len(words) not in _STORING[words[0]] or len(words[1]) > KEY or not numeric:
        return 0
    return _room(words[4])


def _meta_stored(words: tuple[bytes, ...]) -> int:
    """`ms KEY LENGTH FLAGS`; before 1.6.11 the length was a flag: `S123`."""
    if words[2].isdigit():
        return _room(words[2])
    return next((_room(word[1:]) for word in words[2:] if word[:1] == b"S" and word[1:].isdigit()), 0)


def _room(length: bytes) -> int:
    size = int(length)
    return size + 2 if 0 <= size <= BLOCK else 0


class Commands:
    """What a client sends, split into questions and what is a node's to answer."""

    def __init__(self) -> None:
        self._rest = b""  # the beginning of a line
        self._data = 0  # bytes of a data block that are still to come
        self._long = False  # in the middle of a line that is too long to be of interest
        self._binary: bool | None = None  # None: nothing came yet

    def feed(self, chunk: bytes) -> Iterator[bytes | Question]:
        """The questions among the next bytes, and what lies between them, in order."""
        if self._binary is None and chunk:
            self._binary = chunk[0] == BINARY
        if self._binary:
            yield chunk
            return
        buffer = self._rest + chunk
        begun = at = 0
        while True:
            end, line = self._unit(buffer, at)
            if end == at:
                break
            words = _words(line)
            if question := _QUESTIONS.get(words):
                if begun < at:
                    yield buffer[begun:at]
                yield question
                begun = end
            elif words:
                self._data = block(words)
            at = end
        if begun < at:
            yield buffer[begun:at]
        self._rest = buffer[at:]

    def _unit(self, buffer: bytes, at: int) -> tuple[int, bytes]:
        """Where the next command line or piece of data ends, and the line; it ends at `at` while it is not there."""
        if self._data:
            end = min(at + self._data, len(buffer))
            self._data -= end - at
            return end, b""
        end = buffer.find(b"\n", at) + 1
        if not end:
            self._long = self._long or len(buffer) - at > LONGEST
            return (len(buffer) if self._long else at), b""
        line = b"" if self._long else buffer[at:end]
        self._long = False
        return end, line


def _words(line: bytes) -> tuple[bytes, ...]:
    return tuple(word for word in line.rstrip(b"\r\n").split(b" ") if word)

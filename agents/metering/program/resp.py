"""Where requests and replies of Redis's protocol begin and end, in pieces as they come. Pure; standard library only:
part of the container's program.

Source: the Redis serialization protocol specification, RESP2 and RESP3.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cachewright.agents.metering.program.contact import LONGEST

END = b"\r\n"
LONGEST_LINE = 64 * 1024  # bytes of a line that is no bulk; the engines allow no more
LONGEST_WORD = 512 * 1024 * 1024  # bytes of a word of a request: proto-max-bulk-len of serverless caches
TELLING = 2  # words that tell a command from others
_BULKS = frozenset(b"$=!")
_WIDTHS = {ord("*"): 1, ord("~"): 1, ord(">"): 1, ord("%"): 2, ord("|"): 2}  # values of an element of an aggregate
_PUSH, _ATTRIBUTE = ord(">"), ord("|")


class Broken(Exception):  # noqa: N818 - a finding
    """What came is not of the protocol."""


@dataclass(frozen=True, slots=True)
class Request:
    """A command as it came."""

    name: bytes  # in capitals
    option: bytes  # the second word in capitals, which tells some commands apart
    words: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a reply, which ends with it or not."""

    data: bytes
    ends: bool
    push: bool = False  # nobody asked for it


class Requests:
    """What a client says, cut into commands. What was read of one is not read again when more of it comes."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._at = 0  # how far the command with which it begins was read
        self._words = self._missing = 0  # how many it has, and how many of them are still to come
        self._first: list[bytes] = []  # of its words

    def feed(self, data: bytes) -> Iterator[Request]:
        """The commands that are whole now; Broken for what is none."""
        self._buffer += data
        while self._is_whole():
            raw, words, first = bytes(self._buffer[: self._at]), self._words, self._first
            del self._buffer[: self._at]
            self._at, self._words, self._first = 0, 0, []
            if words:
                yield Request(first[0].upper(), first[1].upper() if words > 1 else b"", words, raw)
        if len(self._buffer) > LONGEST:
            raise Broken("a request is too long")

    def _is_whole(self) -> bool:
        if not self._at and not self._begins():
            return False
        while self._missing:
            if not self._reads_word():
                return False
        return True

    def _begins(self) -> bool:
        bulks = self._buffer.startswith(b"*")
        end = END if bulks else b"\n"
        line = self._line_end(end)
        if line < 0:
            return False
        said, self._at = bytes(self._buffer[:line]), line + len(end)
        if bulks:
            self._words = self._missing = max(0, _number(said[1:]))
        else:
            words = said.split()
            self._words, self._first = len(words), words[:TELLING]
        return True

    def _reads_word(self) -> bool:
        line = self._line_end(END)
        if line < 0:
            return False
        if self._buffer[self._at] != ord("$"):
            raise Broken("a word of a request is no bulk")
        length, begin = _number(bytes(self._buffer[self._at + 1 : line])), line + len(END)
        if not 0 <= length <= LONGEST_WORD:
            raise Broken("a word of a request has no length that there is")
        if begin + length + len(END) > len(self._buffer):
            return False
        if len(self._first) < TELLING:
            self._first.append(bytes(self._buffer[begin : begin + length]))
        self._at, self._missing = begin + length + len(END), self._missing - 1
        return True

    def _line_end(self, end: bytes) -> int:
        """Where the line ends that comes next; -1 while it is not whole."""
        found = self._buffer.find(end, self._at)
        if found < 0 and len(self._buffer) - self._at > LONGEST_LINE:
            raise Broken("a line of a request is too long")
        return found


class Replies:
    """What a node says, cut where replies end. Nothing is held back but the beginning of a line."""

    def __init__(self) -> None:
        self._rest = b""
        self._bulk = 0  # bytes of a bulk that are still to come, with its end
        self._values = 0  # that the reply still lacks; 0: between two replies
        self._push = False

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Everything that came, in order; Broken for what is no reply."""
        data, at, begin = self._rest + data, 0, 0
        while at < len(data):
            if self._bulk:
                read = min(self._bulk, len(data) - at)
                self._bulk -= read
                at += read
            else:
                end = data.find(END, at)
                if end < 0:
                    break
                self._line(data[at:end])
                at = end + len(END)
            if not self._bulk and not self._values:
                yield Piece(data[begin:at], ends=True, push=self._push)
                begin = at
        self._rest = data[at:]
        if len(self._rest) > LONGEST_LINE:
            raise Broken("a line of a reply is too long")
        if begin < at:
            yield Piece(data[begin:at], ends=False, push=self._push)

    def _line(self, line: bytes) -> None:
        if not line:
            raise Broken("a reply has an empty line")
        kind = line[0]
        if not self._values:
            self._values, self._push = 1, kind == _PUSH
        self._values -= 1
        if kind in _BULKS:
            length = _number(line[1:])
            self._bulk = length + len(END) if length >= 0 else 0
        elif width := _WIDTHS.get(kind):
            self._values += max(0, _number(line[1:])) * width + (kind == _ATTRIBUTE)  # which stands before a value


def _number(text: bytes) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise Broken("a length is no number") from error

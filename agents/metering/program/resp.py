"""Where requests and replies of Redis's protocol begin and end, in pieces as they come. Pure; standard library only:
part of the container's program.

Source: the Redis serialization protocol specification, RESP2 and RESP3.
"""

from collections.abc import Iterator
from dataclasses import dataclass

END = b"\r\n"
LONGEST_LINE = 64 * 1024  # bytes of a line that is no bulk; the engines allow no more
LONGEST_WORD = 512 * 1024 * 1024  # bytes of a word of a request: proto-max-bulk-len of serverless caches
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
    """What a client says, cut into commands."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Request]:
        """The commands that are whole now; Broken for what is none."""
        self._buffer += data
        begin = 0
        while found := _request(self._buffer, begin):
            words, end = found
            raw, begin = bytes(self._buffer[begin:end]), end
            if words:
                option = words[1].upper() if len(words) > 1 else b""
                yield Request(words[0].upper(), option, len(words), raw)
        del self._buffer[:begin]


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


def _request(buffer: bytearray, begin: int) -> tuple[list[bytes], int] | None:
    """The words of the first command, and where it ends; None while it is not whole."""
    line = _line_end(buffer, begin, END if buffer[begin : begin + 1] == b"*" else b"\n")
    if line < 0:
        return None
    if buffer[begin] != ord("*"):
        return bytes(buffer[begin:line]).split(), line + 1
    words, at = [], line + len(END)
    for _ in range(_number(bytes(buffer[begin + 1 : line]))):
        if not (found := _bulk(buffer, at)):
            return None
        word, at = found
        words.append(word)
    return words, at


def _bulk(buffer: bytearray, at: int) -> tuple[bytes, int] | None:
    line = _line_end(buffer, at, END)
    if line < 0:
        return None
    if buffer[at] != ord("$"):
        raise Broken("a word of a request is no bulk")
    length, begin = _number(bytes(buffer[at + 1 : line])), line + len(END)
    if not 0 <= length <= LONGEST_WORD:
        raise Broken("a word of a request has no length that there is")
    end = begin + length
    return (bytes(buffer[begin:end]), end + len(END)) if end + len(END) <= len(buffer) else None


def _line_end(buffer: bytearray, at: int, end: bytes) -> int:
    """Where a line of a request ends; -1 while it is not whole."""
    found = buffer.find(end, at)
    if found < 0 and len(buffer) - at > LONGEST_LINE:
        raise Broken("a line of a request is too long")
    return found


def _number(text: bytes) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise Broken("a length is no number") from error

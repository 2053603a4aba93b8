"""CBOR (RFC 8949), as far as Smithy's protocol needs it: maps, lists, text, whole numbers, true, false and null."""

from dataclasses import dataclass
from struct import pack
from typing import Any

DEEPEST = 16  # levels of lists and maps in each other, far more than any request has

_UNSIGNED, _NEGATIVE, _TEXT, _LIST, _MAP, _SIMPLE = 0, 1, 3, 4, 5, 7  # major types
_OPEN = 31  # the length of what goes on until `_BREAK`
_BREAK = 0xFF
_SIMPLE_VALUES = {20: False, 21: True, 22: None, 23: None}


def encoded(value: object) -> bytes:
    """A value as CBOR. Raises TypeError for what none of ours is."""
    match value:
        case None:
            return b"\xf6"
        case bool():
            return b"\xf5" if value else b"\xf4"
        case int():
            return _head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
        case str():
            text = value.encode()
            return _head(_TEXT, len(text)) + text
        case list() | tuple():
            return _head(_LIST, len(value)) + b"".join(map(encoded, value))
        case dict():
            return _head(_MAP, len(value)) + b"".join(encoded(part) for pair in value.items() for part in pair)
    raise TypeError(f"cannot write {type(value).__name__} as CBOR")


def decoded(content: bytes) -> object:
    """The value that some CBOR is. Raises ValueError for anything else."""
    reader = _Reader(content)
    value = reader.value(0)
    if reader.at != len(content):
        raise ValueError("something follows the value")
    return value


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for more, form, limit in ((24, ">B", 1 << 8), (25, ">H", 1 << 16), (26, ">I", 1 << 32)):
        if number < limit:
            return bytes([major << 5 | more]) + pack(form, number)
    return bytes([major << 5 | 27]) + pack(">Q", number)


@dataclass(slots=True)
class _Reader:
    content: bytes
    at: int = 0

    def value(self, depth: int) -> object:
        if depth > DEEPEST:
            raise ValueError("too many levels")
        first = self._take(1)[0]
        major, more = first >> 5, first & 31
        if major == _SIMPLE:
            return self._simple(more)
        if major in (_LIST, _MAP):
            parts = self._parts(more, 1 if major == _LIST else 2, depth + 1)
            return parts if major == _LIST else self._map(parts)
        number = self._number(more)
        match major:
            case 0:
                return number
            case 1:
                return -1 - number
            case 3:
                return self._take(number).decode()
        raise ValueError("a type that no request has")

    def _simple(self, more: int) -> bool | None:
        if more not in _SIMPLE_VALUES:
            raise ValueError("a type that no request has")
        return _SIMPLE_VALUES[more]

    def _parts(self, more: int, each: int, depth: int) -> list[Any]:
        """The parts of a list, or of a map, keys and values in turn."""
        if more != _OPEN:
            return [self.value(depth) for _ in range(self._bounded(self._number(more) * each))]
        parts = []
        while self._look() != _BREAK:
            parts.append(self.value(depth))
        self.at += 1
        return parts

    def _map(self, parts: list[Any]) -> dict[str, Any]:
        keys = parts[::2]
        if len(parts) % 2 or not all(isinstance(key, str) for key in keys):
            raise ValueError("a map whose keys are no text")
        return dict(zip(keys, parts[1::2], strict=True))

    def _number(self, more: int) -> int:
        if more < 24:
            return more
        if more > 27:
            raise ValueError("a length that there is not")
        return int.from_bytes(self._take(1 << more - 24))

    def _bounded(self, count: int) -> int:
        """Every part takes a byte at least."""
        if count > len(self.content) - self.at:
            raise ValueError("it ends too early")
        return count

    def _look(self) -> int:
        if self.at >= len(self.content):
            raise ValueError("it ends too early")
        return self.content[self.at]

    def _take(self, count: int) -> bytes:
        taken = self.content[self.at : self.at + self._bounded(count)]
        self.at += count
        return taken

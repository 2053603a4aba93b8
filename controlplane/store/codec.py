"""How the types of documents are written down and read: dataclasses, tuples, mappings, enumerations, moments, numbers
and texts.

Nothing is taken for another type, and what is not known is refused. Pydantic does the same, and takes a tenth of the
memory of an idle control plane for it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from itertools import repeat
from types import MappingProxyType, NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

_PLAIN: Mapping[Any, str] = {str: "a text", int: "a whole number", bool: "true or false"}
_NUMBERS = (int, float)

Read = Callable[[Any], Any]  # from what JSON can say


class Misread(Exception):  # noqa: N818
    """Something in a document is not what it should be; says where and why, and nothing of what is there."""

    def __init__(self, cause: str, where: tuple[str, ...] = ()) -> None:
        super().__init__(f"{'.'.join(where)}: {cause}" if where else cause)
        self.cause, self.where = cause, where

    def within(self, name: str) -> "Misread":
        """The same, in something larger."""
        return Misread(self.cause, (name, *self.where))


@dataclass(frozen=True, slots=True)
class Codec:
    """How values of a type become what JSON can say, and come back. Misread when it is nothing of the type."""

    write: Callable[[Any], Any]
    read: Read


@cache
def codec_of(kind: Any) -> Codec:  # noqa: ANN401 - a type
    """The codec of a type; TypeError when documents have nothing of it."""
    origin, parts = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _record(kind)
    if origin is tuple:
        return _row(codec_of(parts[0])) if parts[1:] == (...,) else _fixed([codec_of(part) for part in parts])
    if origin is UnionType and NoneType in parts and len(parts) == 2:
        return _optional(codec_of(next(part for part in parts if part is not NoneType)))
    if origin is Mapping and parts[0] is str:
        return _mapping(codec_of(parts[1]))
    if kind in _PLAIN:
        return _plain(kind)
    if kind is float:
        return Codec(float, lambda told: float(_of(told, _NUMBERS, "a number")))
    if kind is datetime:
        return Codec(_moment_written, _moment)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _choice(kind)
    raise TypeError(f"documents have no {kind}")


def _record(kind: Any) -> Codec:  # noqa: ANN401 - a dataclass
    """What is as it is by default is not written."""
    types = get_type_hints(kind)
    parts = {field.name: codec_of(types[field.name]) for field in fields(kind)}
    usual = {field.name: _default(field) for field in fields(kind)}
    readers = {name: codec.read for name, codec in parts.items()}

    def write(value: Any) -> dict[str, Any]:  # noqa: ANN401
        contents = ((name, codec, getattr(value, name)) for name, codec in parts.items())
        return {name: codec.write(content) for name, codec, content in contents if content != usual[name]}

    def read(told: Any) -> Any:  # noqa: ANN401
        return kind(**_contents(_of(told, dict, "an object"), readers))

    return Codec(write, read)


def _contents(told: Mapping[str, Any], readers: Mapping[str, Read]) -> dict[str, Any]:
    name, read = "", {}
    try:
        for name, one in told.items():
            read[name] = readers[name](one)
    except Misread as reason:
        raise reason.within(name) from reason
    except KeyError:
        raise Misread("no such field is known", (name,)) from None
    return read


def _default(field: Field[Any]) -> Any:  # noqa: ANN401
    """MISSING, which equals nothing else, where there is none."""
    return field.default if field.default_factory is MISSING else field.default_factory()


def _row(item: Codec) -> Codec:
    def read(told: Any) -> tuple[Any, ...]:  # noqa: ANN401
        return _items(told, repeat(item.read))

    return Codec(lambda value: [*map(item.write, value)], read)


def _fixed(items: Sequence[Codec]) -> Codec:
    def read(told: Any) -> tuple[Any, ...]:  # noqa: ANN401
        if len(_of(told, list, "a list")) != len(items):
            raise Misread(f"it should have {len(items)} items")
        return _items(told, [item.read for item in items])

    return Codec(lambda value: [item.write(one) for item, one in zip(items, value, strict=True)], read)


def _items(told: Any, reads: Iterable[Read]) -> tuple[Any, ...]:  # noqa: ANN401
    items, read = _of(told, list, "a list"), []
    try:
        for one, reading in zip(items, reads, strict=False):
            read.append(reading(one))
    except Misread as reason:
        raise reason.within(str(len(read))) from reason
    return tuple(read)


def _optional(present: Codec) -> Codec:
    return Codec(
        lambda value: None if value is None else present.write(value),
        lambda told: None if told is None else present.read(told),
    )


def _mapping(content: Codec) -> Codec:
    """What was read is shared, so nobody can change it."""

    def read(told: Any) -> Mapping[str, Any]:  # noqa: ANN401
        readers = dict.fromkeys(_of(told, dict, "an object"), content.read)
        return MappingProxyType(_contents(told, readers))

    return Codec(lambda value: {name: content.write(one) for name, one in value.items()}, read)


def _plain(kind: Any) -> Codec:  # noqa: ANN401 - a type
    def read(told: Any) -> Any:  # noqa: ANN401
        if type(told) is not kind:  # True is no number here
            raise Misread(f"it should be {_PLAIN[kind]}")
        return told

    return Codec(lambda value: value, read)


def _choice(kind: type[Enum]) -> Codec:
    def read(told: Any) -> Enum:  # noqa: ANN401
        try:
            return kind(told)
        except ValueError:
            raise Misread(f"it should be one of {', '.join(str(one.value) for one in kind)}") from None

    return Codec(lambda value: value.value, read)


def _moment_written(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _moment(told: Any) -> datetime:  # noqa: ANN401
    try:
        return datetime.fromisoformat(_of(told, str, "a moment"))
    except ValueError:
        raise Misread("it should be a moment") from None


def _of(told: Any, kind: Any, called: str) -> Any:  # noqa: ANN401
    if not isinstance(told, kind):
        raise Misread(f"it should be {called}")
    return told

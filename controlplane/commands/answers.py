"""Answers of a control plane as values: JSON documents, read by the types of dataclasses.

Pydantic reads them as well, but needs 16 ms to learn the types, where a whole command has 180 ms.
"""

import json
from dataclasses import is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Answer = TypeVar("Answer")


def read(kind: type[Answer], document: bytes) -> Answer:
    """The value in a document; ValueError when there is no such one. What a later version says besides is left out."""
    try:
        value: Answer = _value(kind, json.loads(document))
    except (TypeError, KeyError) as error:
        raise ValueError(f"it is no {kind.__name__}: {error}") from error
    return value


def _value(kind: Any, told: Any) -> Any:  # noqa: ANN401 - a type, what JSON can say, and a value of the type
    if isinstance(kind, type) and is_dataclass(kind):
        return kind(**{name: _value(part, told[name]) for name, part in _parts(kind).items() if name in told})
    if get_origin(kind) is tuple:
        (item, _) = get_args(kind)
        return tuple(_value(item, one) for one in _of(list, told))
    if get_origin(kind) is UnionType:
        (present,) = set(get_args(kind)) - {NoneType}
        return None if told is None else _value(present, told)
    if issubclass(kind, Enum):
        return kind(told)
    return float(_of((int, float), told)) if kind is float else _of(kind, told)


@cache
def _parts(kind: Any) -> dict[str, Any]:  # noqa: ANN401 - a dataclass
    return get_type_hints(kind)


def _of(kind: Any, told: Any) -> Any:  # noqa: ANN401 - see above
    if not isinstance(told, kind):
        raise TypeError(f"{told!r} is of another type")
    return told

"""Specs, reports and records as JSON documents: what cannot be read as it was meant is not read at all.

Values that were read are shared by everybody who reads the same document, so nobody can change them.
"""

import json
from dataclasses import fields, replace
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from cachewright.controlplane.store.upgrades import SCHEMA, upgraded

Record = TypeVar("Record")

KEPT = 2048  # documents that are not decoded again: they are values, and most are read far more often than written
_STRICT = ConfigDict(extra="forbid")


class Unreadable(Exception):  # noqa: N818
    """A document that this version cannot read as it was meant; says why, and nothing of what it contains."""


def to_json(value: object) -> str:
    """The document of a value of any kind, with the number of its form."""
    kind: object = type(value)
    content = _adapter(kind).dump_python(_plain(value), mode="json", exclude_defaults=True)
    return json.dumps({"schema": SCHEMA, **content}, ensure_ascii=False, separators=(",", ":"))


def from_json(kind: type[Record], document: str) -> Record:
    """The value of that kind in a document of any form. Unreadable when it is of a form that is not known, or has a
    field that nobody knows: what its default would say in its place may be the opposite.
    """
    same: object = kind
    value: Record = _decoded(same, document)
    return value


@lru_cache(KEPT)
def _decoded(kind: Any, document: str) -> Any:  # noqa: ANN401 - a type, and a value of it
    try:
        content = json.loads(document)
        present = upgraded(kind.__name__, content, content.pop("schema", 1))
        return _unchangeable(_adapter(kind).validate_python(present))
    except ValidationError as error:
        raise Unreadable(f"{_called(kind)}: {_cause(error)}") from error
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise Unreadable(f"{_called(kind)}: {error}") from error


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - a type
    """Of a kind and all that is in it; a union, because Pydantic takes no rules for a dataclass that stands alone."""
    return TypeAdapter(kind | None, config=_STRICT)


def _plain(value: Any) -> Any:  # noqa: ANN401 - a dataclass
    """Pydantic writes no mapping but a dictionary."""
    views = {name: dict(part) for name, part in _parts(value) if isinstance(part, MappingProxyType)}
    return replace(value, **views) if views else value


def _unchangeable(value: Any) -> Any:  # noqa: ANN401 - a dataclass
    views = {name: MappingProxyType(part) for name, part in _parts(value) if isinstance(part, dict)}
    return replace(value, **views) if views else value


def _parts(value: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - a dataclass
    return [(field.name, getattr(value, field.name)) for field in fields(value)]


def _called(kind: Any) -> str:  # noqa: ANN401 - a type
    return f"its {kind.__name__.lower()}"


def _cause(error: ValidationError) -> str:
    """The first complaint and where it is, without what is there: it may be a secret."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(map(str, first["loc"]))
    known = {"unexpected_keyword_argument": "no such field is known"}
    return f"{where}: {known.get(first['type'], first['msg'])}" if where else first["msg"]

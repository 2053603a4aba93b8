"""Specs, reports and records as JSON documents: what cannot be read as it was meant is not read at all.

Values that were read are shared by everybody who reads the same document, so nobody can change them.
"""

import json
from functools import lru_cache
from typing import Any, TypeVar

from cachewright.controlplane.store.codec import Misread, codec_of
from cachewright.controlplane.store.upgrades import SCHEMA, upgraded

Record = TypeVar("Record")

KEPT = 2048  # documents that are not decoded again: they are values, and most are read far more often than written


class Unreadable(Exception):  # noqa: N818
    """A document that this version cannot read as it was meant; says why, and nothing of what it contains."""


def to_json(value: object) -> str:
    """The document of a value of any kind, with the number of its form."""
    kind: object = type(value)
    content = codec_of(kind).write(value)
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
        return codec_of(kind).read(upgraded(kind.__name__, content, content.pop("schema", 1)))
    except (Misread, ValueError, TypeError, AttributeError, KeyError) as error:
        raise Unreadable(f"its {kind.__name__.lower()}: {error}") from error

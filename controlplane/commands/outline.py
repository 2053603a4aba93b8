"""Values as plain text: an outline of an answer of AWS's, and a table."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def outline(value: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    """A line for each name with its value; what is inside of something is set in."""
    margin, width = "  " * depth, max((len(name) for name, each in value.items() if not _has_parts(each)), default=0)
    for name, each in value.items():
        if not _has_parts(each):
            yield f"{margin}{name:<{width}}  {_word(each)}"
    for name, each in value.items():
        for part in _parts(each):
            yield f"{margin}{name}"
            yield from outline(part, depth + 1)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines with columns as wide as what is in them."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for row in (headings, *rows):
        yield "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def _has_parts(value: object) -> bool:
    return bool(_parts(value))


def _parts(value: object) -> list[Mapping[str, Any]]:
    """The named values that it consists of; none when it is a word, or a list of words."""
    if isinstance(value, Mapping):
        return [value] if value else []
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    words = ", ".join(map(str, value)) if isinstance(value, (list, Mapping)) else str(value)
    return words or "none"

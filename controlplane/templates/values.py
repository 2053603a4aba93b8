"""The values that templates are made of."""

import json
from collections.abc import Iterator
from typing import TypeAlias

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"
Properties: TypeAlias = "dict[str, Value]"

HIDDEN = "********"  # in place of a secret, wherever one is shown


class WrongTemplate(Exception):  # noqa: N818
    """What is wrong with a template, or with what it was given, in words for the user."""


def mapping(value: object, what: str) -> Properties:
    """A value that has to be a mapping; WrongTemplate with `what` it is when it is none."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise WrongTemplate(f"{what} has to be a mapping")
    return value


def text(value: Value, what: str) -> str:
    """A value as text, as CloudFormation writes it; WrongTemplate with `what` it is when it has parts."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
    raise WrongTemplate(f"{what} has to be a text")


def shown(value: Value) -> str:
    """A value in a line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def inner(value: Value) -> Iterator[Value]:
    """A value and every one in it."""
    yield value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        yield from inner(part)

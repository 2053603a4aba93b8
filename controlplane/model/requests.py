"""Requests as people are shown them: who asked for what, how it was answered, and no secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

HIDDEN = "(hidden)"
LONGEST = 600  # characters of what was asked for, and of a refusal, that are shown

_SECRET = ("password", "authtoken", "accessstring", "secret")  # in names of parameters, in lower case
_HARMLESS = frozenset({"authtokenupdatestrategy"})


@dataclass(frozen=True, slots=True)
class Request:
    """A request that was answered. `error` is the shape of the fault, empty for what was done."""

    number: int  # later ones have higher numbers
    moment: datetime  # when it was answered
    account: str
    region: str
    key: str  # the access key that has proved it; empty where none is asked for
    operation: str
    params: str
    error: str
    message: str
    milliseconds: float


def shown(params: Mapping[str, Any]) -> str:
    """Parameters in a line, secrets hidden, and no longer than one reads."""
    line = ", ".join(f"{name}={_value(name, value)}" for name, value in params.items())
    return shortened(line)


def shortened(text: str) -> str:
    """Of a text as much as one reads: a refusal may repeat all that was asked for."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _value(name: str, value: object) -> str:
    if name.lower() not in _HARMLESS and any(word in name.lower() for word in _SECRET):
        return HIDDEN
    if isinstance(value, Mapping):
        return "{" + shown(value) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(name, one) for one in value) + "]"
    return str(value)

"""Single values of the query protocol, read from their text."""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime

# Narrower than int(), float() and fromisoformat(), which also take spaces, underscores and digits of other scripts.
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_MOMENT = re.compile(r"[0-9-]{10}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?")
_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}


def boolean(text: str) -> bool:
    """`true` or `yes`, `false` or `no`, in any case: AWS's own samples use all of them. Raises ValueError."""
    value = _BOOLEANS.get(text.lower())
    if value is None:
        raise ValueError(text)
    return value


def integer(text: str, bits: int = 32) -> int:
    """A signed decimal number of so many bits. Raises ValueError."""
    value = int(text) if _INTEGER.fullmatch(text) else None
    if value is None or not -(1 << bits - 1) <= value < 1 << bits - 1:
        raise ValueError(text)
    return value


def long(text: str) -> int:
    """An integer of 64 bits. Raises ValueError."""
    return integer(text, 64)


def double(text: str) -> float:
    """A finite number. Raises ValueError."""
    value = float(text) if _NUMBER.fullmatch(text) else math.inf
    if math.isinf(value):
        raise ValueError(text)
    return value


def timestamp(text: str) -> datetime:
    """A moment of ISO 8601, in UTC; without an offset it is meant so. Raises ValueError."""
    if not _MOMENT.fullmatch(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as overflow:
        raise ValueError(text) from overflow


# Type of the service model -> how to read it, and how to name it to the caller.
SCALARS: dict[str, tuple[Callable[[str], object], str]] = {
    "string": (str, "text"),
    "boolean": (boolean, "true or false"),
    "integer": (integer, "an integer"),
    "long": (long, "an integer"),
    "double": (double, "a number"),
    "timestamp": (timestamp, "a timestamp of ISO 8601"),
}

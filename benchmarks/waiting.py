"""Waiting for the world, and the time that it took."""

import time
from collections.abc import Callable

LIMIT = 60.0  # seconds; whatever takes longer is broken


class CannotMeasure(Exception):  # noqa: N818
    """What keeps a figure from being taken, in words for the user."""


def until(ready: Callable[[], object], what: str, interval: float, limit: float = LIMIT) -> None:
    """Look every `interval` seconds until it is so; CannotMeasure after `limit` seconds."""
    deadline = time.monotonic() + limit
    while not ready():
        if time.monotonic() > deadline:
            raise CannotMeasure(f"cannot wait for {what}: it took more than {limit:.0f} s")
        time.sleep(interval)


def milliseconds(deed: Callable[[], object]) -> float:
    """How long it took."""
    begin = time.perf_counter()
    deed()
    return (time.perf_counter() - begin) * 1000

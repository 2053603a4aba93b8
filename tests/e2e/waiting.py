"""Waiting for the world: on conditions, never for a fixed time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0  # seconds that anything may take at most, on a busy machine
GLANCE = 0.02  # seconds between two looks, at least
REST = 4.0  # times as long as a look has taken, before the next: what is waited for needs the processors as well
DOZE = 0.25  # seconds between two looks, at most


def until(what: str, look: Callable[[], T], patience: float = PATIENCE) -> T:
    """The first answer of `look` that is true; AssertionError with the last answer when none came in time."""
    deadline = time.monotonic() + patience
    begun = time.monotonic()
    while not (seen := look()):
        now = time.monotonic()
        assert now < deadline, f"not within {patience:.0f} s: {what} (last seen: {seen!r})"
        time.sleep(min(DOZE, max(GLANCE, REST * (now - begun))))
        begun = time.monotonic()
    return seen

"""Waiting for the world: on conditions, never for a fixed time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0  # seconds that anything may take at most, on a busy machine
GLANCE = 0.02  # seconds between two looks


def until(what: str, look: Callable[[], T], patience: float = PATIENCE) -> T:
    """The first answer of `look` that is true; AssertionError with the last answer when none came in time."""
    deadline = time.monotonic() + patience
    while not (seen := look()):
        assert time.monotonic() < deadline, f"not within {patience:.0f} s: {what} (last seen: {seen!r})"
        time.sleep(GLANCE)
    return seen

"""Waking those who wait in the server's loop, from any thread."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

Ear = tuple[asyncio.AbstractEventLoop, asyncio.Event]


class Bell:
    """Rung by whoever has something to tell: a set of a thread costs nothing while nobody listens."""

    def __init__(self) -> None:
        self._ears: frozenset[Ear] = frozenset()  # replaced and never changed: it is read in other threads

    def ring(self) -> None:
        """Set the event of everybody who listens; in any thread."""
        for loop, event in self._ears:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(event.set)

    @contextmanager
    def heard(self) -> Iterator[asyncio.Event]:
        """An event that is set whenever the bell rings, within the block; in the server's loop."""
        ear = (asyncio.get_running_loop(), asyncio.Event())
        self._ears |= {ear}
        try:
            yield ear[1]
        finally:
            self._ears -= {ear}

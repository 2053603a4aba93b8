"""Waking those who wait in the server's loop, from any thread."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Ear:
    """Somebody who listens, in the loop in which it was made."""

    def __init__(self) -> None:
        self._loop, self._rung = asyncio.get_running_loop(), asyncio.Event()

    def hear(self) -> None:
        """In any thread."""
        with suppress(RuntimeError):  # the loop has ended meanwhile
            self._loop.call_soon_threadsafe(self._rung.set)

    async def rung(self, within: float) -> bool:
        """Whether the bell has rung since this was asked last, or rings within that many seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), within)
        heard = self._rung.is_set()
        self._rung.clear()
        return heard


class Bell:
    """Rung by whoever has something to tell: it costs nothing while nobody listens."""

    def __init__(self) -> None:
        self._ears: frozenset[Ear] = frozenset()  # replaced and never changed: it is read in other threads

    def ring(self) -> None:
        """Everybody who listens hears it; in any thread."""
        for ear in self._ears:
            ear.hear()

    @contextmanager
    def heard(self) -> Iterator[Ear]:
        """Somebody who listens within the block, in the server's loop."""
        ear = Ear()
        self._ears |= {ear}
        try:
            yield ear
        finally:
            self._ears -= {ear}

"""Who comes onto the network of a host, and who leaves it: never both at once.

An engine takes an overlay network off its host with the last container that leaves. Whoever comes at that very moment
fails, and the Swarm keeps the address that it was given until the engine starts anew (Docker 20.10).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from threading import Condition

from cachewright.agents.runtime.connection import Engine
from cachewright.agents.runtime.docker import DockerRuntime
from cachewright.agents.runtime.hosts.overlay import Joined

_PATIENCE = 2.0  # seconds: without a leader a Swarm keeps whoever comes for 20 s, and what has to end waits no longer


class Way(Enum):
    """What is done. Of those who come, or leave, any number do so at the same time."""

    COME = auto()
    LEAVE = auto()
    LEAVE_AND_COME = auto()  # alone


class Attachments:
    """Turns, in the order in which they were asked for; whoever has waited for long goes ahead all the same."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._turns: list[tuple[object, Way]] = []  # of those who wait, or are at it

    def __len__(self) -> int:
        """How many wait, or are at it."""
        return len(self._turns)

    @contextmanager
    def turn(self, way: Way) -> Iterator[None]:
        """Whoever is before goes the same way."""
        own = (object(), way)
        with self._changed:
            self._turns.append(own)
            self._changed.wait_for(lambda: self._is_free(own), _PATIENCE)
        try:
            yield
        finally:
            with self._changed:
                self._turns.remove(own)
                self._changed.notify_all()

    def _is_free(self, own: tuple[object, Way]) -> bool:
        before = {way for _, way in self._turns[: self._turns.index(own)]}
        return before <= {own[1]} - {Way.LEAVE_AND_COME}


class AttachedRuntime(DockerRuntime):
    """The containers of an instance on one of several hosts."""

    def __init__(self, instance: str, engine: Engine) -> None:
        super().__init__(instance, engine, Joined)
        self._attachments = Attachments()

    def start(self, name: str) -> None:
        """See Runtime."""
        with self._attachments.turn(Way.COME):
            super().start(name)

    def connect(self, name: str, address: str) -> None:
        """See Runtime."""
        with self._attachments.turn(Way.COME):
            super().connect(name, address)

    def restart(self, name: str) -> None:
        """See Runtime."""
        with self._attachments.turn(Way.LEAVE_AND_COME):
            super().restart(name)

    def disconnect(self, name: str) -> None:
        """See Runtime."""
        with self._attachments.turn(Way.LEAVE):
            super().disconnect(name)

    def remove(self, name: str) -> None:
        """See Runtime. All hosts are asked to, and most do not have it."""
        if self.has(name):
            with self._attachments.turn(Way.LEAVE):
                super().remove(name)

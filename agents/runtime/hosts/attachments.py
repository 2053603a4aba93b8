"""Which containers are attached to the overlay network on a host, and which are detached: never both at once.

An engine takes an overlay network off its host with the last container that is detached. An attachment at that very
moment fails, and the Swarm keeps its address until the engine starts anew (Docker 20.10).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from threading import Condition

from cachewright.agents.runtime.connection import Engine
from cachewright.agents.runtime.docker import DockerRuntime
from cachewright.agents.runtime.hosts.overlay import Joined

_PATIENCE = 2.0  # seconds: without a leader a Swarm takes 20 s for an attachment, and what has to end waits no longer


class Change(Enum):
    """What is done. Any number of containers are attached at the same time, or detached."""

    ATTACH = auto()
    DETACH = auto()
    REATTACH = auto()  # alone


class Attachments:
    """Turns, in the order in which they were asked for; whoever has waited for long goes ahead all the same."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._turns: list[tuple[object, Change]] = []  # of those who wait, or are at it

    def __len__(self) -> int:
        """How many wait, or are at it."""
        return len(self._turns)

    @contextmanager
    def turn(self, change: Change) -> Iterator[None]:
        """Whoever is before does the same."""
        own = (object(), change)
        with self._changed:
            self._turns.append(own)
            self._changed.wait_for(lambda: self._is_free(own), _PATIENCE)
        try:
            yield
        finally:
            with self._changed:
                self._turns.remove(own)
                self._changed.notify_all()

    def _is_free(self, own: tuple[object, Change]) -> bool:
        before = {change for _, change in self._turns[: self._turns.index(own)]}
        return before <= {own[1]} - {Change.REATTACH}


class AttachedRuntime(DockerRuntime):
    """The containers of an instance on one of several hosts. `kill` takes no turn: who is fenced is not waited for."""

    def __init__(self, instance: str, engine: Engine) -> None:
        super().__init__(instance, engine, Joined)
        self._attachments = Attachments()

    def start(self, name: str) -> None:
        """See Runtime."""
        with self._attachments.turn(Change.ATTACH):
            super().start(name)

    def connect(self, name: str, address: str) -> None:
        """See Runtime."""
        with self._attachments.turn(Change.ATTACH):
            super().connect(name, address)

    def restart(self, name: str) -> None:
        """See Runtime."""
        with self._attachments.turn(Change.REATTACH):
            super().restart(name)

    def disconnect(self, name: str) -> None:
        """See Runtime."""
        with self._attachments.turn(Change.DETACH):
            super().disconnect(name)

    def remove(self, name: str) -> None:
        """See Runtime. All hosts are asked to, and most do not have it."""
        if self.has(name):
            with self._attachments.turn(Change.DETACH):
                super().remove(name)

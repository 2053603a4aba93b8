"""What buckets do, wherever they are."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from cachewright.controlplane.model.buckets import ObjectName, ObjectVersion, Obstacle, Refusal


class Refused(Exception):  # noqa: N818 - an answer, not an error
    """An object cannot be had, or not be written."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.words)
        self.refusal = refusal


class Buckets(Protocol):
    """Buckets and the objects in them. Every method raises Refused, within seconds when nobody answers."""

    def look(self, name: ObjectName) -> ObjectVersion:
        """What an object is now."""

    def read(self, version: ObjectVersion) -> Iterator[bytes]:
        """An object, piece by piece. Refused for one that is not what it was."""

    def write(self, name: ObjectName, pieces: Iterable[bytes]) -> None:
        """Write an object, in place of any other. It is there as a whole or not at all; what an earlier attempt left of
        it elsewhere is gone. Whatever `pieces` raises.
        """

    def remove(self, name: ObjectName) -> None:
        """Remove an object, if it is there."""


def refused(name: ObjectName, obstacle: Obstacle, cause: str = "") -> Refused:
    """The refusal of an object."""
    return Refused(Refusal(name, obstacle, cause))

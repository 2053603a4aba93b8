"""What the loop and a controller agree upon: one turn of a key, and what comes after it."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from math import inf
from typing import Any, Protocol

from cachewright.agents.planning.images import Image, ImageNeed, Job
from cachewright.controlplane.model.cache import Key
from cachewright.controlplane.model.snapshots import SnapshotKey


class SystemKey(StrEnum):
    """What belongs to the whole installation and is reconciled like a cache."""

    GATEWAY = "gateway"
    DIRECTORY = "directory"


LoopKey = Key | SnapshotKey | SystemKey


class Priority(IntEnum):
    """What goes first. Of equals, what has been due for longer."""

    BROKEN = 0  # something ended or is silent, or somebody asked for a failover
    ROUTINE = 1  # what is created or changed, and everything that is only looked at again


@dataclass(frozen=True, slots=True)
class Turn:
    """A key that is due. `memory` is what its controller wanted to remember; None at first and after a rest."""

    key: LoopKey
    memory: object
    woken: bool  # there were news since the last turn began
    priority: Priority


@dataclass(frozen=True, slots=True)
class Rest:
    """Only news can change anything."""


@dataclass(frozen=True, slots=True)
class After:
    """The next turn is after so many seconds, or at once when there are news."""

    delay: float
    memory: object = None


@dataclass(frozen=True, slots=True)
class Until:
    """The next turn is when all of this has been done, or so many seconds are over; nobody waits for it meanwhile."""

    work: tuple[Future[Any], ...]
    memory: object
    within: float = inf


Outcome = Rest | After | Until


class Controller(Protocol):
    """Makes what belongs to one kind of key as it should be. Never two turns at a time of the same key."""

    def reconcile(self, turn: Turn) -> Outcome:
        """Decide, and begin what follows; without waiting for anything that may take long."""


class Jobs(Protocol):
    """Long work beside the loop."""

    def images(self) -> Mapping[ImageNeed, Image]:
        """The images that are known to be at hand."""

    def running(self, key: LoopKey) -> frozenset[Job]:
        """What is under way that makes the key due at its end."""

    def request(self, job: Job, key: LoopKey) -> None:
        """See to it that a job runs; its end makes the key due. Later or Never, once, when it failed for the key."""

    def withdraw(self, key: LoopKey) -> None:
        """The key waits for nothing any more."""

    def doubt(self, need: ImageNeed) -> None:
        """An image may not be at hand any more."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """Who works beside the workers, so that nothing waits for what is of another kind."""

    looks: Callable[[Priority], Executor]
    deeds: Callable[[Priority], Executor]
    containers: Callable[[Priority], Executor]  # deeds of the container engine, which does many no sooner than some
    transfers: Callable[[Priority], Executor]  # the same, as long as a large file takes

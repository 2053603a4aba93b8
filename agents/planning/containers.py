"""Containers as plain values: what one is made from, and what is seen of one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

USER = "10001:10001"  # whom a container's process runs as, and owns its files
ANYWHERE = "anywhere"  # an address that the engine chooses
OUT_OF_MEMORY = "out of memory"
WELL = "exit code 0"
_NO_FAILURE = frozenset({WELL, "exit code 137", "exit code 143"})  # the others are signals to end


class State(StrEnum):
    """Docker's own words for where a container is in its life."""

    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    RESTARTING = "restarting"
    REMOVING = "removing"
    EXITED = "exited"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class File:
    """A file that is copied into a container before it starts; readable by the container's user alone."""

    path: str
    content: bytes = field(repr=False)
    mode: int = 0o400


@dataclass(frozen=True, slots=True)
class Stream:
    """A file that is copied into a container before it starts, and may be larger than memory. Whatever `pieces` raises
    keeps the container from being made.
    """

    path: str
    size: int  # bytes
    pieces: Callable[[], Iterator[bytes]] = field(repr=False)
    mode: int = 0o600


@dataclass(frozen=True, slots=True)
class Port:
    """A port of the container that is published on the engine's machine."""

    inside: int
    outside: int
    address: str = "127.0.0.1"  # of that machine; empty: all that it has
    protocol: str = "tcp"


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume that a container has as a directory of its user's own. It outlives the container."""

    volume: str
    path: str


@dataclass(frozen=True, slots=True)
class Tmpfs:
    """A directory of the container's user's own, in memory: empty at every start but for the streams of the first. What
    the process writes there counts as the container's memory.
    """

    path: str
    size: int  # bytes at most


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume as the engine sees it."""

    name: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """Everything that a container is made from. Secrets travel in `files` only: the rest is public to whoever may
    ask the engine.
    """

    name: str
    image: str
    command: tuple[str, ...]
    address: str  # on Cachewright's network, of either family, or ANYWHERE; empty: it has no network of its own
    memory: int  # bytes; 0: no limit
    labels: Mapping[str, str]
    files: tuple[File, ...] = ()  # not under a path of `tmpfs`, which is not there before the start
    ports: tuple[Port, ...] = ()
    capabilities: tuple[str, ...] = ()
    user: str = USER
    beside: str = ""  # the container whose network it shares, instead of having an address of its own
    resurrects: bool = False  # the engine's machine starts it again by itself
    volumes: tuple[Mount, ...] = ()  # one that is not there is made, and says nothing but whose it is
    tmpfs: tuple[Tmpfs, ...] = ()  # with any, nothing of its memory goes to a disk: neither swapped out nor as a core
    sysctls: Mapping[str, str] = field(default_factory=dict)  # of its own network
    streams: tuple[Stream, ...] = ()  # as `files`, for what may be large
    host: str = ""  # the name of the host that runs it; empty: the only one
    directory: str = ""  # that its process begins in; empty: its image's own
    sees_processes: bool = False  # of the whole machine, as far as its capabilities allow


@dataclass(frozen=True, slots=True)
class Container:
    """A container as the engine sees it."""

    name: str
    state: State
    labels: Mapping[str, str]
    started_at: str = ""  # changes with every start; empty before the first
    ending: str = ""  # why it stopped, in words ("exit code 137", "out of memory"); empty while it runs
    connected: bool = True  # whether it is on the network that it was made for
    image: str = ""  # the identity of what it was made from
    host: str = ""  # the name of the host that runs it; empty: the only one
    address: str = field(default="", compare=False)  # on the network that it was made for; empty while it has none

    @property
    def failed(self) -> bool:
        """Whether its process ended by itself, and not well. What it said at last follows the code; after one that
        means no failure only when it said of one.
        """
        code, _, words = self.ending.partition(": ")
        return code.startswith("exit code ") and (code not in _NO_FAILURE or bool(words))

    @property
    def ended_well(self) -> bool:
        """Whether its process ended by itself and, as far as its code tells, well."""
        return self.ending == WELL

    @property
    def starved(self) -> bool:
        """Whether its process was ended because it needed more memory than the container may use."""
        return self.ending.startswith(OUT_OF_MEMORY)


@dataclass(frozen=True, slots=True)
class LoggedLine:
    """A line that a container's process has said."""

    moment: int  # nanoseconds of Unix time, by the clock of the engine's machine
    text: bytes  # without the end of the line

"""Containers as plain values: what one is made from, and what is seen of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


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
class Port:
    """A port of the container that is published on 127.0.0.1 of the engine's machine."""

    inside: int
    outside: int


@dataclass(frozen=True, slots=True)
class Blueprint:
    """Everything that a container is made from. Secrets travel in `files` only: the rest is public to whoever may
    ask the engine.
    """

    name: str
    image: str
    command: tuple[str, ...]
    address: str  # IPv4 address on Cachewright's network
    memory: int  # bytes; 0: no limit
    labels: Mapping[str, str]
    files: tuple[File, ...] = ()
    ports: tuple[Port, ...] = ()
    capabilities: tuple[str, ...] = ()
    user: str = "10001:10001"
    beside: str = ""  # the container whose network it shares, instead of having an address of its own
    resurrects: bool = False  # the engine's machine starts it again by itself


@dataclass(frozen=True, slots=True)
class Container:
    """A container as the engine sees it."""

    name: str
    state: State
    labels: Mapping[str, str]
    started_at: str = ""  # changes with every start; empty before the first
    ending: str = ""  # why it stopped, in words ("exit code 137", "out of memory"); empty while it runs

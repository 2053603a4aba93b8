"""Hosts: the machines whose container engines run the nodes."""

from dataclasses import dataclass

ONLY = ""  # the host of an installation that was told of none: the engine that the Docker command finds


@dataclass(frozen=True, slots=True)
class Host:
    """A machine with a container engine. Its zone is a letter, since a machine serves every region: `a` is eu-west-1a
    as well as us-east-1a.
    """

    name: str
    engine: str  # the URL of its container engine: unix, tcp or ssh
    zone: str
    address: str  # under which clients, and the agents, reach what it publishes
    memory: int = 0  # bytes that nodes may take; 0: all that the engine's machine has
    draining: bool = False  # nodes leave it, and none come

"""Logs of nodes as a person reads them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogPosition:
    """How far a node's log was read; only whoever reads it knows what it says."""

    node: str
    position: str


@dataclass(frozen=True, slots=True)
class LogPage:
    """A part of the logs of one or more nodes."""

    lines: tuple[str, ...]  # in the order of their moments
    positions: tuple[LogPosition, ...]  # of every node that answers
    silent: tuple[str, ...] = ()  # nodes that tell nothing now, and why

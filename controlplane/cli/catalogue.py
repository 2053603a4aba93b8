"""Every command by its name: what it is among in the help, where it is, and what it does in 26 letters."""

from collections.abc import Mapping
from dataclasses import dataclass

HOME = "cachewright.controlplane.cli"


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: `module:attribute`, imported when it is typed, and its line of the help."""

    place: str
    summary: str


RUN: Mapping[str, Entry] = {
    "up": Entry("running:up", "serve the ElastiCache API"),
    "stop": Entry("running:stop", "end it; caches keep on"),
    "down": Entry("running:down", "remove all that it made"),
    "service": Entry("running:service", "print a unit for systemd"),
}
CACHES: Mapping[str, Entry] = {
    "create": Entry("caches:create", "a new cache"),
    "delete": Entry("caches:delete", "the end of a cache"),
    "failover": Entry("caches:failover", "another primary"),
    "reboot": Entry("caches:reboot", "of nodes of a cache"),
    "snapshot": Entry("snapshots:snapshot", "create, list, delete, run"),
    "restore": Entry("snapshots:restore", "from a snapshot or a dump"),
    "apply": Entry("templates:apply", "as templates say"),
    "export": Entry("templates:export", "all as a template"),
    "maintenance": Entry("windows:maintenance", "open a window by hand"),
    "explain": Entry("looking:explain", "why it is not as wished"),
}
LOOK: Mapping[str, Entry] = {
    "list": Entry("looking:listing", "a line for each cache"),
    "describe": Entry("looking:describe", "all that AWS tells of one"),
    "status": Entry("looking:status", "nodes, roles, endpoints"),
    "events": Entry("looking:events", "what happened"),
    "logs": Entry("looking:logs", "what nodes have logged"),
    "connect": Entry("connecting:connect", "redis-cli at a cache"),
}
FAILURES: Mapping[str, Entry] = {
    "drill": Entry("failures:drill", "kill, pause, cut off, ..."),
    "zone": Entry("failures:zone", "take a zone away"),
    "region": Entry("failures:region", "a region down, or slow"),
    "pace": Entry("failures:pace", "deeds take AWS's times"),
    "demo": Entry("failures:demo", "a failover, in a minute"),
}
SET_UP: Mapping[str, Entry] = {
    "doctor": Entry("machine:doctor", "what this machine lacks"),
    "images": Entry("machine:images", "have images at hand"),
    "host": Entry("hosting:host", "machines that run nodes"),
    "env": Entry("machine:env", "variables for AWS tools"),
    "ca": Entry("machine:ca", "certificate for clients"),
    "dns": Entry("machine:dns", "route host names here"),
    "completion": Entry("completing:completion", "of words, for a shell"),
}

COLUMNS: tuple[Mapping[str, Mapping[str, Entry]], ...] = (
    {"Run": RUN, "Look": LOOK, "Try failures": FAILURES},
    {"Caches": CACHES, "Set up": SET_UP},
)
"""The groups of the help, in columns beside each other."""

EVERY: Mapping[str, Entry] = {
    name: entry
    for group in ("Run", "Caches", "Look", "Try failures", "Set up")
    for column in COLUMNS
    for name, entry in column.get(group, {}).items()
}

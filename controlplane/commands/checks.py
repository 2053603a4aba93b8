"""What `cachewright doctor` looks at on this machine before it asks the container engine."""

import os
import resource
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isqrt
from pathlib import Path

from cachewright.controlplane import own_key
from cachewright.controlplane.commands.plane import ControlPlane, NoAnswer, url_of
from cachewright.controlplane.commands.seen import look
from cachewright.controlplane.settings import Settings

OLDEST_PYTHON = (3, 11)
FEW_FILES = 4096
MANY_NEIGHBOURS = 16384
_NEIGHBOURS = Path("/proc/sys/net/ipv4/neigh/default/gc_thresh3")


class Mark(StrEnum):
    """How a check went: as it should, so that most things work, so that nothing does."""

    GOOD = "ok"
    DOUBTFUL = "note"
    BAD = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check; the remedy says how to mend what is not good."""

    subject: str
    mark: Mark
    words: str
    remedy: str = ""


def of_this_machine(settings: Settings) -> list[Finding]:
    """What needs no container engine."""
    return [
        python(sys.version_info[:3]),
        data_directory(settings.data_dir),
        port(settings),
        open_files(resource.getrlimit(resource.RLIMIT_NOFILE)[1]),
        *([neighbours(int(_NEIGHBOURS.read_text()))] if _NEIGHBOURS.exists() else []),
    ]


def python(version: Sequence[int]) -> Finding:
    """Whether this Python is new enough."""
    words = ".".join(map(str, version))
    if tuple(version[:2]) >= OLDEST_PYTHON:
        return Finding("Python", Mark.GOOD, words)
    return Finding("Python", Mark.BAD, f"{words} is too old", "install Python 3.11 or newer, then: make setup")


def data_directory(directory: Path) -> Finding:
    """Whether the data directory can be written, or made."""
    subject = "data directory"
    nearest = next(path for path in (directory, *directory.absolute().parents) if path.exists())
    if not nearest.is_dir():
        return Finding(subject, Mark.BAD, f"{nearest} is no directory", "choose another with --data-dir")
    if not os.access(nearest, os.W_OK | os.X_OK):
        remedy = "choose another with --data-dir, or make this one writable for you"
        return Finding(subject, Mark.BAD, f"no permission to write in {nearest}", remedy)
    return Finding(subject, Mark.GOOD, f"{directory} {'exists' if directory.exists() else 'can be made'}")


def port(settings: Settings) -> Finding:
    """Whether the API's port is free, or a control plane answers there."""
    where = f"{settings.host}:{settings.port}"
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        return _taken(ControlPlane(url_of(settings), own_key.signing(settings)), where, os.strerror(error.errno or 0))
    return Finding("port", Mark.GOOD, f"{where} is free")


def open_files(limit: int) -> Finding:
    """Whether a process may open enough files: each connection needs one."""
    if limit == resource.RLIM_INFINITY:
        return Finding("open files", Mark.GOOD, "no limit")
    if limit >= FEW_FILES:
        return Finding("open files", Mark.GOOD, f"up to {limit}")
    remedy = f"raise the hard limit to {FEW_FILES} or more (ulimit -Hn, /etc/security/limits.conf)"
    return Finding("open files", Mark.DOUBTFUL, f"only {limit}: few connections at a time", remedy)


def neighbours(limit: int) -> Finding:
    """Whether the kernel keeps an entry for each pair of nodes that talk to each other; it drops packets beyond."""
    subject, nodes = "neighbours", isqrt(limit)
    if limit >= MANY_NEIGHBOURS:
        return Finding(subject, Mark.GOOD, f"up to {limit}: clusters of {nodes} nodes")
    remedy = f"sysctl -w net.ipv4.neigh.default.gc_thresh3={MANY_NEIGHBOURS} (make setup does, as root)"
    return Finding(subject, Mark.DOUBTFUL, f"only {limit}: clusters of more than {nodes} nodes lose packets", remedy)


def _taken(plane: ControlPlane, where: str, cause: str) -> Finding:
    try:
        caches = len(look(plane).caches)
    except NoAnswer:
        return Finding("port", Mark.BAD, f"{where}: {cause}", "choose another with --port, or CACHEWRIGHT_PORT")
    return Finding("port", Mark.GOOD, f"a control plane answers at {where}; caches: {caches}")

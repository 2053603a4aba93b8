"""`cachewright host`: the machines that run nodes."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.filesize import decimal
from rich.text import Text

from cachewright.controlplane.commands.answers import read
from cachewright.controlplane.commands.board import plain_table
from cachewright.controlplane.commands.plane import ControlPlane, asked, foreign
from cachewright.controlplane.console.paths import HOSTS
from cachewright.controlplane.model.hosts import Host, HostSeen

WAITING = "The first hosts count from the next start of the control plane on."


def every(plane: ControlPlane) -> Sequence[HostSeen]:
    """The hosts that a control plane knows."""
    return _hosts(plane, asked(plane, HOSTS))


def add(plane: ControlPlane, host: Host) -> Sequence[HostSeen]:
    """Tell of a host; all that there are then."""
    told = {"name": host.name, "engine": host.engine, "zone": host.zone, "address": host.address, "memory": host.memory}
    return _hosts(plane, asked(plane, HOSTS, "POST", told))


def drain(plane: ControlPlane, name: str, *, draining: bool) -> Sequence[HostSeen]:
    """Have nodes leave a host, or let some come again."""
    return _hosts(plane, asked(plane, f"{HOSTS}/{name}", "PUT", {"draining": draining}))


def remove(plane: ControlPlane, name: str, *, force: bool) -> Sequence[HostSeen]:
    """Tell of a host no more."""
    return _hosts(plane, asked(plane, f"{HOSTS}/{name}{'/gone' if force else ''}", "DELETE"))


def table(hosts: Sequence[HostSeen]) -> RenderableType:
    """The hosts for a terminal."""
    if not hosts:
        return Text("No hosts are told: all nodes run on the engine that the Docker command finds.")
    told = plain_table("host", "zone", "nodes", "taken", "memory", "address", "state")
    for host in hosts:
        memory = decimal(host.memory) if host.memory else "all"
        told.add_row(host.name, host.zone, str(host.nodes), decimal(host.taken), memory, host.address, state(host))
    return told


def state(host: HostSeen) -> str:
    """How a host is, in words."""
    if not host.known:
        return "counts from the next start on"
    if host.silent:
        return f"does not answer: {host.silent}"
    if host.joining:
        return "joining"
    return ("drained" if not host.nodes else "being drained") if host.draining else "ok"


def _hosts(plane: ControlPlane, document: bytes) -> Sequence[HostSeen]:
    try:
        return read(tuple[HostSeen, ...], document)
    except ValueError as error:
        raise foreign(plane.url, "its answer tells of no hosts") from error

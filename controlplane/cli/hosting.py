"""Several machines: `host`."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cachewright.controlplane.cli.ends import Failure, answered
from cachewright.controlplane.cli.options import as_json, console, plane_at, url

if TYPE_CHECKING:
    from cachewright.controlplane.commands.plane import ControlPlane
    from cachewright.controlplane.model.hosts import HostSeen

    Asking = Callable[[ControlPlane], Sequence[HostSeen]]

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


@click.group(short_help="The machines that run nodes.")
def host() -> None:
    """The machines that run nodes: told, drained, removed."""


@host.command("list", short_help="A line for each host.")
@url
@as_json
def host_list(url: str | None, as_json: bool) -> None:
    """Show every host, what is on it, and whether it answers."""
    from cachewright.controlplane.commands import hosts as command  # noqa: PLC0415 - imported when it is typed

    _show(command.every, url, as_json=as_json)


@host.command("add", short_help="Tell of a host.")
@click.argument("name")
@click.option("--engine", required=True, metavar="URL", help="Of its container engine: unix://, tcp:// or ssh://.")
@click.option("--zone", required=True, metavar="LETTER", help="Of its availability zone.")
@click.option("--address", required=True, help="Under which clients reach it.")
@click.option("--memory", default="0", metavar="SIZE", help="That nodes may take, such as 8g.  [all]")
@url
@as_json
def host_add(  # noqa: PLR0913, PLR0917 - one for each option
    name: str, engine: str, zone: str, address: str, memory: str, url: str | None, as_json: bool
) -> None:
    """Tell of a host, or tell otherwise of one that is known."""
    from cachewright.controlplane.commands import hosts as command  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.model.hosts import Host  # noqa: PLC0415

    try:
        told = Host(name, engine, zone, address, _bytes(memory))
    except ValueError as reason:
        raise Failure(str(reason)) from reason
    _show(lambda plane: command.add(plane, told), url, as_json=as_json)


@host.command("drain", short_help="Have nodes leave a host.")
@click.argument("name")
@click.option("--undo", is_flag=True, help="Let nodes come again.")
@url
@as_json
def host_drain(name: str, undo: bool, url: str | None, as_json: bool) -> None:
    """Move every node to other hosts, without losing a write, and let none come."""
    from cachewright.controlplane.commands import hosts as command  # noqa: PLC0415 - imported when it is typed

    _show(lambda plane: command.drain(plane, name, draining=not undo), url, as_json=as_json)


@host.command("remove", short_help="Tell of a host no more.")
@click.argument("name")
@click.option("--force", is_flag=True, help="It never comes back, nor does what was on it.")
@url
@as_json
def host_remove(name: str, force: bool, url: str | None, as_json: bool) -> None:
    """Tell of a host no more, once no node is on it."""
    from cachewright.controlplane.commands import hosts as command  # noqa: PLC0415 - imported when it is typed

    _show(lambda plane: command.remove(plane, name, force=force), url, as_json=as_json)


def _show(asking: "Asking", url: str | None, *, as_json: bool) -> None:
    from cachewright.controlplane.commands import hosts as command  # noqa: PLC0415 - imported when it is typed

    with answered():
        hosts = asking(plane_at(url))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in hosts], indent=2))
        return
    console().print(command.table(hosts))
    if any(not one.known for one in hosts):
        click.echo(command.WAITING)


def _bytes(text: str) -> int:
    """A size as people write it: 8g, 512m."""
    number, unit = text.rstrip("kmgKMG"), text.lstrip("0123456789").lower()
    if not number.isdigit() or unit not in _UNITS:
        raise ValueError(f"{text!r} is no size: write 8g, 512m or a number of bytes")
    return int(number) * _UNITS[unit]

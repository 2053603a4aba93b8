"""Try failures: `drill`, `zone`, `region`, `pace` and `demo`."""

import json
from dataclasses import asdict

import click

from cachewright.controlplane.cli.delays import milliseconds
from cachewright.controlplane.cli.ends import Exit, Failure, answered
from cachewright.controlplane.cli.options import account, as_json, console, plane_at, url
from cachewright.controlplane.cli.running import end_on_sigterm
from cachewright.controlplane.model.drills import FARTHEST, DrillKind, Order

_KINDS = click.Choice([kind.value for kind in DrillKind])


@click.command(short_help="Break something on purpose.")
@click.argument("kind", type=_KINDS, metavar="KIND")
@click.argument("target", metavar="TARGET")
@click.option("--for", "seconds", default=10.0, help="Seconds that the failure lasts.  [10]")
@click.option("--delay", default=200, help="Milliseconds, for slow-down.  [200]")
@account
@url
@as_json
def drill(  # noqa: PLR0913, PLR0917 - one for each option
    kind: str, target: str, seconds: float, delay: int, account: str, url: str | None, as_json: bool
) -> None:
    """Break something on purpose and tell what it cost.

    KIND is kill, pause, cut-off, slow-down, fill-memory, zone-down or region-down. TARGET is cluster/node, a group (its
    primary), group/shard, a cluster, a zone or a region.
    """
    _hold(Order(DrillKind(kind), target, seconds, delay, account), url, as_json=as_json)


@click.group(short_help="Take an availability zone away.")
def zone() -> None:
    """Take an availability zone away, and bring it back."""


@zone.command("down", short_help="Kill every node of a zone.")
@click.argument("name", metavar="ZONE")
@click.option("--for", "seconds", type=float, help="Seconds; else until `zone up`.")
@url
@as_json
def zone_down(name: str, seconds: float | None, url: str | None, as_json: bool) -> None:
    """Kill every node of an availability zone, us-east-1a for one, and let nothing come back there."""
    _hold(Order(DrillKind.ZONE_DOWN, name, seconds), url, as_json=as_json)


@zone.command("up", short_help="Let nodes come back to a zone.")
@click.argument("name", metavar="ZONE")
@url
@as_json
def zone_up(name: str, url: str | None, as_json: bool) -> None:
    """Let nodes come back to an availability zone."""
    _bring_up("zone", name, url, as_json=as_json)


@click.group(short_help="Take a region away, or farther off.")
def region() -> None:
    """Take a region away, or farther off, and bring it back."""


@region.command("down", short_help="Kill every node of a region.")
@click.argument("name", metavar="REGION")
@click.option("--for", "seconds", type=float, help="Seconds; else until `region up`.")
@url
@as_json
def region_down(name: str, seconds: float | None, url: str | None, as_json: bool) -> None:
    """Kill every node of a region, eu-west-1 for one, and let nothing come back there."""
    _hold(Order(DrillKind.REGION_DOWN, name, seconds), url, as_json=as_json)


@region.command("slow-down", short_help="Let replication with other regions lag.")
@click.argument("name", metavar="REGION")
@click.option(
    "--delay",
    metavar="DELAY",
    callback=milliseconds,
    required=True,
    help=f"80ms for one, {FARTHEST}ms at most; 0 ends it.",
)
@url
@as_json
def region_slow_down(name: str, delay: int, url: str | None, as_json: bool) -> None:
    """Let everything arrive later that members of global datastores in a region and in others send each other.

    It lasts until `--delay 0` or `region up`. Clients in the region are not slowed down.
    """
    from cachewright.controlplane.commands import drills as command  # noqa: PLC0415 - imported when it is typed

    with answered():
        slowed = command.slow_down(plane_at(url), name, delay)
    click.echo(json.dumps(asdict(slowed)) if as_json else command.told(slowed))


@region.command("up", short_help="Let nodes come back to a region.")
@click.argument("name", metavar="REGION")
@url
@as_json
def region_up(name: str, url: str | None, as_json: bool) -> None:
    """Let nodes come back to a region, and end its delay."""
    _bring_up("region", name, url, as_json=as_json)


@click.command(short_help="Let deeds take as long as at AWS.")
@click.argument("wanted", required=False, metavar="[PACE]")
@url
@as_json
def pace(wanted: str | None, url: str | None, as_json: bool) -> None:
    """Show how long creating, modifying, rebooting, failing over and deleting take at least, or choose it.

    PACE is off, aws, a factor of AWS's times, or seconds: create=30,failover=20.
    """
    from cachewright.controlplane.commands import pace as command  # noqa: PLC0415 - imported when it is typed

    with answered():
        told = command.pace(plane_at(url), wanted)
    click.echo(json.dumps({"pace": told}) if as_json else told)


@click.command(short_help="Show a failover in a minute.")
def demo() -> None:
    """Show the main job in a minute: real caches, a failover under load, and nothing left at the end."""
    from cachewright.controlplane.commands.demo import run  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.commands.throwaway import Broken  # noqa: PLC0415

    end_on_sigterm(Exit.TERMINATED)
    try:
        run(console())
    except Broken as reason:
        raise Failure(f"the demo failed: {reason}") from reason
    except KeyboardInterrupt:
        raise Failure("the demo was interrupted; nothing of it is left", Exit.INTERRUPTED) from None


def _bring_up(kind: str, name: str, url: str | None, *, as_json: bool) -> None:
    from cachewright.controlplane.commands import drills as command  # noqa: PLC0415 - imported when it is typed

    with answered():
        ended = command.bring_up(plane_at(url), name)
    if as_json:
        click.echo(json.dumps({kind: name, **ended}))
        return
    if ended["was_down"] or not ended.get("was_slow"):
        click.echo(f"{name} is up" if ended["was_down"] else f"{name} was not down")
    if ended.get("was_slow"):
        click.echo(f"{name} is slow no more")


def _hold(order: Order, url: str | None, *, as_json: bool) -> None:
    from cachewright.controlplane.commands import drills as command  # noqa: PLC0415 - imported when it is typed

    try:
        with answered():
            command.hold(plane_at(url), order, console(), as_json=as_json)
    except command.Failed as reason:
        raise Failure(str(reason)) from reason

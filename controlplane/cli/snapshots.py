"""Caches: `snapshot` and `restore`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from cachewright.controlplane.cli.completing import CACHE
from cachewright.controlplane.cli.ends import Failure, answered
from cachewright.controlplane.cli.options import account, as_json, chosen, data_dir, patience, plane_at, url
from cachewright.controlplane.model.versions import Engine

NAME = click.argument("name", metavar="NAME")
owner = click.option("--account", default="", help="Whose snapshots.  [000000000000]")


@click.group(short_help="Save what caches hold.")
def snapshot() -> None:
    """Save what caches hold, and look at what is saved."""


@snapshot.command("create", short_help="Save what a cache holds.")
@CACHE
@click.argument("name", default="", metavar="[NAME]")
@patience
@account
@url
@as_json
def snapshot_create(target: str, name: str, seconds: float, account: str, url: str | None, as_json: bool) -> None:
    """Save what a cache holds, and print the name of the snapshot once it is available."""
    from cachewright.controlplane.cli.told import tell_ready  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.commands import snapshots as command  # noqa: PLC0415
    from cachewright.controlplane.commands.caches import Client  # noqa: PLC0415

    with answered():
        client = Client(plane_at(url), account, seconds)
        saved = command.create(client, target, name, datetime.now(UTC))
    tell_ready(saved.shown, saved.name, as_json=as_json)


@snapshot.command("list", short_help="A line for each snapshot.")
@click.argument("target", default="", metavar="[ID]")
@owner
@url
@as_json
def snapshot_list(target: str, account: str, url: str | None, as_json: bool) -> None:
    """List snapshots, of all caches or of one, also of caches that are gone."""
    from cachewright.controlplane.cli.told import print_json  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.commands import snapshots as command  # noqa: PLC0415
    from cachewright.controlplane.commands.caches import Client  # noqa: PLC0415

    settings = chosen()
    with answered():
        listed = command.listed(Client(plane_at(url, settings), account), target, settings.region)
    if as_json:
        print_json([each.shown for each in listed])
    else:
        for line in command.lines(listed):
            click.echo(line)


@snapshot.command("delete", short_help="Delete a snapshot.")
@NAME
@owner
@url
@as_json
def snapshot_delete(name: str, account: str, url: str | None, as_json: bool) -> None:
    """Delete a snapshot with its files."""
    from cachewright.controlplane.cli.told import tell_ready  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.commands import snapshots as command  # noqa: PLC0415
    from cachewright.controlplane.commands.caches import Client  # noqa: PLC0415

    settings = chosen()
    with answered():
        shown = command.delete(Client(plane_at(url, settings), account), name, settings.region)
    tell_ready(shown, f"{name} is deleted", as_json=as_json)


@snapshot.command("run", short_help="Take the day's automatic one.")
@CACHE
@account
@url
@as_json
def snapshot_run(target: str, account: str, url: str | None, as_json: bool) -> None:
    """Take the day's automatic snapshot of a cache at once, and print its name."""
    from cachewright.controlplane.cli.told import print_json  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.commands import snapshots as command  # noqa: PLC0415

    with answered():
        name = command.run(plane_at(url), target, account)
    if as_json:
        print_json({"SnapshotName": name})
    else:
        click.echo(name)


@click.command(short_help="A cache from a snapshot or a dump.")
@click.argument("source", metavar="SNAPSHOT|FILE")
@click.option("--id", "name", required=True, help="Of the new cache.")
@click.option("--engine", type=click.Choice([each.value for each in Engine]), default=None, help="[redis, as saved]")
@click.option("--version", default="", help="Such as 7.1.  [the newest, as saved]")
@click.option("--node-type", default="", help="With room for it.  [cache.t3.micro, as saved]")
@click.option("--serverless", is_flag=True, help="A serverless cache.  [as saved]")
@patience
@click.option("--account", default="", help="In which account.  [000000000000]")
@url
@data_dir
@as_json
def restore(  # noqa: PLR0913, PLR0917 - one for each option
    source: str,
    name: str,
    engine: str | None,
    version: str,
    node_type: str,
    serverless: bool,
    seconds: float,
    account: str,
    url: str | None,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Make a cache of a snapshot, or of an RDB file such as last night's dump, and print where it listens. What has a
    dot or a slash in it is a file.
    """
    from cachewright.controlplane.cli.told import tell_ready  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.commands import restore as command  # noqa: PLC0415
    from cachewright.controlplane.commands.caches import Client  # noqa: PLC0415

    settings = chosen(data_dir=data_dir)
    if serverless and node_type:
        raise click.UsageError("--node-type is for caches of nodes; AWS decides it for serverless ones")
    wanted = command.Wanted(name, engine or "", version, node_type, serverless=serverless)
    try:
        with answered():
            client = Client(plane_at(url, settings), account, seconds)
            if command.is_file(source):
                shown = command.restore_file(client, settings.files, Path(source), wanted, settings.region)
            else:
                shown = command.restore_snapshot(client, source, wanted, settings.region)
    except command.CannotRestore as reason:
        raise Failure(str(reason)) from reason
    tell_ready(shown, "" if seconds else f"{name} is being created", as_json=as_json)

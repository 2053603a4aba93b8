"""Look: `connect`."""

import os
from pathlib import Path

import click

from cachewright.controlplane.cli.completing import CACHE
from cachewright.controlplane.cli.ends import Failure, answered
from cachewright.controlplane.cli.options import account, chosen, data_dir, plane_at, url


@click.command(short_help="Open a prompt at a cache.")
@CACHE
@click.option("--user", default="", help="Who enters; without it the user `default`.")
@click.option("--password", is_flag=True, help="Ask for a password, or an AUTH token.")
@account
@url
@data_dir
def connect(target: str, user: str, password: bool, account: str, url: str | None, data_dir: Path | None) -> None:
    """Open a prompt at a cache: redis-cli or valkey-cli with its endpoint, encryption and user, or Memcached's."""
    from cachewright.controlplane.commands import connect as command  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.commands.ca import certificate  # noqa: PLC0415
    from cachewright.controlplane.commands.dns import known_to  # noqa: PLC0415
    from cachewright.controlplane.commands.seen import found  # noqa: PLC0415

    settings = chosen(data_dir=data_dir)

    def containers() -> str:
        network = known_to(settings).network
        return network.name if network else ""

    told = {command.PASSWORD: click.prompt("Password", hide_input=True)} if password else {}
    entrance = command.Entrance(user, lambda: certificate(settings), containers)
    with answered():
        cache = found(plane_at(url, settings), target, account)
    try:
        command.connect(cache, entrance, {**os.environ, **told})
    except (command.CannotConnect, OSError) as reason:
        raise Failure(f"cannot connect: {reason}") from reason

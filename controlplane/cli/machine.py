"""Set up: `doctor`, `images`, `env`, `ca` and `dns`."""

import json
from pathlib import Path

import click

from cachewright.controlplane.cli.ends import Exit, Failure
from cachewright.controlplane.cli.options import account, as_json, chosen, console, data_dir, plane_at, port, url
from cachewright.controlplane.commands.env import Shell


@click.command(short_help="Look at what this machine lacks.")
@port
@data_dir
@as_json
def doctor(port: int | None, data_dir: Path | None, as_json: bool) -> None:
    """Look at everything that Cachewright needs, and say how to mend what is missing."""
    from cachewright.controlplane.commands import doctor as command  # noqa: PLC0415 - imported when it is typed

    settings = chosen(port=port, data_dir=data_dir)
    healthy = command.show_json(settings) if as_json else command.examine(settings, console())
    if not healthy:
        raise click.exceptions.Exit(Exit.FAILED)


@click.command(short_help="Have engine images at hand.")
@as_json
def images(as_json: bool) -> None:
    """Have the images of the standard set at hand: found, pulled, or built from Debian's packages."""
    from cachewright.controlplane.commands.images import find  # noqa: PLC0415 - imported when it is typed

    missing = find(console(stderr=as_json))
    if as_json:
        click.echo(json.dumps({"missing": missing}, indent=2))
    if missing:
        raise Failure(f"{len(missing)} of the images are missing, for the reasons above")


@click.command(short_help="Print variables for AWS tools.")
@click.option("--for", "shell", type=click.Choice([each.value for each in Shell]), default="sh", help="Who reads it.")
@account
@url
@as_json
def env(shell: str, account: str, url: str | None, as_json: bool) -> None:
    """Print the variables that lead AWS SDKs and tools here: eval "$(cachewright env)"."""
    from cachewright.controlplane.commands import env as command  # noqa: PLC0415 - imported when it is typed

    settings = chosen()
    told = command.variables(plane_at(url, settings).url, settings.region, account or command.ACCOUNT)
    for line in [json.dumps(told, indent=2)] if as_json else command.lines(told, Shell(shell)):
        click.echo(line)


@click.command(short_help="Print where the certificate lies.")
@data_dir
@as_json
def ca(data_dir: Path | None, as_json: bool) -> None:
    """Print where the certificate lies that clients of encrypted caches check certificates against."""
    from cachewright.controlplane.commands.ca import certificate  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.server.resources import CannotServe  # noqa: PLC0415

    try:
        file = certificate(chosen(data_dir=data_dir))
    except CannotServe as reason:
        raise Failure(str(reason)) from reason
    click.echo(json.dumps({"certificate": str(file)}) if as_json else file)


@click.command(short_help="Print how host names are routed.")
@data_dir
def dns(data_dir: Path | None) -> None:
    """Print how this machine's resolver is led to host names of endpoints, and how that is undone."""
    from cachewright.controlplane.commands.dns import instructions, known_to  # noqa: PLC0415 - when it is typed
    from cachewright.controlplane.server.resources import CannotServe  # noqa: PLC0415

    settings = chosen(data_dir=data_dir)
    try:
        click.echo(instructions(settings, known_to(settings)), nl=False)
    except CannotServe as reason:
        raise Failure(str(reason)) from reason

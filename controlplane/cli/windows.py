"""Caches: `maintenance`."""

import json
from dataclasses import asdict

import click

from cachewright.controlplane.cli.completing import CACHE
from cachewright.controlplane.cli.ends import answered
from cachewright.controlplane.cli.options import account, as_json, plane_at, url


@click.group(short_help="Open maintenance windows by hand.")
def maintenance() -> None:
    """Open maintenance windows by hand."""


@maintenance.command("run", short_help="Do what waits, now.")
@CACHE
@account
@url
@as_json
def maintenance_run(target: str, account: str, url: str | None, as_json: bool) -> None:
    """Do at once what waits for the maintenance window of a cache."""
    from cachewright.controlplane.commands.maintenance import run  # noqa: PLC0415 - imported when it is typed

    with answered():
        opened = run(plane_at(url), target, account)
    if as_json:
        click.echo(json.dumps(asdict(opened), indent=2))
    else:
        what = f"applies {', '.join(opened.applied)}" if opened.applied else "has nothing pending"
        click.echo(f"{opened.cache} {what}")

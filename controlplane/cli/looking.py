"""Look: `list`, `describe`, `status`, `explain`, `events` and `logs`."""

import json
from dataclasses import asdict

import click

from cachewright.controlplane.cli.completing import CACHE
from cachewright.controlplane.cli.ends import answered
from cachewright.controlplane.cli.options import account, as_json, chosen, console, plane_at, url


@click.command("list", short_help="A line for each cache.")
@click.option("--account", default="", help="Of one account only.")
@url
@as_json
def listing(account: str, url: str | None, as_json: bool) -> None:
    """List every cache of every account: engine, status, nodes and where a client connects."""
    from cachewright.controlplane.commands import listing as command  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.commands.seen import look  # noqa: PLC0415

    with answered():
        listed = command.rows(look(plane_at(url)), account)
    for line in [json.dumps([asdict(row) for row in listed], indent=2)] if as_json else command.lines(listed):
        click.echo(line)


@click.command(short_help="All that AWS tells of a cache.")
@CACHE
@account
@url
@as_json
def describe(target: str, account: str, url: str | None, as_json: bool) -> None:
    """Print what DescribeReplicationGroups or DescribeCacheClusters tells of a cache."""
    from cachewright.controlplane.cli.told import tell  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.commands import caches as command  # noqa: PLC0415

    with answered():
        tell(command.describe(command.Client(plane_at(url), account), target), as_json=as_json)


@click.command(short_help="Nodes, roles and endpoints.")
@click.option("--watch", "follow", is_flag=True, help="Show it again and again until Ctrl-C.")
@url
@as_json
def status(follow: bool, url: str | None, as_json: bool) -> None:
    """Show every cache: its nodes, their roles and engines, and where the endpoints lead."""
    from cachewright.controlplane.commands.seen import look  # noqa: PLC0415 - imported when it is typed

    with answered():
        if as_json:
            click.echo(json.dumps(asdict(look(plane_at(url))), indent=2))
            return
        from cachewright.controlplane.commands import status as command  # noqa: PLC0415 - JSON is told without tables

        (command.watch if follow else command.show)(plane_at(url), console())


@click.command(short_help="Why a cache is not as wished.")
@CACHE
@account
@url
@as_json
def explain(target: str, account: str, url: str | None, as_json: bool) -> None:
    """Say why a cache is not as wished, and what is about to become of it."""
    from cachewright.controlplane.commands.explain import explain as command  # noqa: PLC0415 - imported when typed

    with answered():
        sentences = command(plane_at(url), target, account)
    click.echo(json.dumps(sentences, indent=2) if as_json else "\n".join(sentences))


@click.command(short_help="What happened in the last hour.")
@click.argument("source", default="", metavar="[ID]")
@click.option("--follow", is_flag=True, help="Go on until Ctrl-C.")
@click.option("--account", default="", help="Whose events.  [000000000000]")
@url
@as_json
def events(source: str, follow: bool, account: str, url: str | None, as_json: bool) -> None:
    """Print what happened in the last hour, in AWS's words: of one cache, or of whatever else has events."""
    from cachewright.controlplane.commands import events as command  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.commands.aws import as_account  # noqa: PLC0415

    settings = chosen()
    with answered():
        plane = as_account(plane_at(url, settings), account)
        told = command.of(plane, settings.region, source.lower())
        command.show(told, console(), follow=follow, as_json=as_json)


@click.command(short_help="What nodes have logged.")
@CACHE
@click.option("--slow", is_flag=True, help="Commands that took long, not what the engine says.")
@click.option("--follow", is_flag=True, help="And what comes, until Ctrl-C.")
@account
@url
@as_json
def logs(target: str, slow: bool, follow: bool, account: str, url: str | None, as_json: bool) -> None:
    """Show what the nodes of a cache have logged, whether it is delivered anywhere or not."""
    from cachewright.controlplane.commands import logs as command  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.model.log_delivery import LogType  # noqa: PLC0415

    show = command.follow if follow else command.show
    with answered():
        show(plane_at(url), target, account, LogType.SLOW if slow else LogType.ENGINE, as_json=as_json)

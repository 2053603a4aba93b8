"""Caches: `create`, `delete`, `failover` and `reboot`."""

from pathlib import Path

import click

from cachewright.controlplane.cli.completing import CACHE
from cachewright.controlplane.cli.ends import Failure, answered
from cachewright.controlplane.cli.options import DIRECTORY, account, as_json, chosen, patience, plane_at, url
from cachewright.controlplane.model.versions import Engine

SMALL = "cache.t3.micro"
NAME = click.argument("name", metavar="NAME")


@click.command(short_help="Make a cache.")
@click.argument("engine", type=click.Choice([each.value for each in Engine]), metavar="redis|valkey|memcached")
@NAME
@click.option("--version", default="", help="Such as 7.1.  [the newest]")
@click.option("--node-type", default=SMALL, help=f"How large a node is.  [{SMALL}]")
@click.option("--nodes", type=int, help="Of Memcached.  [1]")
@click.option("--shards", type=int, help="Of Redis and Valkey: cluster mode, with so many.")
@click.option("--replicas", type=int, help="Of Redis and Valkey: beside each primary.  [0]")
@click.option("--multi-az", is_flag=True, help="Nodes are in several zones.")
@click.option("--serverless", is_flag=True, help="A serverless cache, which always has TLS.")
@click.option("--tls", is_flag=True, help="Clients come with TLS.")
@click.option("--auth-token", "prompted", is_flag=True, help="Ask for an AUTH token.")
@click.option("--auth-token-file", type=DIRECTORY, metavar="FILE", help="The AUTH token; - is standard input.")
@patience
@click.option("--account", default="", help="In which account.  [000000000000]")
@url
@as_json
def create(  # noqa: PLR0913, PLR0917 - one for each option
    engine: str,
    name: str,
    version: str,
    node_type: str,
    nodes: int | None,
    shards: int | None,
    replicas: int | None,
    multi_az: bool,
    serverless: bool,
    tls: bool,
    prompted: bool,
    auth_token_file: Path | None,
    seconds: float,
    account: str,
    url: str | None,
    as_json: bool,
) -> None:
    """Make a cache, wait until it is available, and print where it listens."""
    from cachewright.controlplane.cli.told import tell_ready  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.commands import caches  # noqa: PLC0415
    from cachewright.controlplane.commands import create as command  # noqa: PLC0415

    wanted = command.Wanted(
        Engine(engine),
        name,
        node_type,
        version,
        nodes,
        shards,
        replicas,
        tls,
        _token(auth_token_file, prompted),
        multi_az,
        serverless,
    )
    if words := command.misuse(wanted):
        raise click.UsageError(words)
    settings = chosen()
    with answered():
        client = caches.Client(plane_at(url, settings), account, seconds)
        shown = caches.create(client, wanted, settings.region)
    tell_ready(shown, "" if seconds else f"{name} is being created", as_json=as_json)


def _token(file: Path | None, prompted: bool) -> str:
    """The token, which never is a word of the command: whoever lists processes reads these."""
    if prompted:
        return str(click.prompt("AUTH token", hide_input=True, confirmation_prompt=True, err=True))
    if file is None:
        return ""
    try:
        with click.open_file(str(file)) as source:
            return str(source.read()).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"cannot read the AUTH token in {file}: {error}") from error


@click.command(short_help="Delete a cache.")
@CACHE
@click.option("--final-snapshot", default="", metavar="NAME", help="Keep what it holds in a snapshot.")
@patience
@account
@url
@as_json
def delete(target: str, final_snapshot: str, seconds: float, account: str, url: str | None, as_json: bool) -> None:
    """Delete a cache with all that it holds, and wait until nothing is left of it."""
    from cachewright.controlplane.cli.told import tell_ready  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.commands import caches as command  # noqa: PLC0415

    with answered():
        shown = command.delete(command.Client(plane_at(url), account, seconds), target, final_snapshot)
    tell_ready(shown, f"{target} is deleted" if seconds else f"{target} is being deleted", as_json=as_json)


@click.command(short_help="Let a replica take over.")
@CACHE
@click.option("--shard", default="", help="Where there are several, such as 0001.")
@patience
@account
@url
@as_json
def failover(target: str, shard: str, seconds: float, account: str, url: str | None, as_json: bool) -> None:
    """Let a replica of a group take over as its primary, and tell who leads then."""
    from cachewright.controlplane.cli.told import tell_ready  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.commands import caches as command  # noqa: PLC0415

    with answered():
        client = command.Client(plane_at(url), account, seconds)
        shown = command.failover(client, target, shard)
        leading = command.leader(client, target, shard) if seconds else ""
    tell_ready(shown, f"{leading} leads" if leading else f"{target} is failing over", as_json=as_json)


@click.command(short_help="Restart nodes of a cache.")
@CACHE
@click.option("--node", default="", help="Such as 0001 of a cluster, or shop-002 of a group.  [all]")
@patience
@account
@url
@as_json
def reboot(target: str, node: str, seconds: float, account: str, url: str | None, as_json: bool) -> None:
    """Restart a node of a cache, or all of them; what a node holds is lost, unless replicas or a volume have it."""
    from cachewright.controlplane.cli.told import tell_ready  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.commands import caches as command  # noqa: PLC0415

    with answered():
        shown = command.reboot(command.Client(plane_at(url), account, seconds), target, node)
    what = node or target
    tell_ready(shown, f"{what} has been rebooted" if seconds else f"{what} is rebooting", as_json=as_json)

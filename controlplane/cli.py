"""The `cachewright` command."""

import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cachewright.controlplane import choice
from cachewright.controlplane.commands.env import Shell
from cachewright.controlplane.model.drills import DrillKind, Order
from cachewright.controlplane.model.log_delivery import LogType
from cachewright.controlplane.model.versions import Engine
from cachewright.controlplane.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

    from cachewright.controlplane.commands.plane import ControlPlane

app = typer.Typer(
    name="cachewright",
    help="ElastiCache on your own machine, with real Redis, Valkey and Memcached engines.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

zone = typer.Typer(no_args_is_help=True)
app.add_typer(zone, name="zone", help="Take an availability zone away, and bring it back.")

maintenance = typer.Typer(no_args_is_help=True)
app.add_typer(maintenance, name="maintenance", help="Open maintenance windows by hand.")

snapshot = typer.Typer(no_args_is_help=True)
app.add_typer(snapshot, name="snapshot", help="Take automatic snapshots by hand.")

DataDir = Annotated[Path | None, typer.Option(help="Where everything is remembered.", show_default="~/.cachewright")]


Account = Annotated[str, typer.Option(help="Where it is, if several accounts have one.")]
Url = Annotated[str | None, typer.Option(help="Where the control plane is.", show_default="of the settings")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Port = Annotated[int | None, typer.Option(help="Port of the API.", show_default="4568")]


def chosen(**options: Any) -> Settings:  # noqa: ANN401 - whatever the settings take
    """The settings of the environment, but for the options given; ends the command when they make no sense."""
    for warning in choice.unknown(os.environ):
        typer.secho(f"cachewright: {warning}", err=True, fg=typer.colors.YELLOW)
    try:
        return choice.settings({name: value for name, value in options.items() if value is not None}, os.environ)
    except choice.WrongSettings as wrong:
        raise _failed(str(wrong)) from wrong


@app.command()
def up(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Port = None,
    data_dir: DataDir = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Tell every step.")] = False,
    insecure: Annotated[
        bool | None, typer.Option("--insecure", help="Listen beyond this machine without credentials.")
    ] = None,
) -> None:
    """Serve the ElastiCache API in the foreground. SIGTERM or Ctrl-C stops it; the caches keep running."""
    from cachewright.controlplane.commands.plane import url_of  # noqa: PLC0415 - the other commands start faster without
    from cachewright.controlplane.log_rate import Seldom  # noqa: PLC0415
    from cachewright.controlplane.server.resources import CannotServe  # noqa: PLC0415
    from cachewright.controlplane.server.serve import serve  # noqa: PLC0415
    from cachewright.controlplane.store.failures import __name__ as FAILURES  # noqa: N812, PLC0415

    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for handler in logging.getLogger().handlers:
        handler.addFilter(Seldom())
    logging.getLogger(FAILURES).addFilter(Seldom(most=1, window=60.0))  # every request and every cache finds it out
    for chatty in ("urllib3", "docker"):
        logging.getLogger(chatty).setLevel(logging.INFO)
    settings = chosen(host=host, port=port, data_dir=data_dir, insecure=insecure)

    def ready(real: int) -> None:
        url = url_of(replace(settings, port=real))  # port 0: the system chose one
        typer.echo(f"Cachewright listens on {url} (data in {settings.data_dir})")

    _end_on_sigterm(0)
    try:
        serve(settings, ready)
    except CannotServe as reason:
        raise _failed(str(reason)) from reason


@app.command()
def down(
    data_dir: DataDir = None,
    keep_data: Annotated[
        bool, typer.Option("--keep-data", help="Forget nothing, and leave the volumes: `up` brings the caches back.")
    ] = False,
) -> None:
    """Remove every container, network and volume of the data directory, and forget its caches."""
    from cachewright.controlplane.server.resources import CannotServe  # noqa: PLC0415
    from cachewright.controlplane.teardown import tear_down  # noqa: PLC0415

    try:
        razed = tear_down(chosen(data_dir=data_dir), keep_data=keep_data)
    except CannotServe as reason:
        raise _failed(str(reason)) from reason
    for name in razed.removed:
        typer.echo(f"removed {name}")
    for name in razed.stuck:
        typer.echo(f"left network {name}: it is empty, but the container engine takes it for in use.")
    if razed.stuck:
        typer.echo("Restart the container engine and run `cachewright down` again, or leave it: it does no harm.")
    else:
        rest = "`cachewright up` brings the caches back." if keep_data else "Nothing is left."
        typer.echo(rest if razed.removed else "There was nothing to remove.")


@app.command()
def status(
    url: Url = None,
    follow: Annotated[bool, typer.Option("--watch", help="Show it again and again until Ctrl-C.")] = False,
    as_json: Json = False,
) -> None:
    """Show every cache: its nodes, their roles and engines, and where the endpoints lead."""
    from cachewright.controlplane.commands import status as command  # noqa: PLC0415

    show = command.show_json if as_json else command.watch if follow else command.show
    with _answered():
        show(_plane(url), _console())


@app.command()
def drill(  # noqa: PLR0913, PLR0917 - one for each option
    kind: Annotated[DrillKind, typer.Argument(help="What happens.", metavar="KIND")],
    target: Annotated[str, typer.Argument(help="cluster/node, a group (its primary), group/shard, a cluster, a zone.")],
    seconds: Annotated[float, typer.Option("--for", help="Seconds that the failure lasts.")] = 10.0,
    delay: Annotated[int, typer.Option(help="Milliseconds, for slow-down.")] = 200,
    account: Annotated[str, typer.Option(help="Where the target is, if several accounts have one.")] = "",
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Break something on purpose and tell what it cost: kill, pause, cut-off, slow-down or fill-memory."""
    _hold(Order(kind, target, seconds, delay, account), url, as_json=as_json)


@zone.command("down")
def zone_down(
    name: Annotated[str, typer.Argument(help="The zone, us-east-1a for one.", metavar="ZONE")],
    seconds: Annotated[float | None, typer.Option("--for", help="Seconds; else until `zone up`.")] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Kill every node of an availability zone, and let nothing come back there."""
    _hold(Order(DrillKind.ZONE_DOWN, name, seconds), url, as_json=as_json)


@zone.command("up")
def zone_up(name: Annotated[str, typer.Argument(help="The zone.", metavar="ZONE")], url: Url = None) -> None:
    """Let nodes come back to an availability zone."""
    from cachewright.controlplane.commands import drills as command  # noqa: PLC0415

    with _answered():
        command.bring_up(_plane(url), name, _console())


@app.command()
def connect(
    target: Annotated[str, typer.Argument(help="A cache cluster or a replication group.", metavar="ID")],
    user: Annotated[str, typer.Option(help="Who enters; without it the user `default`.")] = "",
    password: Annotated[bool, typer.Option("--password", help="Ask for a password, or an AUTH token.")] = False,
    account: Account = "",
    url: Url = None,
    data_dir: DataDir = None,
) -> None:
    """Open a prompt at a cache: redis-cli or valkey-cli with its endpoint, encryption and user, or Memcached's."""
    from cachewright.controlplane.commands import connect as command  # noqa: PLC0415
    from cachewright.controlplane.commands.ca import certificate  # noqa: PLC0415
    from cachewright.controlplane.commands.dns import known_network  # noqa: PLC0415

    settings = chosen(data_dir=data_dir)

    def containers() -> str:
        network = known_network(settings)
        return network.name if network else ""

    told = {command.PASSWORD: typer.prompt("Password", hide_input=True)} if password else {}
    entrance = command.Entrance(user, lambda: certificate(settings), containers)
    try:
        with _answered():
            cache = command.found(_plane(url, settings), target, account)
        command.connect(cache, entrance, {**os.environ, **told})
    except (command.CannotConnect, OSError) as reason:
        raise _failed(f"cannot connect: {reason}") from reason


@app.command()
def env(
    shell: Annotated[Shell, typer.Option("--for", help="Who reads it.")] = Shell.SH,
    account: Account = "",
    url: Url = None,
) -> None:
    """Print the variables that lead AWS SDKs and tools here: eval "$(cachewright env)"."""
    from cachewright.controlplane.commands import env as command  # noqa: PLC0415

    settings = chosen()
    told = command.variables(_plane(url, settings).url, settings.region, account or command.ACCOUNT)
    for line in command.lines(told, shell):
        typer.echo(line)


@app.command()
def events(
    source: Annotated[str, typer.Argument(help="Of one cache, or whatever else has events.", metavar="[ID]")] = "",
    follow: Annotated[bool, typer.Option("--follow", help="Go on until Ctrl-C.")] = False,
    account: Annotated[str, typer.Option(help="Whose events.", show_default="000000000000")] = "",
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Print what happened in the last hour, in AWS's words."""
    from cachewright.controlplane.commands import events as command  # noqa: PLC0415

    with _answered():
        plane = command.as_account(_plane(url), account)
        command.show(plane, source.lower(), _console(), follow=follow, as_json=as_json)


@app.command()
def restore(  # noqa: PLR0913, PLR0917 - one for each option
    file: Annotated[Path, typer.Argument(help="An RDB file, such as last night's dump.", metavar="FILE")],
    name: Annotated[str, typer.Option("--id", help="Of the new replication group.")],
    engine: Annotated[Engine, typer.Option(help="Redis or Valkey.")] = Engine.REDIS,
    engine_version: Annotated[str, typer.Option(help="Such as 7.1.", show_default="the newest")] = "",
    node_type: Annotated[str, typer.Option(help="With room for what the file holds.")] = "cache.t3.micro",
    url: Url = None,
    data_dir: DataDir = None,
) -> None:
    """Load an RDB file into a new cache of one node, and print where that listens."""
    from cachewright.controlplane.commands import restore as command  # noqa: PLC0415

    settings = chosen(data_dir=data_dir)
    wanted = command.Wanted(name, engine, engine_version, node_type)
    try:
        with _answered():
            command.restore(_plane(url, settings), settings.data_dir, file, wanted, _console())
    except command.CannotRestore as reason:
        raise _failed(str(reason)) from reason


@app.command()
def pace(
    wanted: Annotated[
        str | None, typer.Argument(help="off, aws, a factor of AWS's times, or create=30,failover=20.", metavar="PACE")
    ] = None,
    url: Url = None,
) -> None:
    """Show how long creating, modifying, rebooting, failing over and deleting take at least, or choose it."""
    from cachewright.controlplane.commands import pace as command  # noqa: PLC0415

    with _answered():
        typer.echo(command.pace(_plane(url), wanted))


@maintenance.command("run")
def maintenance_run(
    target: Annotated[str, typer.Argument(help="A cache cluster or a replication group.", metavar="ID")],
    account: Annotated[str, typer.Option(help="Where it is, if several accounts have one.")] = "",
    url: Url = None,
) -> None:
    """Do at once what waits for the maintenance window of a cache."""
    from cachewright.controlplane.commands import maintenance as command  # noqa: PLC0415

    with _answered():
        command.run(_plane(url), target, account, _console())


@snapshot.command("run")
def snapshot_run(
    target: Annotated[str, typer.Argument(help="A cache cluster or a replication group.", metavar="ID")],
    account: Annotated[str, typer.Option(help="Where it is, if several accounts have one.")] = "",
    url: Url = None,
) -> None:
    """Take the day's snapshot of a cache at once, and print its name."""
    from cachewright.controlplane.commands import snapshots as command  # noqa: PLC0415

    with _answered():
        command.run(_plane(url), target, account, _console())


@app.command()
def logs(
    target: Annotated[str, typer.Argument(help="A cache cluster, a member or a replication group.", metavar="ID")],
    slow: Annotated[bool, typer.Option("--slow", help="Commands that took long, not what the engine says.")] = False,
    following: Annotated[bool, typer.Option("--follow", help="And what comes, until Ctrl-C.")] = False,
    account: Annotated[str, typer.Option(help="Where it is, if several accounts have one.")] = "",
    url: Url = None,
) -> None:
    """Show what the nodes of a cache have logged, whether it is delivered anywhere or not."""
    from cachewright.controlplane.commands import logs as command  # noqa: PLC0415

    show = command.follow if following else command.show
    with _answered():
        show(_plane(url), target, account, LogType.SLOW if slow else LogType.ENGINE)


@app.command()
def ca(data_dir: DataDir = None) -> None:
    """Print where the certificate lies that clients of encrypted caches check certificates against."""
    from cachewright.controlplane.commands.ca import certificate  # noqa: PLC0415
    from cachewright.controlplane.server.resources import CannotServe  # noqa: PLC0415

    try:
        typer.echo(certificate(chosen(data_dir=data_dir)))
    except CannotServe as reason:
        raise _failed(str(reason)) from reason


@app.command()
def dns(data_dir: DataDir = None) -> None:
    """Print how this machine's resolver is led to host names of endpoints, and how that is undone."""
    from cachewright.controlplane.commands.dns import instructions, known_network  # noqa: PLC0415
    from cachewright.controlplane.server.resources import CannotServe  # noqa: PLC0415

    settings = chosen(data_dir=data_dir)
    try:
        typer.echo(instructions(settings, known_network(settings)), nl=False)
    except CannotServe as reason:
        raise _failed(str(reason)) from reason


@app.command()
def doctor(port: Port = None, data_dir: DataDir = None) -> None:
    """Look at everything that Cachewright needs, and say how to mend what is missing."""
    from cachewright.controlplane.commands.doctor import examine  # noqa: PLC0415

    if not examine(chosen(port=port, data_dir=data_dir), _console()):
        raise typer.Exit(1)


@app.command()
def images() -> None:
    """Have the images of the standard set at hand: found, pulled, or built from Debian's packages."""
    from cachewright.controlplane.commands.images import find  # noqa: PLC0415

    if missing := find(_console()):
        raise _failed(f"{len(missing)} of the images are missing, for the reasons above")


@app.command()
def demo() -> None:
    """Show the main job in a minute: real caches, a failover under load, and nothing left at the end."""
    from cachewright.controlplane.commands.demo import run  # noqa: PLC0415
    from cachewright.controlplane.commands.throwaway import Broken  # noqa: PLC0415

    _end_on_sigterm(128 + signal.SIGTERM)
    try:
        run(_console())
    except Broken as reason:
        raise _failed(f"the demo failed: {reason}") from reason
    except KeyboardInterrupt:
        raise _failed("the demo was interrupted; nothing of it is left", 128 + signal.SIGINT) from None


def _hold(order: Order, url: str | None, *, as_json: bool) -> None:
    from cachewright.controlplane.commands import drills as command  # noqa: PLC0415

    try:
        with _answered():
            command.hold(_plane(url), order, _console(), as_json=as_json)
    except command.Failed as reason:
        raise _failed(str(reason)) from reason


def _console() -> "Console":
    from rich.console import Console  # noqa: PLC0415 - `up` needs none, and starts faster without

    return Console()


def _plane(url: str | None, settings: Settings | None = None) -> "ControlPlane":
    from cachewright.controlplane import own_key  # noqa: PLC0415
    from cachewright.controlplane.commands.plane import ControlPlane, url_of  # noqa: PLC0415

    counting = settings or chosen()
    return ControlPlane(url or os.environ.get(choice.URL) or url_of(counting), own_key.signing(counting))


@contextmanager
def _answered() -> Iterator[None]:
    """A control plane that does not answer, or refuses, ends the command with one line."""
    from cachewright.controlplane.commands.plane import NoAnswer  # noqa: PLC0415

    try:
        yield
    except NoAnswer as reason:
        raise _failed(str(reason)) from reason


def _end_on_sigterm(code: int) -> None:
    """SIGTERM unwinds the program, and so cleans up, where the system's default would end it on the spot."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(code))


def _failed(reason: str, code: int = 1) -> typer.Exit:
    typer.secho(f"cachewright: {reason}", err=True, fg=typer.colors.RED)
    return typer.Exit(code)


def main() -> None:
    """The entry point of the command."""
    app()

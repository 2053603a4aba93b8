"""Run: `up`, `stop`, `down` and `service`."""

import json
import logging
import os
import signal
import sys
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, NoReturn

import click

from cachewright.controlplane.cli.ends import Exit, Failure
from cachewright.controlplane.cli.options import DIRECTORY, as_json, chosen, data_dir, port
from cachewright.controlplane.model.membership import Role
from cachewright.controlplane.settings import Settings

if TYPE_CHECKING:
    from cachewright.controlplane.commands.template_files import Wanted


@click.command(short_help="Serve the ElastiCache API.")
@click.option("--host", help="Address to listen on.  [127.0.0.1]")
@port
@data_dir
@click.option("--role", type=click.Choice([role.value for role in Role]), help="What this process does.  [both]")
@click.option("--warm", multiple=True, metavar="ENGINE:VERSION=N", help="Nodes to start before they are asked for.")
@click.option("--verbose", is_flag=True, help="Tell every step.")
@click.option("--insecure", is_flag=True, default=None, help="Listen beyond this machine without credentials.")
@click.option("--config", multiple=True, type=DIRECTORY, metavar="FILE", help="A template to apply, as `apply` does.")
@click.option("--parameter", multiple=True, metavar="NAME=VALUE", help="Of the templates.")
@click.option("--detach", is_flag=True, help="Come back once it serves; `cachewright stop` ends it.")
@as_json
def up(  # noqa: PLR0913, PLR0917 - one for each option
    host: str | None,
    port: int | None,
    data_dir: Path | None,
    role: str | None,
    warm: tuple[str, ...],
    verbose: bool,
    insecure: bool | None,
    config: tuple[Path, ...],
    parameter: tuple[str, ...],
    detach: bool,
    as_json: bool,
) -> None:
    """Serve the ElastiCache API in the foreground until Ctrl-C or `cachewright stop`; the caches keep running."""
    if as_json and not detach:
        raise click.UsageError("--json is for --detach")
    if as_json and config:
        raise click.UsageError("--json tells of the control plane alone: apply templates with `cachewright apply`")
    if parameter and not config:
        raise click.UsageError("--parameter is of templates: name one with --config")
    told = ",".join(warm) or None
    settings = chosen(host=host, port=port, data_dir=data_dir, insecure=insecure, role=role, warm=told)
    wanted = _read(config, parameter) if config else None
    if detach:
        options = {
            "--host": host,
            "--port": port,
            "--data-dir": settings.data_dir.absolute(),
            "--role": role,
            "--warm": told,
        }
        words = [word for name, value in options.items() if value is not None for word in (name, str(value))]
        flags = {"--verbose": verbose, "--insecure": insecure}
        _detach(settings, [*words, *(name for name, given in flags.items() if given)], wanted, as_json=as_json)
    else:
        _log_to_stderr(logging.DEBUG if verbose else logging.WARNING)
        _serve(settings, wanted)


def _log_to_stderr(level: int) -> None:
    from cachewright.controlplane.log_rate import Seldom  # noqa: PLC0415 - for this way of `up` alone
    from cachewright.controlplane.store.failures import __name__ as FAILURES  # noqa: N812, PLC0415

    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(Seldom())
    logging.getLogger(FAILURES).addFilter(Seldom(most=1, window=60.0))  # every request and every cache finds it out
    for chatty in ("urllib3", "docker"):
        logging.getLogger(chatty).setLevel(logging.INFO)


def _serve(settings: Settings, wanted: "Wanted | None") -> None:
    from cachewright.controlplane.commands.plane import url_of  # noqa: PLC0415 - see above
    from cachewright.controlplane.server.resources import CannotServe  # noqa: PLC0415
    from cachewright.controlplane.server.serve import serve  # noqa: PLC0415

    def ready(real: int) -> None:
        url = url_of(replace(settings, port=real))  # port 0: the system chose one
        click.echo(f"Cachewright listens on {url} (data in {settings.data_dir})")
        if wanted:
            Thread(target=_configure_beside, args=(wanted, url, settings), name="config", daemon=True).start()

    end_on_sigterm(Exit.DONE)
    try:
        with suppress(KeyboardInterrupt):  # which is how it is ended at a terminal
            serve(settings, ready)
    except SystemExit as end:
        if end.code != Exit.DONE:  # not SIGTERM
            raise
    except CannotServe as reason:
        raise Failure(str(reason)) from reason
    _leave()


def _leave() -> NoReturn:
    """Everything is ended and written down: a thread that still waits for a silent container engine keeps nobody."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(Exit.DONE)


def _read(config: tuple[Path, ...], parameter: tuple[str, ...]) -> "Wanted":
    from cachewright.controlplane.cli.templates import read  # noqa: PLC0415 - few have templates

    return read(config, parameter)


def _configure(wanted: "Wanted", url: str, settings: Settings) -> None:
    from cachewright.controlplane.cli.templates import configure  # noqa: PLC0415 - few have templates

    configure(wanted, url, settings)


def _configure_beside(wanted: "Wanted", url: str, settings: Settings) -> None:
    """As `_configure`, in a thread: the control plane goes on, whatever comes of it."""
    try:
        _configure(wanted, url, settings)
    except Failure as failure:
        failure.show()


def _detach(settings: Settings, words: list[str], wanted: "Wanted | None", *, as_json: bool) -> None:
    """Templates are applied from here: what was given for them is on nobody else's command line."""
    from cachewright.controlplane.commands import detached  # noqa: PLC0415 - for this way of `up` alone

    try:
        running = detached.start(settings, words)
    except detached.CannotDetach as reason:
        raise Failure(str(reason)) from reason
    if as_json:
        click.echo(json.dumps(asdict(running), indent=2))
    else:
        already = "already " if running.was_there else ""
        click.echo(f"Cachewright {already}listens on {running.url} (process {running.process}, log in {running.log})")
    if wanted:
        _configure(wanted, running.url, settings)


@click.command(short_help="End what `up` runs.")
@data_dir
@as_json
def stop(data_dir: Path | None, as_json: bool) -> None:
    """End the control plane of the data directory, and wait until it has ended; the caches keep running."""
    from cachewright.controlplane.commands import detached  # noqa: PLC0415 - imported when it is typed

    settings = chosen(data_dir=data_dir)
    try:
        process = detached.stop(settings)
    except detached.CannotDetach as reason:
        raise Failure(str(reason)) from reason
    if as_json:
        click.echo(json.dumps({"process": process}))
    else:
        click.echo("Cachewright has stopped; the caches keep running." if process else "Nothing runs there.")


@click.command(short_help="Remove everything of a data directory.")
@data_dir
@click.option("--keep-data", is_flag=True, help="Forget nothing, and leave the volumes: `up` brings the caches back.")
@as_json
def down(data_dir: Path | None, keep_data: bool, as_json: bool) -> None:
    """Remove every container, network and volume of the data directory, and forget its caches."""
    from cachewright.controlplane.server.resources import CannotServe  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.teardown import tear_down  # noqa: PLC0415

    try:
        razed = tear_down(chosen(data_dir=data_dir), keep_data=keep_data)
    except CannotServe as reason:
        raise Failure(str(reason)) from reason
    if as_json:
        click.echo(json.dumps({"removed": razed.removed, "left": razed.stuck}, indent=2))
        return
    for name in razed.removed:
        click.echo(f"removed {name}")
    for name in razed.stuck:
        click.echo(f"left network {name}: it is empty, but the container engine takes it for in use.")
    if razed.stuck:
        click.echo("Restart the container engine and run `cachewright down` again, or leave it: it does no harm.")
    else:
        rest = "`cachewright up` brings the caches back." if keep_data else "Nothing is left."
        click.echo(rest if razed.removed else "There was nothing to remove.")


@click.command(short_help="Print a unit for systemd.")
@data_dir
def service(data_dir: Path | None) -> None:
    """Print a unit with which systemd starts `cachewright up` with your session, and starts it again when it fails.

    It has the settings of this environment, but for secrets.
    """
    from cachewright.controlplane.commands.service import unit  # noqa: PLC0415 - imported when it is typed

    directory = chosen(data_dir=data_dir).data_dir.absolute()
    click.echo(unit((sys.executable, "-m", "cachewright"), directory, os.environ), nl=False)


def end_on_sigterm(code: int) -> None:
    """SIGTERM unwinds the program, and so cleans up, where the system's default would end it on the spot."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(code))

"""The `cachewright` command."""

import logging
from pathlib import Path
from typing import Annotated, Any

import typer

from controlplane.settings import Settings

app = typer.Typer(
    name="cachewright",
    help="ElastiCache on your own machine, with real Redis, Valkey and Memcached engines.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

DataDir = Annotated[Path | None, typer.Option(help="Where everything is remembered.", show_default="~/.cachewright")]


def chosen(**options: Any) -> Settings:  # noqa: ANN401 - whatever the settings take
    """The settings of the environment, but for the options that were given."""
    return Settings(**{name: value for name, value in options.items() if value is not None})


@app.command()
def up(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", show_default="4568")] = None,
    data_dir: DataDir = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Tell every step.")] = False,
) -> None:
    """Serve the ElastiCache API in the foreground. SIGTERM or Ctrl-C stops it; the caches keep running."""
    from controlplane.server import CannotServe, serve  # noqa: PLC0415 - the other commands start faster without

    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for chatty in ("urllib3", "docker"):
        logging.getLogger(chatty).setLevel(logging.INFO)
    settings = chosen(host=host, port=port, data_dir=data_dir)
    typer.echo(f"Cachewright listens on http://{settings.host}:{settings.port} (data in {settings.data_dir})")
    try:
        serve(settings)
    except CannotServe as reason:
        raise _failed(str(reason)) from reason


@app.command()
def down(data_dir: DataDir = None) -> None:
    """Remove every container, network and volume of the data directory, and forget its caches."""
    from controlplane.farewell import tear_down  # noqa: PLC0415
    from controlplane.server import CannotServe  # noqa: PLC0415

    try:
        removed = tear_down(chosen(data_dir=data_dir))
    except CannotServe as reason:
        raise _failed(str(reason)) from reason
    for name in removed:
        typer.echo(f"removed {name}")
    typer.echo("Nothing is left." if removed else "There was nothing to remove.")


def _failed(reason: str) -> typer.Exit:
    typer.secho(f"cachewright: {reason}", err=True, fg=typer.colors.RED)
    return typer.Exit(1)


def main() -> None:
    """The entry point of the command."""
    app()

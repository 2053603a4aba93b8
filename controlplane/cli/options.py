"""Options that several commands have, and the settings that follow from them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cachewright.controlplane import choice
from cachewright.controlplane.cli.ends import Failure
from cachewright.controlplane.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

    from cachewright.controlplane.commands.plane import ControlPlane

Command = TypeVar("Command", bound=Callable[..., Any])

DIRECTORY = click.Path(path_type=Path)

url = click.option("--url", metavar="URL", help="Where the control plane is.  [CACHEWRIGHT_URL, or the settings]")
data_dir = click.option("--data-dir", type=DIRECTORY, help="Where everything is remembered.  [~/.cachewright]")
port = click.option("--port", type=int, help="Port of the API.  [4568]")
account = click.option("--account", default="", help="Where it is, if several accounts have one.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


timeout = click.option(
    "--timeout",
    "seconds",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    default=600.0,
    help="To wait at most.  [600]",
)


def patience(command: Command) -> Command:
    """How long the command waits, as its parameter `seconds`; 0: not at all."""
    return timeout(click.option("--no-wait", "seconds", flag_value=0.0, type=float, help="Ask, and be done.")(command))


def chosen(**options: Any) -> Settings:  # noqa: ANN401 - whatever the settings take
    """The settings of the environment, but for the options given; ends the command when they make no sense."""
    for warning in choice.unknown(os.environ):
        click.secho(f"cachewright: {warning}", err=True, fg="yellow")
    try:
        return choice.settings({name: value for name, value in options.items() if value is not None}, os.environ)
    except choice.WrongSettings as wrong:
        raise Failure(str(wrong)) from wrong


def plane_at(url: str | None, settings: Settings | None = None) -> "ControlPlane":
    """The control plane that is meant, and the key with which it is asked."""
    from cachewright.controlplane import own_key  # noqa: PLC0415 - `up` has no need of it
    from cachewright.controlplane.commands.plane import ControlPlane, url_of  # noqa: PLC0415

    counting = settings or chosen()
    return ControlPlane(url or os.environ.get(choice.URL) or url_of(counting), own_key.signing(counting))


def console(*, stderr: bool = False) -> "Console":
    """What tables and progress are shown on."""
    from rich.console import Console  # noqa: PLC0415 - many need none, and are quicker without

    return Console(stderr=stderr)

"""Caches: `apply` and `export`, and the templates that `up` applies."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cachewright.controlplane.cli.ends import Failure, answered
from cachewright.controlplane.cli.options import DIRECTORY, chosen, console, plane_at, timeout, url
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.templates.formats import Format

if TYPE_CHECKING:
    from cachewright.controlplane.commands.template_files import Wanted

owner = click.option("--account", default="", help="Whose caches.  [000000000000]")
parameter = click.option("--parameter", multiple=True, metavar="NAME=VALUE", help="Of the templates.")


@click.command(short_help="Make caches as templates say.")
@click.argument("files", nargs=-1, required=True, type=DIRECTORY, metavar="FILE...")
@parameter
@click.option("--import", "imported", multiple=True, metavar="NAME=VALUE", help="What comes from elsewhere.")
@click.option("--stack", default="", metavar="NAME", help="The stack's name.  [after the file]")
@click.option("--plan", is_flag=True, help="Show what would be done, and change nothing.")
@click.option("--delete", "remove", is_flag=True, help="Remove what was made of them.")
@click.option("--yes", is_flag=True, help="Ask nothing before something is replaced or removed.")
@click.option("--outputs", type=click.Choice([form.value for form in Format]), help="Print the outputs alone.")
@timeout
@owner
@url
def apply(  # noqa: PLR0913, PLR0917 - one for each option
    files: tuple[Path, ...],
    parameter: tuple[str, ...],
    imported: tuple[str, ...],
    stack: str,
    plan: bool,
    remove: bool,
    yes: bool,
    outputs: str | None,
    seconds: float,
    account: str,
    url: str | None,
) -> None:
    """Make caches as CloudFormation templates describe them; again, and only what differs is changed."""
    from cachewright.controlplane.commands import apply as command  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.commands.aws import as_account  # noqa: PLC0415
    from cachewright.controlplane.commands.template_files import Wanted, pairs  # noqa: PLC0415

    settings, form = chosen(), Format(outputs) if outputs else None
    with answered(), applied():
        given = pairs(parameter, "--parameter"), pairs(imported, "--import")
        wanted = Wanted(files, *given, stack, plan=plan, yes=yes, seconds=seconds)
        plane = as_account(plane_at(url, settings), account)
        run = command.delete if remove else command.apply
        command.tell(run(plane, settings.region, wanted, console(stderr=bool(form)), _consent), form)


@click.command(short_help="Print what there is as a template.")
@click.option("--stack", default="", metavar="NAME", help="What was last applied to it.  [everything there is]")
@owner
@url
def export(stack: str, account: str, url: str | None) -> None:
    """Print what there is as a CloudFormation template."""
    from cachewright.controlplane.commands import export as command  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.commands.aws import as_account  # noqa: PLC0415

    settings = chosen()
    with answered(), applied():
        click.echo(command.exported(as_account(plane_at(url, settings), account), settings.region, stack), nl=False)


def read(config: Sequence[Path], parameter: Sequence[str]) -> "Wanted":
    """What is wanted of templates; ends the command when one is none, or needs what was not given."""
    from cachewright.controlplane.commands import template_files as command  # noqa: PLC0415 - for `up` with templates

    with applied():
        wanted = command.Wanted(config, command.pairs(parameter, "--parameter"))
        command.read(wanted)
        return wanted


def configure(wanted: "Wanted", url: str, settings: Settings) -> None:
    """Apply templates to the control plane that runs here. Nobody is asked, so what would end something is not done.
    Failure when they cannot be applied.
    """
    from cachewright.controlplane.commands import apply as command  # noqa: PLC0415 - for `up` with templates

    with answered(), applied():
        told = command.apply(plane_at(url, settings), settings.region, wanted, console(), lambda _: False)
        command.tell(told, None)


@contextmanager
def applied() -> Iterator[None]:
    """A template that cannot be applied ends the command with one line."""
    from cachewright.controlplane.commands.live import CannotApply  # noqa: PLC0415 - imported when it is typed
    from cachewright.controlplane.templates.values import WrongTemplate  # noqa: PLC0415

    try:
        yield
    except (CannotApply, WrongTemplate) as reason:
        raise Failure(str(reason)) from reason


def _consent(question: str) -> bool:
    """Whether the user agrees; somebody who cannot be asked does not."""
    return sys.stdin.isatty() and click.confirm(question)

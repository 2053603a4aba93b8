"""Completion of words in a shell: of commands, of options, and of caches by name."""

import click
from click.shell_completion import CompletionItem, get_completion_class

from cachewright.controlplane.cli.options import plane_at

SHELLS = ("bash", "zsh", "fish")
PATIENCE = 1.0  # seconds for an answer: somebody waits at a prompt
_VARIABLE = "_CACHEWRIGHT_COMPLETE"


def _caches(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001 - as click has it
    """Names of caches, and what they are; none where nobody answers."""
    from dataclasses import replace  # noqa: PLC0415 - rarely needed

    from cachewright.controlplane.commands.plane import NoAnswer  # noqa: PLC0415
    from cachewright.controlplane.commands.seen import look  # noqa: PLC0415

    try:
        caches = look(replace(plane_at(ctx.params.get("url")), patience=PATIENCE)).caches
    except (NoAnswer, click.ClickException):
        return []
    return [CompletionItem(each.id, help=each.engine) for each in caches if each.id.startswith(incomplete)]


CACHE = click.argument("target", metavar="ID", shell_complete=_caches)


@click.command(short_help="Print a script that completes words.")
@click.argument("shell", type=click.Choice(SHELLS), metavar="bash|zsh|fish")
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script with which a shell completes commands, options and names of caches.

    It is told to the shell in its start-up file: eval "$(cachewright completion bash)", the same with zsh, or
    cachewright completion fish | source.
    """
    kind = get_completion_class(shell)
    assert kind, "click has one for each of these"
    root = ctx.find_root()
    click.echo(kind(root.command, {}, "cachewright", _VARIABLE).source())

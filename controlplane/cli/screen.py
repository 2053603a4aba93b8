"""The command as a whole: its help fits a screen, and a command is imported when it is typed."""

import sys
from collections.abc import Mapping
from importlib import import_module
from itertools import zip_longest
from typing import Any

import click

from cachewright.controlplane.cli.catalogue import COLUMNS, EVERY, HOME, Entry
from cachewright.controlplane.cli.ends import Exit, Failure

WIDTH = 40  # of a column of the help
_NAME = 13
_TITLE = "ElastiCache on your own machine, with real Redis, Valkey and Memcached engines."
_USAGE = "Usage: cachewright COMMAND [OPTIONS]      cachewright COMMAND --help tells more"


class Screen(click.Group):
    """The commands of the catalogue."""

    def __init__(self) -> None:
        super().__init__("cachewright", no_args_is_help=True)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click has it
        """See click."""
        return list(EVERY)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """See click."""
        if cmd_name not in EVERY:
            return None
        module, _, attribute = EVERY[cmd_name].place.partition(":")
        command: click.Command = getattr(import_module(f"{HOME}.{module}"), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """See click; whoever mistypes is told what they may have meant."""
        if args[0] not in EVERY and not args[0].startswith("-") and not ctx.resilient_parsing:
            from difflib import get_close_matches  # noqa: PLC0415 - for what is mistyped

            near = get_close_matches(args[0], EVERY, 1)
            ctx.fail(f"There is no command {args[0]!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """All commands on one screen, in groups."""
        formatter.write("\n".join((_TITLE, _USAGE, "", *_rows(), "")))

    def run(self) -> None:
        """Do what the words of the process say, and end it with the code that tells how that went."""
        try:
            code: Any = self.main(prog_name="cachewright", standalone_mode=False)
        except Failure as failure:
            failure.show()
            sys.exit(failure.code)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except click.Abort:
            sys.exit(Exit.INTERRUPTED)
        sys.exit(code if isinstance(code, int) else Exit.DONE)


def _rows() -> list[str]:
    left, right = (
        [line for title, group in column.items() for line in _block(title, group)][:-1] for column in COLUMNS
    )
    return [f"{one:<{WIDTH}}{other}".rstrip() for one, other in zip_longest(left, right, fillvalue="")]


def _block(title: str, group: Mapping[str, Entry]) -> list[str]:
    return [title, *(f"  {name:<{_NAME - 2}} {entry.summary}" for name, entry in group.items()), ""]

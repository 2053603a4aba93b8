"""The tables of the command line: what can be typed, and what the ends of commands tell, as Markdown."""

from collections.abc import Iterator

import click

from cachewright.controlplane.cli.catalogue import COLUMNS
from cachewright.controlplane.cli.ends import MEANINGS
from cachewright.controlplane.cli.screen import Screen


def commands() -> str:
    """Every command with its options, in the groups of the help."""
    screen, root = Screen(), click.Context(Screen(), info_name="cachewright")
    lines = ["| Command | What it does | Options |", "| --- | --- | --- |"]
    for title, group in (group for column in COLUMNS for group in column.items()):
        lines.append(f"| **{title}** | | |")
        for name in group:
            command = screen.get_command(root, name)
            assert command
            lines += [
                f"| {_usage(path, one)} | {_help(one)} | {_options(one)} |" for path, one in _every(name, command)
            ]
    return "\n".join(lines)


def ends() -> str:
    """What a script learns from the end of a command."""
    rows = [f"| {int(code)} | {meaning} |" for code, meaning in MEANINGS.items()]
    return "\n".join(("| Code | Meaning |", "| --- | --- |", *rows))


def _every(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    for name, inside in command.commands.items():
        yield f"{path} {name}", inside


def _usage(path: str, command: click.Command) -> str:
    arguments = (each.metavar or "" for each in command.params if isinstance(each, click.Argument))
    return f"`{' '.join((path, *arguments))}`".replace("|", "\\|")


def _help(command: click.Command) -> str:
    return " ".join((command.help or "").split()).replace("|", "\\|")


def _options(command: click.Command) -> str:
    options = (each for each in command.params if isinstance(each, click.Option))
    return " ".join(f"`{each.opts[0]}`" for each in options)

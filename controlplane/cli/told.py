"""What AWS tells of something, for people or for programs."""

import json

import click

from cachewright.controlplane.commands.described import Shown, endpoint
from cachewright.controlplane.commands.outline import outline


def tell(shown: Shown, *, as_json: bool) -> None:
    """Print an answer of AWS's: JSON has it as it is."""
    if as_json:
        print_json(shown)
        return
    for line in outline(shown):
        click.echo(line)


def tell_ready(shown: Shown, words: str, *, as_json: bool) -> None:
    """Print what has been done to a cache; words, or its endpoint where there are none."""
    if as_json:
        print_json(shown)
    else:
        click.echo(words or endpoint(shown))


def print_json(value: object) -> None:
    """JSON, with moments as ISO 8601 writes them."""
    click.echo(json.dumps(value, indent=2, default=lambda moment: moment.isoformat()))

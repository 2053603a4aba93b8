"""How delays are typed."""

import re

import click

from cachewright.controlplane.model.drills import FARTHEST

_TYPED = re.compile(r"([0-9]+)(ms|s|)")


def milliseconds(_context: click.Context | None, _parameter: click.Parameter | None, typed: str) -> int:
    """The delay of a region: `80ms`, `1s`, or a number of milliseconds. A callback of an option: BadParameter for what
    is none, or too long.
    """
    found = _TYPED.fullmatch(typed)
    if found is None:
        raise click.BadParameter(f"{typed!r} is no delay: 80ms is one, and 0 is none.")
    delay = int(found[1]) * (1000 if found[2] == "s" else 1)
    if delay > FARTHEST:
        raise click.BadParameter(f"{typed!r} is too long: {FARTHEST}ms are the most.")
    return delay

"""How delays are typed."""

import re

import click

_TYPED = re.compile(r"([0-9]+)(ms|s|)")


class Delay(click.ParamType):
    """`80ms`, `1s`, or a number of milliseconds, up to so many; as milliseconds."""

    name = "delay"

    def __init__(self, most: int) -> None:
        self._most = most

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """See click.ParamType."""
        typed = _TYPED.fullmatch(str(value))
        if typed is None:
            self.fail(f"{value!r} is no delay: 80ms is one, and 0 is none.", param, ctx)
        delay = int(typed[1]) * (1000 if typed[2] == "s" else 1)
        if delay > self._most:
            self.fail(f"{value!r} is too long: {self._most}ms are the most.", param, ctx)
        return delay

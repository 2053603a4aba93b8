"""`cachewright logs`: what the nodes of a cache have logged."""

import json
import time
from contextlib import suppress

import click

from cachewright.controlplane.commands.answers import read
from cachewright.controlplane.commands.plane import ControlPlane, asked, foreign
from cachewright.controlplane.console.paths import LOGS
from cachewright.controlplane.model.log_delivery import LogType
from cachewright.controlplane.model.log_reading import LogPage

PAUSE = 1.0  # seconds between two looks


def show(plane: ControlPlane, target: str, account: str, kind: LogType, *, as_json: bool) -> None:
    """Print the last lines of every node."""
    _print(_page(plane, target, account, kind, {}), as_json=as_json)


def follow(plane: ControlPlane, target: str, account: str, kind: LogType, *, as_json: bool) -> None:
    """Print the last lines, and what comes behind them, until Ctrl-C. NoAnswer when the cache is gone."""
    after: dict[str, str] = {}
    with suppress(KeyboardInterrupt):
        while True:
            page = _page(plane, target, account, kind, after)
            _print(page, as_json=as_json)
            after |= {one.node: one.position for one in page.positions}
            time.sleep(PAUSE)


def _page(plane: ControlPlane, target: str, account: str, kind: LogType, after: dict[str, str]) -> LogPage:
    body = {"target": target, "account": account, "type": kind.value, "after": after}
    try:
        return read(LogPage, asked(plane, LOGS, "POST", body))
    except ValueError as error:
        raise foreign(plane.url, "its answer is no page of a log") from error


def _print(page: LogPage, *, as_json: bool) -> None:
    """Plain lines: whoever wants colours has a pager. Nothing in them moves the cursor."""
    for line in page.lines:
        plain = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)
        click.echo(json.dumps({"line": line}) if as_json else plain)
    for line in page.silent:
        click.echo(line, err=True)

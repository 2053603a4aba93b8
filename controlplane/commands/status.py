"""`cachewright status`: what a control plane says of itself."""

import json
import time
from contextlib import suppress
from dataclasses import asdict

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from cachewright.controlplane.commands.answers import read
from cachewright.controlplane.commands.board import board
from cachewright.controlplane.commands.plane import NoAnswer, asked, foreign
from cachewright.controlplane.console.paths import TOPOLOGY
from cachewright.controlplane.console.topology import Topology

PAUSE = 0.5  # seconds between two looks


def look(url: str) -> Topology:
    """The topology that the control plane at `url` tells."""
    return _understood(url, asked(url, TOPOLOGY))


def show_json(url: str, console: Console) -> None:
    """Print the topology as JSON, for programs."""
    console.print_json(json.dumps(asdict(look(url))))


def show(url: str, console: Console) -> None:
    """Print the topology once."""
    console.print(board(look(url)))


def watch(url: str, console: Console) -> None:
    """Print the topology again and again until Ctrl-C; a control plane that is away for a moment may come back."""
    look(url)
    with suppress(KeyboardInterrupt), Live(console=console, screen=console.is_terminal, auto_refresh=False) as live:
        while True:
            live.update(_now(url), refresh=True)
            time.sleep(PAUSE)


def _now(url: str) -> RenderableType:
    try:
        return board(look(url))
    except NoAnswer as reason:
        return Text(str(reason), style="red")


def _understood(url: str, document: bytes) -> Topology:
    try:
        return read(Topology, document)
    except ValueError as error:
        raise foreign(url, "its answer is no topology") from error

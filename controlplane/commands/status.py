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
from cachewright.controlplane.commands.plane import ControlPlane, NoAnswer, asked, foreign
from cachewright.controlplane.console.paths import TOPOLOGY
from cachewright.controlplane.console.topology import Topology

PAUSE = 0.5  # seconds between two looks


def look(plane: ControlPlane) -> Topology:
    """The topology that the control plane tells."""
    return _understood(plane, asked(plane, TOPOLOGY))


def show_json(plane: ControlPlane, console: Console) -> None:
    """Print the topology as JSON, for programs."""
    console.print_json(json.dumps(asdict(look(plane))))


def show(plane: ControlPlane, console: Console) -> None:
    """Print the topology once."""
    console.print(board(look(plane)))


def watch(plane: ControlPlane, console: Console) -> None:
    """Print the topology again and again until Ctrl-C; a control plane that is away for a moment may come back."""
    look(plane)
    with suppress(KeyboardInterrupt), Live(console=console, screen=console.is_terminal, auto_refresh=False) as live:
        while True:
            live.update(_now(plane), refresh=True)
            time.sleep(PAUSE)


def _now(plane: ControlPlane) -> RenderableType:
    try:
        return board(look(plane))
    except NoAnswer as reason:
        return Text(str(reason), style="red")


def _understood(plane: ControlPlane, document: bytes) -> Topology:
    try:
        return read(Topology, document)
    except ValueError as error:
        raise foreign(plane.url, "its answer is no topology") from error

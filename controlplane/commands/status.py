"""`cachewright status`: what a control plane says of itself."""

import time
from contextlib import suppress

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from cachewright.controlplane.commands.board import board, crew
from cachewright.controlplane.commands.plane import ControlPlane, NoAnswer
from cachewright.controlplane.commands.seen import look, members

PAUSE = 0.5  # seconds between two looks


def show(plane: ControlPlane, console: Console) -> None:
    """Print the topology once."""
    console.print(_seen(plane))


def watch(plane: ControlPlane, console: Console) -> None:
    """Print the topology again and again until Ctrl-C; a control plane that is away for a moment may come back."""
    _seen(plane)
    with suppress(KeyboardInterrupt), Live(console=console, screen=console.is_terminal, auto_refresh=False) as live:
        while True:
            live.update(_now(plane), refresh=True)
            time.sleep(PAUSE)


def _seen(plane: ControlPlane) -> RenderableType:
    seen, there = board(look(plane)), members(plane).members
    return Group(crew(there), Text(), seen) if there else seen


def _now(plane: ControlPlane) -> RenderableType:
    try:
        return _seen(plane)
    except NoAnswer as reason:
        return Text(str(reason), style="red")

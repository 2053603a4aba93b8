"""`cachewright status`: what a control plane says of itself."""

import json
import time
from contextlib import suppress
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from pydantic import TypeAdapter, ValidationError
from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from controlplane.commands.board import board
from controlplane.console.topology import TOPOLOGY, Topology
from controlplane.settings import Settings

PAUSE = 0.5  # seconds between two looks
PATIENCE = 5.0  # seconds for an answer

_direct = build_opener(ProxyHandler({}))  # a proxy knows nothing of this machine
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - an address to listen on, not to connect to
_topology = TypeAdapter(Topology)


class NoAnswer(Exception):  # noqa: N818
    """Why there is nothing to show, in words for the user."""


def url_of(settings: Settings) -> str:
    """Where the control plane of these settings is reached from this machine."""
    host = _EVERYWHERE.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def look(url: str) -> Topology:
    """The topology that the control plane at `url` tells."""
    return _understood(url, _fetched(url))


def show_json(url: str, console: Console) -> None:
    """Print the topology as JSON, for programs."""
    console.print_json(json.dumps(_topology.dump_python(look(url), mode="json")))


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


def _fetched(url: str) -> bytes:
    try:
        with _direct.open(url.rstrip("/") + TOPOLOGY, timeout=PATIENCE) as answer:
            return bytes(answer.read())
    except HTTPError as error:
        raise _foreign(url, f"it answers {error.code}") from error
    except ValueError as error:
        raise NoAnswer(f"cannot read the URL {url}: {error}") from error
    except (OSError, HTTPException) as error:
        cause = getattr(error, "reason", error)
        raise NoAnswer(
            f"no control plane answers at {url} ({cause}); start one with `cachewright up`, or name another with --url"
        ) from error


def _understood(url: str, document: bytes) -> Topology:
    try:
        return _topology.validate_json(document)
    except ValidationError as error:
        raise _foreign(url, "its answer is no topology") from error


def _foreign(url: str, cause: str) -> NoAnswer:
    return NoAnswer(f"what listens at {url} is no Cachewright of this version: {cause}")

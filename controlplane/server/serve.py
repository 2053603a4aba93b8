"""`cachewright up`: listens first, loads afterwards, and serves until it is told to stop."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import uvicorn

from cachewright.controlplane import data_directory
from cachewright.controlplane.connections import limits_for, protocol, raise_open_files, tell
from cachewright.controlplane.server.background import Background
from cachewright.controlplane.server.front import Application, Front
from cachewright.controlplane.server.resources import listen, locked_directory, usable
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.beside import beside
from cachewright.controlplane.store.revision import is_current

DRAIN = 2  # seconds that open requests get at the end
FIRST = 0.02  # seconds in which who waits for the first answer gets it, before loading takes the processor


def serve(settings: Settings, ready: Callable[[int], None]) -> None:
    """Serve in the foreground until SIGTERM or SIGINT; the caches keep running. CannotServe when that is impossible.

    `ready` is told the port as soon as requests are taken. Where something may still be refused, that is once the whole
    control plane is there; else before it is loaded, and requests that come meanwhile wait for it.
    """
    with locked_directory(settings), listen(settings) as door, _certain(settings) as certain:
        background = Background(lambda: _application(settings, alone=certain))
        server = _Server(background, Front(background.made, frozenset(map(str.lower, settings.allowed_hosts))))
        try:
            if not certain:
                background.start()
                background.made.result()
            _run(server, door, ready)
        finally:
            background.end()


@contextmanager
def _certain(settings: Settings) -> Iterator[bool]:
    """Whether nothing can be refused any more: the database is our own, has this version's tables, and nobody else has
    it, who cannot get it any more. Whatever is not certain is found out while the application is made.
    """
    database = settings.data_dir / data_directory.DATABASE
    if settings.database_url or settings.dns_port or not is_current(database):
        yield False
        return
    with usable(settings), beside(database):
        yield True


def _application(settings: Settings, *, alone: bool) -> AbstractContextManager[Application]:
    from cachewright.controlplane.server.composition import control_plane  # noqa: PLC0415 - this is what takes long

    return control_plane(settings, alone=alone)


def _run(server: "_Server", door: socket.socket, ready: Callable[[int], None]) -> None:
    """Until a signal, or until the application turns out to be impossible, which is raised."""
    ready(door.getsockname()[1])
    server.run(sockets=[door])
    made = server.background.made
    if made.done():
        made.result()


class _Server(uvicorn.Server):
    """Makes its application once it serves, and ends when that is impossible."""

    def __init__(self, background: Background[Application], front: Front) -> None:
        super().__init__(
            uvicorn.Config(
                front,
                http=protocol(limits_for(raise_open_files())),
                lifespan="off",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=DRAIN,
            )
        )
        self.background = background

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn."""
        asyncio.get_running_loop().set_exception_handler(tell)
        await super().startup(sockets)
        if not self.background.made.done():
            self.background.made.add_done_callback(lambda made: self._stop() if made.exception() else None)
            asyncio.get_running_loop().call_later(FIRST, self.background.start)

    def _stop(self) -> None:
        self.should_exit = True

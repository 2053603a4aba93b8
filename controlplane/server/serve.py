"""`cachewright up`: listens first, loads afterwards, and serves until it is told to stop."""

import asyncio
import logging
import socket
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from types import FrameType

import uvicorn

from cachewright.controlplane import data_directory
from cachewright.controlplane.connections import limits_for, protocol, raise_open_files, tell
from cachewright.controlplane.server import holder
from cachewright.controlplane.server.background import Background
from cachewright.controlplane.server.front import Application, Front, in_words
from cachewright.controlplane.server.resources import (
    listen,
    locked_database,
    locked_directory,
    require_certificate,
    require_shared,
)
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.readiness import is_ready

DRAIN = 2  # seconds that open requests get at the end
TICK = 1.0  # seconds after which the date that responses bear is another one
HEARD = 0.05  # seconds in which who has asked just before the end is heard, and told that it is the end
FIRST = 0.02  # seconds in which who waits for the first answer gets it, before loading takes the processor

log = logging.getLogger(__name__)


def serve(settings: Settings, ready: Callable[[int], None]) -> None:
    """Serve in the foreground until SIGTERM or SIGINT; the caches keep running. CannotServe when that is impossible.

    `ready` is told the port as soon as requests are taken. Where something may still be refused, that is once the whole
    control plane is there; else before it is loaded, and requests that come meanwhile wait for it.
    """
    require_shared(settings)
    require_certificate(settings)
    with locked_directory(settings) as lock, listen(settings) as door, locked_database(settings):
        holder.sign(lock, settings.host, door.getsockname()[1])
        certain = _is_certain(settings)
        ending: Future[None] = Future()
        background = Background(lambda proceed: _application(settings, proceed, ending, ready=certain))
        front = Front(background.made, frozenset(map(str.lower, settings.allowed_hosts)))
        server = _Server(background, ending, front, settings.tls_certificate)
        try:
            if not certain:
                _load(background)
                background.made.result()
            _run(server, door, ready)
        finally:
            background.end()


def _is_certain(settings: Settings) -> bool:
    """Whether nothing can be refused any more: the database is our own, whole, and takes what is written. Whatever is
    not certain is found out while the application is made.
    """
    directory = settings.data_dir
    if settings.database_url or settings.dns_port:
        return False
    return is_ready(directory / data_directory.DATABASE, data_directory.instance(directory, ""))


def _load(background: Background[Application]) -> None:
    from cachewright.controlplane.server.allocator import share_heap  # noqa: PLC0415 - the first answer needs nothing of it

    share_heap()  # before there are threads
    background.start()


def _application(
    settings: Settings, proceed: Callable[[], None], ending: "Future[None]", *, ready: bool
) -> AbstractContextManager[Application]:
    from cachewright.controlplane.server.composition import control_plane  # noqa: PLC0415 - this is what takes long

    proceed()
    return control_plane(settings, proceed, ending, ready=ready)


def _run(server: "_Server", door: socket.socket, ready: Callable[[int], None]) -> None:
    """Until a signal, or until the application turns out to be impossible, which is raised."""
    ready(door.getsockname()[1])
    server.run(sockets=[door])
    made = server.background.made
    if made.done() and not made.cancelled():
        made.result()


class _Server(uvicorn.Server):
    """Makes its application once it serves, and ends when that is impossible."""

    def __init__(
        self, background: Background[Application], ending: "Future[None]", front: Front, certificate: Path | str
    ) -> None:
        super().__init__(
            uvicorn.Config(
                front,
                http=protocol(limits_for(raise_open_files())),
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=DRAIN,
                ssl_certfile=certificate or None,
            )
        )
        self.background, self._ending = background, ending
        self._leaving = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn."""
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(tell)
        await super().startup(sockets)
        if not self.background.made.done():
            self.background.made.add_done_callback(self._end_without)
            self._loop.call_later(FIRST, _load, self.background)

    async def main_loop(self) -> None:
        """See uvicorn, which looks ten times in a second whether it should end; here that is told."""
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), TICK)
                await asyncio.sleep(HEARD)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """See uvicorn."""
        super().handle_exit(sig, frame)
        self._leave()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn. Who waits for an application that is not there yet is told at once that there will be none, and
        who follows something is let go.
        """
        self.background.give_up()
        if not self._ending.done():
            self._ending.set_result(None)
        await super().shutdown(sockets)

    def _end_without(self, made: "Future[Application]") -> None:
        """End when the application turned out to be impossible; given up, it ends already."""
        if not made.cancelled() and (reason := made.exception()):
            log.error("cannot load the application: %s", in_words(reason))
            self.should_exit = True
            self._leave()

    def _leave(self) -> None:
        """From any thread, and from a signal's handler."""
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._leaving.set)

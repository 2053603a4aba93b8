"""Connections to the API: how many there may be, and how long a client may take to say what it wants.

Anybody on this machine may connect, and a connection costs a file; without limits a few idle programs use them all up.
uvicorn limits the time between two requests and the number of requests under way, and nothing else.
"""

import asyncio
import logging
import resource
from asyncio import TimerHandle
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cachewright.controlplane.log_rate import Seldom

MOST_FILES = 65536  # that are asked of the system: more than any installation needs
_NO_FILE = "socket.accept() out of system resource"  # asyncio's words; it says them for every client that waits

log = logging.getLogger(__name__)
log.addFilter(Seldom(most=1, window=60.0))


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server allows."""

    connections: int = 1024
    head_bytes: int = 64 << 10  # of the request line and the headers; a real request has about one thousand
    head_seconds: float = 10.0  # from the first byte, or from the connection, until the headers are complete
    body_seconds: float = 30.0  # from then on until the body is


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's own protocol within limits. Whoever goes beyond them is told in a line, and cut off."""

    limits: ClassVar[Limits] = Limits()
    _timer: TimerHandle | None = None
    _in_head: bool = True
    _head: int = 0  # bytes of the present head, as they come in

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has come."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            self._cut_off(b"503 Service Unavailable")
        else:
            self._wait(self.limits.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._wait(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes have come: whole requests, or parts."""
        if self.transport.is_closing():
            return
        if self._in_head:
            self._head += len(data)
            if self._timer is None:
                self._wait(self.limits.head_seconds)
        super().data_received(data)
        if self._in_head and self._head > self.limits.head_bytes:
            self._cut_off(b"431 Request Header Fields Too Large")

    def on_headers_complete(self) -> None:
        """The head is there, the body may not be."""
        self._in_head, self._head = False, 0
        self._wait(self.limits.body_seconds)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The whole request is there."""
        self._in_head = True
        self._wait(None)
        super().on_message_complete()

    def _wait(self, seconds: float | None) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._late)

    def _late(self) -> None:
        self._cut_off(b"408 Request Timeout" if self._head or not self._in_head else b"")

    def _cut_off(self, status: bytes) -> None:
        """Tell why, unless an answer is under way already or nobody asked anything."""
        self._wait(None)
        answering = self.cycle is not None and not self.cycle.response_complete and self.cycle.response_started
        if status and not answering and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 " + status + b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
        self.transport.close()


def protocol(limits: Limits) -> type[BoundedProtocol]:
    """The protocol within other limits."""

    class Limited(BoundedProtocol):
        pass

    Limited.limits = limits
    return Limited


def raise_open_files() -> int:
    """As many open files as the system lets this process have, and no fewer than before; how many that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):  # some systems allow less than they say
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What went wrong in the server's loop. That nobody can connect is told in a line a minute."""
    if context.get("message") != _NO_FILE:
        loop.default_exception_handler(context)
        return
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    cause = getattr(context.get("exception"), "strerror", None) or _NO_FILE
    log.warning("cannot take more connections: %s; this process may have %d (ulimit -n)", cause, files)


def limits_for(files: int) -> Limits:
    """Half of the files are for connections of clients, the others for engines, the database and Docker."""
    return Limits(connections=max(files // 2, 16)) if files < 2 * Limits().connections else Limits()

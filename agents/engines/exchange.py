"""What is said and heard on one connection, with a limit for how long and how much: for questions of which nobody knows
how large the answer is.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cachewright.controlplane.model.cache import Address

PIECE = 1 << 16  # bytes that are read at a time


class TooLong(Exception):  # noqa: N818
    """The answer is longer than it may be; the connection is of no use any more."""


class Exchange:
    """A connection by its two ends. OSError where it breaks or time is up."""

    def __init__(self, send: Callable[[bytes], None], receive: Callable[[int], bytes], most: int) -> None:
        """`receive` waits for so many bytes at most, and has none at the end; of an answer `most` bytes are heard."""
        self._send, self._receive, self._most = send, receive, most
        self._heard = bytearray()
        self._left = most

    def say(self, words: bytes) -> None:
        """A question; what is heard from now on is its answer."""
        self._left = self._most
        self._send(words)

    def line(self) -> bytes:
        """The next line, without its end: Memcached ends those of a dump by LF alone."""
        while (end := self._heard.find(b"\n")) < 0:
            self._hear()
        line = bytes(self._heard[:end])
        del self._heard[: end + 1]
        return line.removesuffix(b"\r")

    def take(self, count: int) -> bytes:
        """The next bytes; TooLong before they are waited for, if they are too many."""
        if count > self._left + len(self._heard):
            raise TooLong
        while len(self._heard) < count:
            self._hear()
        taken = bytes(self._heard[:count])
        del self._heard[:count]
        return taken

    def _hear(self) -> None:
        if self._left <= 0:
            raise TooLong
        part = self._receive(min(PIECE, self._left))
        if not part:
            raise ConnectionError("it has ended the connection")
        self._left -= len(part)
        self._heard += part


@contextmanager
def exchange(address: Address, authority: Path | None, until: float, most: int) -> Iterator[Exchange]:
    """A connection that lasts no longer than until that moment of the monotonic clock; encrypted where there is an
    authority to check the other end by. OSError when nobody is there.
    """
    with socket.create_connection((address.host, address.port), _left(until)) as plain:
        connection = plain
        if authority:
            context = ssl.create_default_context(cafile=str(authority))
            connection = context.wrap_socket(plain, server_hostname=address.host)

        def send(words: bytes) -> None:
            connection.settimeout(_left(until))
            connection.sendall(words)

        def receive(count: int) -> bytes:
            connection.settimeout(_left(until))
            return connection.recv(count)

        try:
            yield Exchange(send, receive, most)
        finally:
            connection.close()


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("it takes too long")
    return left

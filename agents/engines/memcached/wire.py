"""A connection to Memcached on which large answers come: nobody waits for its end, but for each part of it."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from cachewright.agents.planning.links import Reach

PATIENCE = 10.0  # seconds that a node may be silent
_LONGEST = 1 << 12  # bytes of a line


class Refused(Exception):  # noqa: N818
    """A node says something else than an answer: what, in its words."""


class Wire:
    """What is said and heard. OSError where it breaks, or the node is silent."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._answers = connection.makefile("rb")

    def say(self, words: bytes) -> None:
        """Say something that hardly anything is answered to until all of it was said."""
        self._connection.sendall(words)

    def line(self) -> bytes:
        """The next line, without its end: those of a dump end by LF alone."""
        line = self._answers.readline(_LONGEST)
        if not line.endswith(b"\n"):
            raise ConnectionError("it has ended the connection")
        return line[:-1].removesuffix(b"\r")

    def value(self, size: int) -> bytes:
        """The next bytes, and the end of their line."""
        heard = self._answers.read(size + 2)
        if len(heard) != size + 2:
            raise ConnectionError("it has ended the connection")
        return heard[:-2]


@contextmanager
def wire(node: Reach, trust: ssl.SSLContext | None) -> Iterator[Wire]:
    """A connection, encrypted where it is said whom to trust; OSError when nobody is there."""
    with socket.create_connection((node.address.host, node.address.port), PATIENCE) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if trust is None:
            yield Wire(plain)
            return
        with trust.wrap_socket(plain, server_hostname=node.address.host) as encrypted:
            yield Wire(encrypted)

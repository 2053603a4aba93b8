"""A way to a PostgreSQL that can be cut, as a network is: connections stay open, and nothing comes through."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

SOCKET = ".s.PGSQL.5432"
PIECE = 1 << 16  # bytes


class Way:
    """Leads to the socket of a server, until it is cut and once it is mended."""

    def __init__(self, server: Path, directory: Path) -> None:
        self.directory, self._server, self._whole = directory, server, Event()
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(directory / SOCKET))
        self._door.listen(64)
        self._whole.set()
        Thread(target=self._admit, daemon=True).start()

    def url(self, url: str) -> str:
        """The same database, by this way."""
        return url.replace(str(self._server), str(self.directory))

    def cut(self) -> None:
        """Nothing comes through from now on."""
        self._whole.clear()

    def mend(self) -> None:
        """What was held up comes through, and everything after it."""
        self._whole.set()

    def close(self) -> None:
        """Take no more connections."""
        self._whole.set()
        self._door.close()

    def _admit(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self._server / SOCKET))
                for source, sink in ((near, far), (far, near)):
                    Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE):
                self._whole.wait()
                sink.sendall(piece)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def way(server: Path) -> Iterator[Way]:
    """A way that is whole, in the block."""
    with TemporaryDirectory(prefix="way-") as name:
        made = Way(server, Path(name))
        try:
            yield made
        finally:
            made.close()

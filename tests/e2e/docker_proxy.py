"""A Docker engine that can be told to hang: it accepts every connection, takes every word, and never answers."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock, Thread
from urllib.parse import urlsplit

_PIECE = 1 << 16  # bytes


@dataclass(slots=True, eq=False)
class DockerProxy:
    """Stands before the real engine, at a Unix socket."""

    path: Path
    engine: str  # where the real one listens
    _door: socket.socket = field(default_factory=lambda: socket.socket(socket.AF_UNIX))
    ignored: bool = False  # somebody has asked in vain since it hangs
    _hanging: bool = False
    _open: set[socket.socket] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    @property
    def url(self) -> str:
        """For DOCKER_HOST."""
        return f"unix://{self.path}"

    def serve(self) -> None:
        """Pass on until it is closed."""
        self._door.bind(str(self.path))
        self._door.listen(256)
        Thread(target=self._accept, daemon=True).start()

    def hang(self) -> None:
        """Answer nobody from now on: what comes is taken and thrown away."""
        self._hanging, self.ignored = True, False

    def answer(self) -> None:
        """Pass on again; who was kept waiting is told by the end of the connection."""
        self._hanging = False
        self._end()

    def close(self) -> None:
        """Listen no more."""
        self._door.close()
        self._end()

    def _end(self) -> None:
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                Thread(target=self._attend, args=[client], daemon=True).start()

    def _attend(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as engine, self._known(client, engine), suppress(OSError):
            engine.connect(self.engine)
            answers = Thread(target=self._pass_on, args=[engine, client], daemon=True)
            answers.start()
            self._pass_on(client, engine)
            answers.join()

    @contextmanager
    def _known(self, *connections: socket.socket) -> Iterator[None]:
        with self._lock:
            self._open.update(connections)
        try:
            yield
        finally:
            with self._lock:
                self._open.difference_update(connections)

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                self.ignored |= self._hanging
                if not self._hanging:
                    target.sendall(piece)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)


@contextmanager
def standing_before(engine: str) -> Iterator[DockerProxy]:
    """A proxy of the Docker engine at that URL. Paths of sockets have to be short."""
    with TemporaryDirectory(prefix="cw-") as directory:
        proxy = DockerProxy(Path(directory, "docker.sock"), urlsplit(engine).path)
        proxy.serve()
        try:
            yield proxy
        finally:
            proxy.close()

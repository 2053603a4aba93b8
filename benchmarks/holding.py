"""A way to the container engine on which questions for the images of one family can be held."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

ENGINE = "/var/run/docker.sock"
_CHUNK = 65536


@dataclass(slots=True)
class Holding:
    """What is told through it arrives, but for those questions."""

    path: Path
    family: str
    held: int = 0  # questions, so far since the last `hold`
    _open: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """For DOCKER_HOST."""
        return f"unix://{self.path}"

    def hold(self) -> None:
        """From now on the questions wait."""
        self.held = 0
        self._open.clear()

    def release(self) -> None:
        """Let those that wait go on."""
        self._open.set()

    def serve(self, listener: socket.socket) -> None:
        """Pass everything on, until the listener is closed."""
        self._open.set()
        with suppress(OSError):
            while True:
                here, there = listener.accept()[0], socket.socket(socket.AF_UNIX)
                there.connect(ENGINE)
                for source, target in ((here, there), (there, here)):
                    threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                if not self._open.is_set() and b"/images/json" in data and self.family.encode() in data:
                    self.held += 1
                    self._open.wait()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@contextmanager
def holding(family: str) -> Iterator[Holding]:
    """Such a way; open at first."""
    with TemporaryDirectory(prefix="cachewright-bench-") as name, socket.socket(socket.AF_UNIX) as listener:
        held = Holding(Path(name, "engine.sock"), family)
        listener.bind(str(held.path))
        listener.listen(64)
        threading.Thread(target=held.serve, args=[listener], daemon=True).start()
        yield held
        held.release()

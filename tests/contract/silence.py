"""A server that takes connections and says nothing, for what must not wait for it."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Silence:
    """Where it listens, and when it was asked first: what whoever asks loads before is not counted."""

    url: str
    asked: Future[float]

    def seconds(self) -> float:
        """For how long it has kept silent."""
        return time.monotonic() - self.asked.result(timeout=1)


@contextmanager
def silence() -> Iterator[Silence]:
    """For as long as it is needed; it has to be asked."""
    with ThreadPoolExecutor(1) as pool, socket.create_server(("127.0.0.1", 0)) as server:

        def ask() -> float:
            asking.append(server.accept()[0])
            return time.monotonic()

        asking: list[socket.socket] = []
        yield Silence(f"http://127.0.0.1:{server.getsockname()[1]}", pool.submit(ask))
        for connection in asking:
            connection.close()

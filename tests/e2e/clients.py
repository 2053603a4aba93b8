"""Applications that use a cache while something happens to it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

from redis import Redis
from redis.exceptions import RedisError

from tests.e2e.cloud import Place, redis_at
from tests.e2e.waiting import until


@dataclass(slots=True)
class Writer:
    """Writes numbered keys, one after the other, and connects again whenever it loses its connection."""

    where: Place
    copies: int = 0  # replicas that must have a write before it counts
    acknowledged: list[int] = field(default_factory=list)
    failures: int = 0  # connections that were lost or refused, and writes that were
    stopped: Event = field(default_factory=Event)

    def run(self) -> None:
        """Write until it is told to stop."""
        number = 0
        while not self.stopped.is_set():
            with closing(redis_at(self.where)) as client:
                try:
                    while not self.stopped.is_set():
                        number += 1
                        self._write(client, number)
                except (RedisError, OSError):
                    self.failures += 1
                    self.stopped.wait(0.001)

    def progress(self, more: int = 100) -> None:
        """Returns when that many more writes were acknowledged."""
        enough = len(self.acknowledged) + more
        until(f"{more} more writes are acknowledged", lambda: len(self.acknowledged) >= enough)

    def lost(self) -> list[int]:
        """The acknowledged writes that cannot be read any more; only after it has stopped."""
        with closing(redis_at(self.where)) as client:
            values = client.mget([_key(number) for number in self.acknowledged])
        found = zip(self.acknowledged, values, strict=True)
        return [number for number, value in found if value != str(number)]

    def _write(self, client: Redis, number: int) -> None:
        client.set(_key(number), number)
        if not self.copies or client.execute_command("WAIT", self.copies, 1000) >= self.copies:
            self.acknowledged.append(number)


@contextmanager
def writing(where: Place, copies: int = 0) -> Iterator[Writer]:
    """A writer that has begun; it stops at the end of the block."""
    writer = Writer(where, copies)
    thread = Thread(target=writer.run, name="writer")
    thread.start()
    try:
        writer.progress()
        yield writer
    finally:
        writer.stopped.set()
        thread.join()


@contextmanager
def idle_session(where: Place) -> Iterator[Callable[[], bool]]:
    """A connection that has been answered once; the function tells whether the other side has closed it."""
    with closing(socket.create_connection(where, timeout=5)) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(64) == b"+PONG\r\n"
        connection.settimeout(0)
        yield lambda: _closed(connection)


def answers(where: Place) -> bool:
    """Whether a Redis or Valkey node answers there."""
    with closing(redis_at(where)) as client:
        try:
            return bool(client.ping())
        except (RedisError, OSError):
            return False


def leads(where: Place) -> bool:
    """Whether the Redis or Valkey node there says that it is a primary."""
    with closing(redis_at(where)) as client:
        role: list[str] = client.execute_command("ROLE")
    return role[0] == "master"


def identity(where: Place) -> str:
    """What tells one run of a Redis or Valkey engine from every other."""
    with closing(redis_at(where)) as client:
        return str(client.execute_command("INFO", "server")["run_id"])


def _closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def _key(number: int) -> str:
    return f"number-{number}"

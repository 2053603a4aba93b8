"""Applications that use a cache while something happens to it."""

import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from tests.e2e.cloud import Place, redis_at
from tests.e2e.waiting import until

BREATH = 0.001  # seconds between two writes: the machine has others to serve, too


@dataclass(slots=True)
class Writer:
    """Writes numbered keys, one after the other, and connects again whenever it loses its connection."""

    where: Place
    copies: int = 0  # replicas that must have a write before it counts
    name: str = "number"  # how its keys begin
    options: Mapping[str, Any] = field(default_factory=dict)  # how it connects, in redis-py's words
    acknowledged: list[int] = field(default_factory=list)
    failures: int = 0  # connections that were lost or refused, and writes that were
    stopped: Event = field(default_factory=Event)

    def run(self) -> None:
        """Write until it is told to stop."""
        number = 0
        while not self.stopped.is_set():
            with closing(redis_at(self.where, **self.options)) as client:
                try:
                    while not self.stopped.is_set():
                        number += 1
                        self._write(client, number)
                        self.stopped.wait(BREATH)
                except (RedisError, OSError):
                    self.failures += 1
                    self.stopped.wait(BREATH)

    def progress(self, more: int = 100) -> None:
        """Returns when that many more writes were acknowledged."""
        enough = len(self.acknowledged) + more
        until(f"{more} more writes are acknowledged", lambda: len(self.acknowledged) >= enough)

    def lost(self, options: Mapping[str, Any] | None = None) -> list[int]:
        """The acknowledged writes that cannot be read any more; only after it has stopped. `options` say how to
        connect, where its own way is barred by now.
        """
        with closing(redis_at(self.where, **(self.options if options is None else options))) as client:
            values = client.mget([self._key(number) for number in self.acknowledged])
        found = zip(self.acknowledged, values, strict=True)
        return [number for number, value in found if value != str(number)]

    def _key(self, number: int) -> str:
        return f"{self.name}-{number}"

    def _write(self, client: Redis, number: int) -> None:
        client.set(self._key(number), number)
        if not self.copies or client.execute_command("WAIT", self.copies, 1000) >= self.copies:
            self.acknowledged.append(number)


@contextmanager
def writing(where: Place, copies: int = 0, name: str = "number", **options: Any) -> Iterator[Writer]:
    """A writer that has begun; it stops at the end of the block."""
    writer = Writer(where, copies, name, options)
    thread = Thread(target=writer.run, name=f"writer of {name}")
    thread.start()
    try:
        writer.progress()
        yield writer
    finally:
        writer.stopped.set()
        thread.join()


@dataclass(frozen=True, slots=True)
class Crowd:
    """Several writers."""

    writers: tuple[Writer, ...]

    def progress(self, more: int = 100) -> None:
        """Returns when that many more writes of each one were acknowledged."""
        for writer in self.writers:
            writer.progress(more)

    def lost(self) -> dict[str, list[int]]:
        """By writer, the acknowledged writes that cannot be read any more; only after they have stopped."""
        return {writer.name: lost for writer in self.writers if (lost := writer.lost())}


@contextmanager
def crowding(where: Place, ways: Iterable[Mapping[str, Any]], copies: int = 0) -> Iterator[Crowd]:
    """A writer for each way to connect; they stop at the end of the block."""
    with ExitStack() as stack:
        writers = [
            stack.enter_context(writing(where, copies, f"client-{number}", **options))
            for number, options in enumerate(ways)
        ]
        yield Crowd(tuple(writers))


@dataclass(frozen=True, slots=True)
class Session:
    """A bare connection."""

    connection: socket.socket

    def send(self, request: bytes) -> None:
        """Send something; that the other side has gone meanwhile, or reads no more, is told by `closed`."""
        with suppress(ConnectionError, BlockingIOError):
            self.connection.sendall(request)

    def received(self) -> bytes:
        """What has come and was not read before; nothing when nothing has, or the other side has ended it."""
        try:
            return self.connection.recv(4096)
        except (BlockingIOError, ConnectionError):
            return b""

    def closed(self) -> bool:
        """Whether the other side has ended it; AssertionError when it says something instead."""
        try:
            said = self.connection.recv(4096)
        except BlockingIOError:
            return False
        except ConnectionError:
            return True
        assert said == b"", said
        return True


@contextmanager
def idle_session(where: Place) -> Iterator[Session]:
    """A connection that has been answered once."""
    with closing(socket.create_connection(where, timeout=5)) as connection:
        connection.sendall(b"PING\r\n")
        assert connection.recv(64) == b"+PONG\r\n"
        connection.settimeout(0)
        yield Session(connection)


def answers(where: Place, **options: Any) -> bool:
    """Whether a Redis or Valkey node answers there."""
    with closing(redis_at(where, **options)) as client:
        try:
            return bool(client.ping())
        except (RedisError, OSError):
            return False


def leads(where: Place, **options: Any) -> bool:
    """Whether the Redis or Valkey node there says that it is a primary."""
    with closing(redis_at(where, **options)) as client:
        role: list[str] = client.execute_command("ROLE")
    return role[0] == "master"


def identity(where: Place, **options: Any) -> str:
    """What tells one run of a Redis or Valkey engine from every other."""
    with closing(redis_at(where, **options)) as client:
        return str(client.execute_command("INFO", "server")["run_id"])

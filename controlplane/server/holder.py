"""Who serves a data directory: said in the file that is locked meanwhile, for other commands to read."""

import json
import os
import socket
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TextIO


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that serves, where it runs, and where it listens."""

    machine: str
    process: int
    host: str
    port: int

    @property
    def is_here(self) -> bool:
        """Whether its number means the same process to us: a container has numbers of its own."""
        return self.machine == socket.gethostname()


def sign(lock: TextIO, host: str, port: int) -> None:
    """Say that we are it. The lock counts without that, too: the disk may be full."""
    _write(lock, json.dumps(asdict(Holder(socket.gethostname(), os.getpid(), host, port))))


def clear(lock: TextIO) -> None:
    """Say nothing: whoever has the lock does not serve, or not yet."""
    _write(lock, "")


def read(text: str) -> Holder | None:
    """Who said so; None when nobody did."""
    try:
        told = json.loads(text)
        return Holder(str(told["machine"]), int(told["process"]), str(told["host"]), int(told["port"]))
    except (ValueError, KeyError, TypeError):
        return None


def _write(lock: TextIO, text: str) -> None:
    with suppress(OSError):
        os.ftruncate(lock.fileno(), 0)
        os.pwrite(lock.fileno(), text.encode(), 0)

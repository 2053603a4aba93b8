"""Locks on files: each ends with the process that holds it, however that ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class Held(Exception):  # noqa: N818
    """Another process has the lock; says what that one wrote into the file."""


@contextmanager
def locked(path: Path) -> Iterator[TextIO]:
    """The file of a lock, for this process alone; it is made if need be, for its owner only. Held when another process
    has it; OSError when there can be no such file or its file system knows no locks: then nobody is known to have it.
    """
    path.touch(mode=0o600)
    with path.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Held(file.read().strip()) from error
        yield file

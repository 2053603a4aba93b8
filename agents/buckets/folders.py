"""Buckets that are folders: `buckets/BUCKET/KEY` in the data directory.

No link is followed beneath the folder of all buckets, so that no name leads out of it.
"""

import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from errno import EACCES, EDQUOT, ELOOP, ENOENT, ENOSPC, ENOTDIR, EPERM
from pathlib import Path

from cachewright.agents.buckets.buckets import refused
from cachewright.agents.pieces import PIECE
from cachewright.controlplane.model.buckets import ObjectName, ObjectVersion, Obstacle

FOLDER = "buckets"
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY
_READ = os.O_RDONLY | os.O_NONBLOCK  # a pipe that nobody writes to keeps nobody waiting
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_OWN, _OWN_FILE = 0o700, 0o600  # nobody else's
_MISSING = frozenset({ENOENT, ENOTDIR, ELOOP})  # of which a link is one
_FORBIDDEN = frozenset({EACCES, EPERM})
_FULL = frozenset({ENOSPC, EDQUOT})


@dataclass(frozen=True, slots=True)
class Folders:
    """Implements `Buckets`. A bucket is made by whoever makes its folder."""

    directory: Path

    def look(self, name: ObjectName) -> ObjectVersion:
        """See `Buckets`."""
        with self._file(name) as file:
            return _version(name, os.fstat(file))

    def read(self, version: ObjectVersion) -> Iterator[bytes]:
        """See `Buckets`."""
        with self._file(version.name) as file:
            if _version(version.name, os.fstat(file)) != version:
                raise refused(version.name, Obstacle.CHANGED)
            while piece := _piece(version.name, file):
                yield piece

    def write(self, name: ObjectName, pieces: Iterable[bytes]) -> None:
        """See `Buckets`. On return it outlives a loss of power."""
        with self._folder(name) as folder:
            last, part = name.parts[-1], f".{name.parts[-1]}.part"
            with _told(name, Obstacle.UNWRITABLE):
                with suppress(FileNotFoundError):
                    os.unlink(part, dir_fd=folder)
                try:
                    _written(os.open(part, _WRITE, _OWN_FILE, dir_fd=folder), pieces)
                    os.rename(part, last, src_dir_fd=folder, dst_dir_fd=folder)
                except BaseException:
                    with suppress(OSError):
                        os.unlink(part, dir_fd=folder)
                    raise
                os.fsync(folder)

    def remove(self, name: ObjectName) -> None:
        """See `Buckets`."""
        with self._folder(name) as folder, _told(name, Obstacle.UNWRITABLE), suppress(FileNotFoundError):
            os.unlink(name.parts[-1], dir_fd=folder)

    def make(self, bucket: str) -> None:
        """Make a bucket, and what it lies in, its owner's alone; OSError when there can be none."""
        for path in (self.directory, self.directory / bucket):
            path.mkdir(_OWN, parents=True, exist_ok=True)

    def remove_bucket(self, bucket: str) -> None:
        """Remove a bucket with everything in it, if it is there; OSError when it stays."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self.directory / bucket)

    @contextmanager
    def _file(self, name: ObjectName) -> Iterator[int]:
        with self._folder(name) as folder, _told(name, Obstacle.UNREADABLE):
            file = os.open(name.parts[-1], _READ | os.O_NOFOLLOW, dir_fd=folder)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise refused(name, Obstacle.NO_OBJECT, "it is no file")
            yield file
        finally:
            os.close(file)

    @contextmanager
    def _folder(self, name: ObjectName) -> Iterator[int]:
        """The folder in which an object lies."""
        with _told(name, Obstacle.UNREADABLE, missing=Obstacle.NO_BUCKET):
            folder = _entered(os.open(self.directory, _DIRECTORY), name.bucket)
        try:
            with _told(name, Obstacle.UNREADABLE):
                for part in name.parts[:-1]:
                    before, folder = folder, -1
                    folder = _entered(before, part)
            yield folder
        finally:
            if folder >= 0:
                os.close(folder)


def _entered(folder: int, part: str) -> int:
    """A folder within a folder, which is let go of."""
    try:
        return os.open(part, _DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
    finally:
        os.close(folder)


def _version(name: ObjectName, found: os.stat_result) -> ObjectVersion:
    return ObjectVersion(name, found.st_size, f"{found.st_ino}-{found.st_mtime_ns}")


def _piece(name: ObjectName, file: int) -> bytes:
    with _told(name, Obstacle.UNREADABLE):
        return os.read(file, PIECE)


def _written(descriptor: int, pieces: Iterable[bytes]) -> None:
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _told(name: ObjectName, forbidden: Obstacle, missing: Obstacle = Obstacle.NO_OBJECT) -> Iterator[None]:
    """Refused for what the machine does not do."""
    try:
        yield
    except OSError as error:
        if error.errno in _MISSING:
            raise refused(name, missing) from error
        raise refused(name, _obstacle(error, forbidden), error.strerror or str(error)) from error


def _obstacle(error: OSError, forbidden: Obstacle) -> Obstacle:
    if error.errno in _FULL:
        return Obstacle.FULL
    return forbidden if error.errno in _FORBIDDEN else Obstacle.NO_ANSWER

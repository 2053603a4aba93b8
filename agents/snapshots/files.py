"""Where the files of snapshots are: `snapshots/ID/SHARD.rdb` in the data directory.

A file of that name is whole: it is written under another one, and renamed once all of it is on the disk. What a killed
process left behind is removed at the next start, as far as a record tells that nothing of it is whole. A directory that
no record knows stays: the database may be what was lost.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from errno import EDQUOT, ENOSPC
from hashlib import sha256
from pathlib import Path

from cachewright.agents.pieces import PIECE
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.sealing.keys import Keys, Kms, NoKms, Seal
from cachewright.agents.sealing.sealing import Broken, is_sealed, opened, sealed

FOLDER = "snapshots"
_WHOLE, _PART = ".rdb", ".part"
_FULL = frozenset({ENOSPC, EDQUOT})  # to try that again and again would keep the database from being written meanwhile


@dataclass(frozen=True, slots=True)
class Written:
    """What is on the disk, as it was before it was sealed."""

    size: int  # bytes
    digest: str  # SHA-256


@dataclass(frozen=True, slots=True)
class SnapshotFiles:
    """The files of all snapshots of an installation. Snapshots are named by their ids, which are letters and digits."""

    directory: Path
    kms: Kms = field(default_factory=NoKms)

    @property
    def keys(self) -> Keys:
        """What files are sealed with; the own key is beside the directory of the files, and not in it."""
        return Keys(self.directory.with_suffix(".key"), self.kms)

    def write(self, snapshot: str, shard: str, pieces: Iterable[bytes], seal: Seal | None = None) -> Written:
        """Write the file of one shard as it comes, sealed if that is said; what was there is replaced. On return it
        outlives a loss of power. Later when the disk does not take it, Never when it is full, and whatever `pieces` or
        a KMS raises; nothing of it stays then.
        """
        path = self._path(snapshot, shard)
        part = path.with_suffix(f"{_WHOLE}{_PART}")
        with _told(f"write {path}"):
            self._make(path.parent)
            try:
                measured = _Measured()
                content = measured.passing(pieces)
                _stream(part, sealed(content, *self.keys.new_key(seal)) if seal else content)
                part.replace(path)
            except Exception:
                part.unlink(missing_ok=True)
                raise
            _sync(path.parent)
        return measured.written

    def read(self, snapshot: str, shard: str) -> Iterator[bytes]:
        """What was written of a shard, piece by piece; Later when it cannot be read, Never when it was sealed and is
        not what was sealed, and whatever a KMS raises.
        """
        path = self._path(snapshot, shard)
        with _told(f"read {path}"), path.open("rb") as file:
            if not is_sealed(file):
                yield from iter(lambda: file.read(PIECE), b"")
                return
            try:
                yield from opened(file, self.keys.key_of)
            except Broken as error:
                cause = "it is damaged, or its key is another one"
                raise Never(f"cannot open the file of shard {shard} of a snapshot: {cause}") from error

    def remove(self, snapshot: str) -> None:
        """Remove all files of a snapshot, if there are any."""
        path = self._folder(snapshot)
        with _told(f"remove {path}"):
            if path.exists():
                shutil.rmtree(path)

    def erase(self) -> None:
        """Remove the files of all snapshots, and their key."""
        with _told(f"remove {self.directory}"):
            if self.directory.exists():
                shutil.rmtree(self.directory)
            self.keys.path.unlink(missing_ok=True)

    def _make(self, folder: Path) -> None:
        """A folder that is its owner's alone, and outlives a loss of power."""
        for path in (self.directory, folder):
            if not path.exists():
                path.mkdir(mode=0o700, parents=True, exist_ok=True)
                _sync(path.parent)

    def _path(self, snapshot: str, shard: str) -> Path:
        assert shard.isalnum(), shard
        return self._folder(snapshot) / f"{shard}{_WHOLE}"

    def _folder(self, snapshot: str) -> Path:
        assert snapshot.isalnum(), snapshot  # no name of a user's becomes a path
        return self.directory / snapshot


class _Measured:
    """What passes."""

    def __init__(self) -> None:
        self._size, self._digest = 0, sha256()

    def passing(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The same pieces."""
        for piece in pieces:
            self._size += len(piece)
            self._digest.update(piece)
            yield piece

    @property
    def written(self) -> Written:
        """All that has passed."""
        return Written(self._size, self._digest.hexdigest())


def _stream(path: Path, pieces: Iterable[bytes]) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """What was made, renamed or removed in a folder is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told(deed: str) -> Iterator[None]:
    """Later for what the machine does not do, Never for what it has no room for; `deed` is "write x"."""
    try:
        yield
    except OSError as error:
        reason = f"cannot {deed}: {error.strerror or error}"
        raise (Never(reason) if error.errno in _FULL else Later(reason, 2.0)) from error

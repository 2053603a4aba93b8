"""A container's files as the tar archives that the engine unpacks, and packs."""

import io
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from cachewright.agents.pieces import PIECE
from cachewright.agents.planning.containers import File, Stream


def archive(files: Iterable[File], user: str, directories: Iterable[str] = ()) -> bytes:
    """The files, the directories they lie in, and others, all owned by `user` ("uid:gid")."""
    uid, gid = (int(part) for part in user.split(":"))
    entries = tuple(files)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for directory in sorted({*directories, *(str(PurePosixPath(file.path).parent) for file in entries)} - {"/"}):
            tar.addfile(_entry(directory, 0o700, (uid, gid), tarfile.DIRTYPE))
        for file in entries:
            entry = _entry(file.path, file.mode, (uid, gid), tarfile.REGTYPE)
            entry.size = len(file.content)
            tar.addfile(entry, io.BytesIO(file.content))
    return buffer.getvalue()


def packed(stream: Stream, user: str) -> Iterator[bytes]:
    """One file and the directory it lies in, piece by piece. Whatever its pieces raise; they are as long as it says."""
    uid, gid = (int(part) for part in user.split(":"))
    file = _entry(stream.path, stream.mode, (uid, gid), tarfile.REGTYPE)
    file.size = stream.size
    folder = _entry(str(PurePosixPath(stream.path).parent), 0o700, (uid, gid), tarfile.DIRTYPE)
    yield folder.tobuf(tarfile.GNU_FORMAT) + file.tobuf(tarfile.GNU_FORMAT)
    yield from stream.pieces()
    yield bytes(-stream.size % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE)


def content(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The content of the one file of an archive that arrives in chunks; NoFile when it is none, ValueError when the
    archive ends early.
    """
    try:
        with tarfile.open(fileobj=_Reader(chunks), mode="r|") as tar:
            entry = tar.next()
            file = tar.extractfile(entry) if entry and entry.isreg() else None
            if entry is None or file is None:
                raise NoFile
            left = entry.size
            while piece := file.read(PIECE):
                left -= len(piece)
                yield piece
        for _ in chunks:  # whoever sends them is heard to the end
            pass
    except tarfile.TarError as error:
        raise ValueError(str(error)) from error
    if left:
        raise ValueError(f"{left} bytes are missing")


class NoFile(Exception):  # noqa: N818 - a finding
    """A directory, a link, or anything else that has no content."""


class _Reader(io.RawIOBase):
    """Chunks as a file that can only be read on."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        pieces, missing = [self._rest[:size]], size - len(self._rest)
        self._rest = self._rest[size:]
        while missing > 0 and (chunk := next(self._chunks, b"")):
            pieces.append(chunk[:missing])
            self._rest = chunk[missing:]
            missing -= len(chunk)
        return b"".join(pieces)


def _entry(path: str, mode: int, owner: tuple[int, int], kind: bytes) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.mode, entry.type = mode, kind
    entry.uid, entry.gid = owner
    return entry

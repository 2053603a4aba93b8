"""A container's files as the tar archives that the engine unpacks, and packs."""

import io
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from cachewright.agents.pieces import PIECE
from cachewright.agents.planning.containers import File, Stream


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that comes piece by piece, and whose length is known before: an engine takes one of a length that it
    is told at once in less time. Iterating raises whatever its streams raise.
    """

    parts: Sequence[bytes | Stream]

    def __iter__(self) -> Iterator[bytes]:
        for part in self.parts:
            if isinstance(part, Stream):
                yield from part.pieces()
            else:
                yield part

    def __len__(self) -> int:
        return sum(part.size if isinstance(part, Stream) else len(part) for part in self.parts)


def archive(files: Iterable[File], user: str) -> bytes:
    """The files and the directories they lie in, all owned by `user` ("uid:gid")."""
    return b"".join(packed(files, (), user))


def packed(files: Iterable[File], streams: Iterable[Stream], user: str, directories: Iterable[str] = ()) -> Archive:
    """The same with other directories, and files that come piece by piece and are as long as they say."""
    uid, gid = (int(part) for part in user.split(":"))
    every: tuple[File | Stream, ...] = (*files, *streams)
    folders = {*directories, *(str(PurePosixPath(file.path).parent) for file in every)} - {"/"}
    parts: list[bytes | Stream] = [_entry(folder, 0o700, (uid, gid), tarfile.DIRTYPE) for folder in sorted(folders)]
    for file in every:
        size = file.size if isinstance(file, Stream) else len(file.content)
        head = _entry(file.path, file.mode, (uid, gid), tarfile.REGTYPE, size)
        parts += [head, file if isinstance(file, Stream) else file.content, _padding(size)]
    return Archive((*parts, bytes(2 * tarfile.BLOCKSIZE)))


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


def _entry(path: str, mode: int, owner: tuple[int, int], kind: bytes, size: int = 0) -> bytes:
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.mode, entry.type, entry.size = mode, kind, size
    entry.uid, entry.gid = owner
    return entry.tobuf(tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)

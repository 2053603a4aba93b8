"""A container's files as the tar archive that the engine unpacks."""

import io
import tarfile
from collections.abc import Iterable
from pathlib import PurePosixPath

from cachewright.agents.planning.containers import File


def archive(files: Iterable[File], user: str) -> bytes:
    """The files, and the directories they lie in, all owned by `user` ("uid:gid")."""
    uid, gid = (int(part) for part in user.split(":"))
    entries = tuple(files)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for directory in sorted({str(PurePosixPath(file.path).parent) for file in entries} - {"/"}):
            tar.addfile(_entry(directory, 0o700, (uid, gid), tarfile.DIRTYPE))
        for file in entries:
            entry = _entry(file.path, file.mode, (uid, gid), tarfile.REGTYPE)
            entry.size = len(file.content)
            tar.addfile(entry, io.BytesIO(file.content))
    return buffer.getvalue()


def _entry(path: str, mode: int, owner: tuple[int, int], kind: bytes) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.mode, entry.type = mode, kind
    entry.uid, entry.gid = owner
    return entry

"""Files on their way into containers: what arrives is what was written, or nothing is started with it."""

from collections.abc import Generator, Iterable, Iterator
from hashlib import sha256

from cachewright.agents.buckets.buckets import Refused
from cachewright.agents.pieces import ahead
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.buckets import ObjectVersion
from cachewright.controlplane.model.seeds import Seed, SeedFile


def pieces(tools: Tools, seed: Seed, file: SeedFile) -> Generator[bytes]:
    """One of the files that a cache begins with. Later or Never when it cannot be had as it was."""
    found = _downloaded(tools, file, file.object) if file.object else tools.snapshots.read(seed.snapshot, file.source)
    return ahead(whole(found, file))


def _downloaded(tools: Tools, file: SeedFile, version: ObjectVersion) -> Iterator[bytes]:
    """An object; what breaks off is worth another try, what does not begin has been tried already."""
    begun = False
    try:
        for piece in tools.buckets.read(version):
            begun = True
            yield piece
    except Refused as refused:
        reason = f"cannot restore shard {file.shard} from {version.name}: {refused}"
        raise (Later(reason) if begun and refused.refusal.may_pass else Never(reason)) from refused


def whole(pieces: Iterable[bytes], file: SeedFile) -> Iterator[bytes]:
    """The same pieces; Never, at their end at the latest, when they are not those of that file."""
    what = str(file.object.name) if file.object else f"the file of shard {file.source} of its snapshot"
    return intact(pieces, file.size, file.digest, f"cannot restore shard {file.shard}: {what} is damaged")


def intact(pieces: Iterable[bytes], size: int, digest: str, complaint: str) -> Iterator[bytes]:
    """The same pieces; Never with that complaint, at their end at the latest, when they are not so many bytes, none, or
    of another digest; an empty one is not known.
    """
    length, found = 0, sha256()
    for piece in pieces:
        length += len(piece)
        found.update(piece)
        if length > size:
            break
        yield piece
    if length != size or not size or digest not in ("", found.hexdigest()):
        raise Never(complaint)

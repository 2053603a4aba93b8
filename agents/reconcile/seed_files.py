"""Files of snapshots on their way into containers: what arrives is what was written, or nothing is started with it."""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from cachewright.agents.planning.verdicts import Never
from cachewright.controlplane.model.seeds import SeedFile


def whole(pieces: Iterable[bytes], file: SeedFile) -> Iterator[bytes]:
    """The same pieces; Never, at their end at the latest, when they are not those of that file."""
    size, digest = 0, sha256()
    for piece in pieces:
        size += len(piece)
        digest.update(piece)
        if size > file.size:
            break
        yield piece
    if (size, digest.hexdigest()) != (file.size, file.digest):
        raise Never(f"cannot restore shard {file.shard}: the file of shard {file.source} of its snapshot is damaged")

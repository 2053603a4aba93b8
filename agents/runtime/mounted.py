"""A tmpfs that is there before the process whose tmpfs it is."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from cachewright.agents.pieces import PIECE
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.runtime.connection import Complaint, Engine
from cachewright.agents.runtime.failures import verdict

_NOT_FOUND = 404


@contextmanager
def mounted(engine: Engine, container: str) -> Iterator[None]:
    """The volumes of a container that does not run are mounted within the block: an engine has them mounted while it
    reads an archive of the container, and waits in the midst of it when nobody takes what it reads. Until then it
    answers no question about this container.
    """
    with engine.asked(f"mount the volumes of container {container}") as client:
        pieces, _ = client.get_archive(container, "/", chunk_size=PIECE)
        next(pieces, b"")
    with closing(pieces):
        yield


def require(engine: Engine, container: str, path: str) -> None:
    """Later when a container has no such file: an engine that has read its archive to the end has mounted nothing."""
    deed = f"find {path} in container {container}"
    try:
        with engine.complaining(deed) as client:
            pieces, _ = client.get_archive(container, path)
            pieces.close()
    except Complaint as complaint:
        if complaint.status == _NOT_FOUND:
            raise Later(f"cannot {deed}: its tmpfs was not kept") from complaint
        raise verdict(deed, complaint.words, complaint.status) from complaint

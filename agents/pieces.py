"""Files on their way, piece by piece: how much of one is in memory at a time, and what is done meanwhile."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor

PIECE = 1 << 19  # bytes; they stay in a processor's cache until they are hashed and sent, and few threads take turns


def ahead(pieces: Iterator[bytes]) -> Generator[bytes, None, None]:
    """The same pieces, and whatever getting them raises; the next one is got by another thread while whoever asks for
    them is busy with the last.
    """
    with ThreadPoolExecutor(1, "ahead") as thread:
        coming = thread.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = thread.submit(next, pieces, None)
            yield piece

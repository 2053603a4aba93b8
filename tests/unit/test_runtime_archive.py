"""A file on its way out of a container, as the archive that the engine sends in chunks."""

import io
import tarfile
from collections.abc import Iterator

import pytest

from cachewright.agents.pieces import PIECE
from cachewright.agents.planning.containers import File, Stream
from cachewright.agents.runtime.archive import NoFile, archive, content
from cachewright.agents.runtime.archive import packed as streamed

USER = "10001:10001"
TEXT = bytes(range(256)) * 64


def chunks(data: bytes, size: int) -> Iterator[bytes]:
    """The same in pieces."""
    return (data[start : start + size] for start in range(0, len(data), size))


def packed(text: bytes) -> bytes:
    """An archive with one file at its top, as the engine sends it."""
    return archive([File("/file", text)], USER)


@pytest.mark.parametrize("text", [b"", b"x", bytes(512), TEXT, TEXT + b"x"])
def test_a_stream_is_packed_as_it_comes(text: bytes) -> None:
    made = Stream("/data/file", len(text), lambda: chunks(text, 1000))
    sent = streamed((), [made], USER)
    whole = b"".join(sent)
    assert len(sent) == len(whole)
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        folder, file = tar.getmembers()
        found = tar.extractfile(file)
        assert found
        assert found.read() == text
    assert (folder.name, folder.isdir(), folder.mode, folder.uid) == ("data", True, 0o700, 10001)
    assert (file.name, file.mode, file.uid, file.gid) == ("data/file", 0o600, 10001, 10001)


@pytest.mark.parametrize("size", [1, 511, 512, 513, 10_000, 1 << 20])
@pytest.mark.parametrize("text", [b"", b"x", TEXT])
def test_chunks_of_any_size_are_put_together(text: bytes, size: int) -> None:
    assert b"".join(content(chunks(packed(text), size))) == text


def test_a_file_is_never_held_whole() -> None:
    sent = 0

    def counted() -> Iterator[bytes]:
        nonlocal sent
        for chunk in chunks(packed(bytes(8 * PIECE)), 1 << 16):
            sent += len(chunk)
            yield chunk

    pieces = content(counted())
    assert len(next(pieces)) <= PIECE
    assert sent < 3 * PIECE
    assert PIECE + sum(map(len, pieces)) == 8 * PIECE


@pytest.mark.parametrize("kept", [0, 100, 512, 5000])
def test_an_archive_that_ends_early_is_told(kept: int) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        list(content(iter([packed(TEXT)[:kept]])))


@pytest.mark.parametrize("kind", [tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.FIFOTYPE])
def test_what_has_no_content_is_no_file(kind: bytes) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        entry = tarfile.TarInfo("thing")
        entry.type = kind
        tar.addfile(entry)
    with pytest.raises(NoFile):
        list(content(iter([buffer.getvalue()])))

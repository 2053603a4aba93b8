"""Sealed files: what comes out is what went in, or nothing."""

import io
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachewright.agents.planning.verdicts import Never
from cachewright.agents.sealing.keys import Keys, Seal
from cachewright.agents.sealing.sealing import BLOCK, MAGIC, TAG, Broken, KeyNote, is_sealed, opened, sealed
from cachewright.agents.snapshots.files import SnapshotFiles
from cachewright.controlplane.model.questions import NO_KMS

KEY = bytes(range(32))
LENGTHS = (0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK + 7)


def of_length(length: int) -> bytes:
    return (b"0123456789abcdef" * (length // 16 + 1))[:length]


def written(content: bytes, note: KeyNote = KeyNote(), piece: int = 1 << 19) -> bytes:  # noqa: B008 - a value
    pieces = (content[start : start + piece] for start in range(0, len(content), piece))
    return b"".join(sealed(pieces, note, KEY))


def read(file: bytes, key: bytes = KEY) -> bytes:
    return b"".join(opened(io.BytesIO(file), lambda _: key))


def blocks(file: bytes) -> tuple[bytes, list[bytes]]:
    start = file.index(b"\n", len(MAGIC)) + 1
    rest = file[start:]
    return file[:start], [rest[at : at + BLOCK + TAG] for at in range(0, len(rest), BLOCK + TAG)]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("piece", [4096 + 1, BLOCK, 3 * BLOCK])
def test_what_comes_out_is_what_went_in(length: int, piece: int) -> None:
    file = written(of_length(length), piece=piece)
    assert is_sealed(io.BytesIO(file))
    assert read(file) == of_length(length)
    assert b"0123456789abcdef" not in file


def test_the_file_says_by_which_key_it_is_opened() -> None:
    note, told = KeyNote("arn:aws:kms:eu-west-1:1:key/k", "eu-west-1", b"\x00wrapped"), []

    def key_of(found: KeyNote) -> bytes:
        told.append(found)
        return KEY

    assert b"".join(opened(io.BytesIO(written(b"x", note)), key_of)) == b"x"
    assert told == [note]


def test_no_two_files_are_alike() -> None:
    assert blocks(written(b"x"))[1] != blocks(written(b"x"))[1]


OTHERWISE: dict[str, Callable[[bytes, list[bytes]], bytes]] = {
    "without the last block": lambda start, each: start + b"".join(each[:-1]),
    "without the first block": lambda start, each: start + b"".join(each[1:]),
    "in another order": lambda start, each: start + b"".join([each[1], each[0], *each[2:]]),
    "with a block twice": lambda start, each: start + b"".join([each[0], *each]),
    "with the end twice": lambda start, each: start + b"".join([*each, each[-1]]),
    "with blocks of another file": lambda start, each: start + b"".join(blocks(written(of_length(3 * BLOCK + 7)))[1]),
    "with another beginning": lambda start, each: start.replace(b'"region": ""', b'"region": "x"') + b"".join(each),
    "without blocks": lambda start, each: start,
    "without a key": lambda start, each: MAGIC + b"{}\n" + b"".join(each),
    "with half a beginning": lambda start, each: start[: len(MAGIC) + 9],
}


@pytest.mark.parametrize("how", OTHERWISE)
def test_a_file_that_is_otherwise_is_not_opened(how: str) -> None:
    file = written(of_length(3 * BLOCK + 7))
    with pytest.raises(Broken):
        read(OTHERWISE[how](*blocks(file)))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_byte_can_be_changed_or_cut_off(data: st.DataObject) -> None:
    file = written(b"content" * 5)
    at = data.draw(st.integers(len(MAGIC), len(file) - 1))
    changed = bytearray(file)
    changed[at] ^= data.draw(st.integers(1, 255))
    for other in (bytes(changed), file[:at]):
        with pytest.raises(Broken):
            read(other)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Broken):
        read(written(b"x"), bytes(32))


def test_whatever_fails_while_it_is_written_is_told() -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * BLOCK
        raise Never("it breaks off")

    with pytest.raises(Never, match="it breaks off"):
        list(sealed(broken(), KeyNote(), KEY))


def files(directory: Path) -> SnapshotFiles:
    return SnapshotFiles(directory / "snapshots")


def test_the_own_key_is_made_once_and_its_owners_alone(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "k")
    first, again = keys.new_key(Seal()), keys.new_key(Seal())
    assert first == again == (KeyNote(), keys.key_of(KeyNote()))
    assert len(first[1]) == 32
    assert [(path.name, stat.S_IMODE(path.stat().st_mode)) for path in tmp_path.iterdir()] == [("k", 0o600)]


def test_a_sealed_file_of_a_snapshot_is_read_as_it_was(tmp_path: Path) -> None:
    plain = files(tmp_path).write("a1", "0001", [b"REDIS", b"content"])
    hidden = files(tmp_path).write("a1", "0002", [b"REDIS", b"content"], Seal())
    assert plain == hidden
    assert all(b"".join(files(tmp_path).read("a1", shard)) == b"REDIScontent" for shard in ("0001", "0002"))
    content = {path.name: path.read_bytes() for path in (tmp_path / "snapshots").rglob("*.rdb")}
    assert content["0001.rdb"] == b"REDIScontent"
    assert b"content" not in content["0002.rdb"]


def test_what_is_no_more_what_was_sealed_is_told(tmp_path: Path) -> None:
    files(tmp_path).write("a1", "0001", [b"content"], Seal())
    (path,) = tmp_path.rglob("*.rdb")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Never, match="cannot open the file of shard 0001 of a snapshot: it is damaged"):
        list(files(tmp_path).read("a1", "0001"))


def test_a_key_that_is_gone_is_told_and_not_made_anew(tmp_path: Path) -> None:
    files(tmp_path).write("a1", "0001", [b"content"], Seal())
    (tmp_path / "snapshots.key").unlink()
    with pytest.raises(Never, match="that key is gone"):
        list(files(tmp_path).read("a1", "0001"))
    assert not (tmp_path / "snapshots.key").exists()


def test_without_a_kms_nothing_is_sealed_with_its_keys(tmp_path: Path) -> None:
    with pytest.raises(Never, match=f"cannot use the key k: {NO_KMS}"):
        files(tmp_path).write("a1", "0001", [b"content"], Seal("k", "us-east-1"))
    assert not list(tmp_path.rglob("*.rdb*"))


def test_the_key_goes_with_all_files(tmp_path: Path) -> None:
    files(tmp_path).write("a1", "0001", [b"content"], Seal())
    files(tmp_path).erase()
    assert not list(tmp_path.iterdir())

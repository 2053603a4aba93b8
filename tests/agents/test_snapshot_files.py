"""The files of snapshots: whole or not there, whenever the program dies."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.snapshots.files import SnapshotFiles

PIECES = (b"one", b"two" * 1000, b"three")
CONTENT = b"".join(PIECES)
KILLED = 9

# Dies, as of SIGKILL, as it is about to touch the disk for the given time, or to get another piece.
PROGRAM = """
import os, sys
from pathlib import Path
from cachewright.agents.snapshots.files import SnapshotFiles
directory, left = Path(sys.argv[1]), int(sys.argv[2])

def count():
    global left
    left -= 1
    if left == 0:
        os._exit(9)

def pieces():
    for piece in (b"one", b"two" * 1000, b"three"):
        count()
        yield piece

def touched(event, args):
    if event in ("os.mkdir", "os.rename", "os.remove", "open") and str(directory) in str(args[0]):
        count()

sys.addaudithook(touched)
SnapshotFiles(directory / "snapshots").write("a1", "0001", pieces())
"""


def files(directory: Path) -> SnapshotFiles:
    return SnapshotFiles(directory / "snapshots")


def content(directory: Path) -> bytes:
    return b"".join(files(directory).read("a1", "0001"))


def test_a_file_comes_out_as_it_went_in_and_is_its_owners_alone(tmp_path: Path) -> None:
    written = files(tmp_path).write("a1", "0001", PIECES)
    assert (written.size, written.digest) == (len(CONTENT), sha256(CONTENT).hexdigest())
    assert content(tmp_path) == CONTENT
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {"snapshots": 0o700, "a1": 0o700, "0001.rdb": 0o600}


@pytest.mark.parametrize("earlier", [False, True], ids=["first", "again"])
def test_a_death_at_any_step_leaves_the_old_file_the_new_one_or_none(earlier: bool, tmp_path: Path) -> None:
    for step in range(1, 100):
        directory = tmp_path / str(step)
        directory.mkdir()
        if earlier:
            files(directory).write("a1", "0001", [b"old"])
        died = subprocess.run([sys.executable, "-c", PROGRAM, str(directory), str(step)], check=False).returncode
        whole = [path.read_bytes() for path in directory.rglob("*.rdb")]
        if died != KILLED:
            assert died == 0
            assert whole == [CONTENT]
            assert step > 5
            return
        assert whole in ([], [b"old"], [CONTENT])
        assert bool(whole) or not earlier
        files(directory).write("a1", "0001", PIECES)
        assert not list(directory.rglob("*.part"))
        assert content(directory) == CONTENT
    raise AssertionError("it never ends")


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    def failing() -> Iterator[bytes]:
        yield b"half"
        raise Later("the container is gone")

    with pytest.raises(Later, match="the container is gone"):
        files(tmp_path).write("a1", "0001", failing())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "snapshots").write_text("in the way")
    with pytest.raises(Later, match=r"cannot write .*0001\.rdb: "):
        files(tmp_path).write("a1", "0001", PIECES)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")  # noqa: PTH110
def test_a_disk_that_is_full_is_told(tmp_path: Path) -> None:
    files(tmp_path).write("a1", "0002", [])
    (tmp_path / "snapshots" / "a1" / "0001.rdb.part").symlink_to("/dev/full")
    with pytest.raises(Never, match=r"cannot write .*0001\.rdb: No space left on device"):
        files(tmp_path).write("a1", "0001", PIECES)
    assert sorted(path.name for path in (tmp_path / "snapshots" / "a1").iterdir()) == ["0002.rdb"]


def test_what_is_gone_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(Later, match=r"cannot read .*0001\.rdb: No such file"):
        content(tmp_path)


def test_what_is_removed_is_gone_and_nothing_else(tmp_path: Path) -> None:
    for snapshot in ("a1", "b2"):
        files(tmp_path).write(snapshot, "0001", PIECES)
    for _ in range(2):
        files(tmp_path).remove("b2")
    assert content(tmp_path) == CONTENT
    for _ in range(2):
        files(tmp_path).erase()
    assert list(tmp_path.iterdir()) == []

"""Names of objects, and buckets that are folders: no name leads out of them."""

import os
import stat
from collections.abc import Iterator
from errno import ENOSPC
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachewright.agents.buckets.buckets import Refused
from cachewright.agents.buckets.folders import Folders
from cachewright.controlplane.model.buckets import (
    OWN_BUCKET,
    ObjectName,
    ObjectVersion,
    Obstacle,
    arn_of,
    is_bucket,
    is_key,
    named_by,
)

NAME = ObjectName("mine", "dump.rdb")
WAYWARD = st.text(st.sampled_from("ab.,/\\\0_-é"), max_size=12)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Buckets with one that is empty."""
    folders = Folders(tmp_path / "buckets")
    folders.make("mine")
    return folders


def content(folders: Folders, name: ObjectName = NAME) -> bytes:
    return b"".join(folders.read(folders.look(name)))


def obstacle(folders: Folders, name: ObjectName) -> Obstacle:
    with pytest.raises(Refused) as refused:
        folders.look(name)
    return refused.value.refusal.obstacle


@pytest.mark.parametrize(
    ("arn", "bucket", "key"),
    [
        ("arn:aws:s3:::my_bucket/snapshot1.rdb", "my_bucket", "snapshot1.rdb"),
        ("arn:aws-cn:s3:::a.b-c/path/to/x y.rdb", "a.b-c", "path/to/x y.rdb"),
        (f"arn:aws:s3:::{OWN_BUCKET}/x.rdb", OWN_BUCKET, "x.rdb"),
    ],
)
def test_arns_name_objects(arn: str, bucket: str, key: str) -> None:
    assert named_by(arn) == ObjectName(bucket, key)
    assert named_by(arn_of(named_by(arn))) == named_by(arn)


@pytest.mark.parametrize(
    "arn",
    ["", "x", "s3://mine/x.rdb", "arn:aws:s3:::mine", "arn:aws:s3:::mine/", "arn:aws:s3:::/x.rdb", "arn:aws:s3:::../x"]
    + ["arn:aws:s3:::a/x", "arn:aws:s3:::a..b/x", "arn:aws:s3:us-east-1::mine/x", "arn:aws:sqs:::mine/x"]
    + [f"arn:aws:s3:::mine/{key}" for key in ("a,b", "../x", "a/../x", "/x", "a//x", "./x", "x\0", "x\n", "x" * 1025)],
)
def test_what_is_no_arn_of_an_object(arn: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        named_by(arn)


@given(bucket=WAYWARD, key=WAYWARD)
def test_no_name_leads_out_of_the_folder(bucket: str, key: str) -> None:
    if not (is_bucket(bucket) and is_key(key)):
        with pytest.raises(ValueError, match="is no name"):
            ObjectName(bucket, key)
        return
    path = os.path.normpath(f"/buckets/{bucket}/{key}")
    assert path == f"/buckets/{bucket}/{key}"
    with TemporaryDirectory() as directory:
        folders = Folders(Path(directory) / "buckets")
        folders.make(bucket)
        (folders.directory / bucket / key).parent.mkdir(parents=True, exist_ok=True)
        folders.write(ObjectName(bucket, key), [b"x"])
        (file,) = (path for path in Path(directory).rglob("*") if path.is_file())
        assert file == folders.directory / bucket / key


def test_an_object_comes_out_as_it_went_in_and_is_its_owners_alone(folders: Folders) -> None:
    folders.write(NAME, [b"one", b"two"])
    folders.write(NAME, [b"three", b"x" * 3_000_000])
    assert content(folders) == b"three" + b"x" * 3_000_000
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folders.directory.parent.rglob("*")}
    assert modes == {"buckets": 0o700, "mine": 0o700, "dump.rdb": 0o600}
    folders.remove(NAME)
    folders.remove(NAME)
    assert obstacle(folders, NAME) is Obstacle.NO_OBJECT


def test_what_is_not_there_is_told(folders: Folders) -> None:
    (folders.directory / "mine" / "folder").mkdir()
    os.mkfifo(folders.directory / "mine" / "pipe")
    assert obstacle(folders, ObjectName("other", "x")) is Obstacle.NO_BUCKET
    for key in ("x", "no/x", "folder", "folder/x", "pipe", "x" * 300):
        assert obstacle(folders, ObjectName("mine", key)) in (Obstacle.NO_OBJECT, Obstacle.NO_ANSWER), key
    with pytest.raises(Refused, match="The S3 bucket other does not exist"):
        folders.write(ObjectName("other", "x"), [b""])


@pytest.mark.parametrize("key", ["link", "folder/secret"])
def test_no_link_is_followed(key: str, folders: Folders, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (folders.directory / "mine" / "link").symlink_to(secret)
    (folders.directory / "mine" / "folder").symlink_to(tmp_path)
    (folders.directory / "linked").symlink_to(tmp_path)
    assert obstacle(folders, ObjectName("mine", key)) is Obstacle.NO_OBJECT
    assert obstacle(folders, ObjectName("linked", "secret")) is Obstacle.NO_BUCKET
    with pytest.raises(Refused):
        folders.write(ObjectName("mine", "folder/secret"), [b"x"])
    folders.write(ObjectName("mine", "link"), [b"x"])  # in place of the link
    assert secret.read_text() == "secret"


def test_an_object_that_has_changed_is_not_read(folders: Folders) -> None:
    folders.write(NAME, [b"one"])
    before = folders.look(NAME)
    folders.write(NAME, [b"two"])
    with pytest.raises(Refused) as refused:
        list(folders.read(before))
    assert refused.value.refusal.obstacle is Obstacle.CHANGED
    assert isinstance(folders.look(NAME), ObjectVersion)


def test_what_breaks_off_leaves_what_was_there(folders: Folders) -> None:
    folders.write(NAME, [b"before"])

    def breaking() -> Iterator[bytes]:
        yield b"half"
        raise EOFError

    with pytest.raises(EOFError):
        folders.write(NAME, breaking())
    assert content(folders) == b"before"
    assert [path.name for path in (folders.directory / "mine").iterdir()] == ["dump.rdb"]


def test_a_folder_that_has_no_room_is_told(folders: Folders) -> None:
    def filling() -> Iterator[bytes]:
        yield b"half"
        raise OSError(ENOSPC, os.strerror(ENOSPC))

    with pytest.raises(Refused, match=r"mine has no room for .* \(No space left on device\)") as refused:
        folders.write(NAME, filling())
    assert not refused.value.refusal.may_pass


def test_what_a_killed_process_left_is_replaced(folders: Folders) -> None:
    (folders.directory / "mine" / ".dump.rdb.part").write_text("half")
    folders.write(NAME, [b"whole"])
    assert [path.name for path in (folders.directory / "mine").iterdir()] == ["dump.rdb"]

"""Buckets of moto's server, and of S3s of which something is wrong: what is said of each."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.buckets.buckets import Refused
from cachewright.agents.buckets.s3 import PART, S3
from cachewright.controlplane.model.buckets import ObjectName, Obstacle
from tests.contract.cloud import credentials
from tests.e2e.s3 import broken, client, silent
from tests.moto import CREDENTIALS, moto

__all__ = ["credentials"]  # a fixture

NAME = ObjectName("mine", "folder/dump.rdb")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """An S3 with a bucket."""
    with moto() as url:
        client(url).create_bucket(Bucket="mine")
        yield url


def s3(url: str) -> S3:
    return S3(url, "us-east-1")


def obstacle(deed: Callable[[], object]) -> Obstacle:
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.refusal.obstacle


def content(buckets: S3) -> bytes:
    return b"".join(buckets.read(buckets.look(NAME)))


@pytest.mark.parametrize("size", [0, 7, PART, PART + 1, 2 * PART + 7])
def test_an_object_comes_out_as_it_went_in(size: int, url: str) -> None:
    whole = bytes(range(256)) * (size // 256 + 1)
    pieces = [whole[start : start + 1_000_000] for start in range(0, size, 1_000_000)]
    expected = b"".join(pieces)[:size]
    s3(url).write(NAME, [expected[:5], expected[5:]])
    assert content(s3(url)) == expected
    assert s3(url).look(NAME).size == size
    s3(url).remove(NAME)
    assert obstacle(lambda: s3(url).look(NAME)) is Obstacle.NO_OBJECT


def test_what_is_not_there_is_told(url: str) -> None:
    assert obstacle(lambda: s3(url).look(ObjectName("nowhere", "x"))) is Obstacle.NO_BUCKET
    assert obstacle(lambda: s3(url).look(ObjectName("mine", "x"))) is Obstacle.NO_OBJECT
    assert obstacle(lambda: s3(url).write(ObjectName("nowhere", "x"), [b"x"])) is Obstacle.NO_BUCKET


def test_an_object_that_has_changed_is_not_read(url: str) -> None:
    s3(url).write(NAME, [b"one"])
    before = s3(url).look(NAME)
    s3(url).write(NAME, [b"two"])
    assert obstacle(lambda: list(s3(url).read(before))) is Obstacle.CHANGED


def uploads(url: str) -> list[Any]:
    found: list[Any] = client(url).list_multipart_uploads(Bucket="mine").get("Uploads", [])
    return found


def test_what_breaks_off_leaves_what_was_there(url: str) -> None:
    s3(url).write(NAME, [b"before"])

    def breaking() -> Iterator[bytes]:
        yield bytes(3 * PART)
        raise EOFError

    with pytest.raises(EOFError):
        s3(url).write(NAME, breaking())
    assert content(s3(url)) == b"before"
    assert uploads(url) == []


def test_what_a_killed_process_left_is_aborted_and_nothing_else(url: str) -> None:
    other = NAME.key + ".other"
    for key in (NAME.key, other):
        client(url).create_multipart_upload(Bucket="mine", Key=key)
    s3(url).write(NAME, [b"x"])
    assert [upload["Key"] for upload in uploads(url)] == [other]


def test_credentials_that_are_missing_are_told(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in CREDENTIALS:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(Refused, match=r"READ permissions mine on the S3 Bucket\. \(Unable to locate credentials\)"):
        s3(url).look(NAME)


@pytest.mark.parametrize(("server", "cause"), [(silent, "Read timeout"), (broken, "answers 500")])
def test_an_s3_that_hangs_or_is_broken_is_told_within_seconds(
    server: Callable[[], AbstractContextManager[str]], cause: str
) -> None:
    with server() as url:
        begun = time.monotonic()
        for deed in (lambda: s3(url).look(NAME), lambda: s3(url).write(NAME, [b"x"])):
            with pytest.raises(Refused, match=cause) as refused:
                deed()
            assert refused.value.refusal.may_pass
        assert time.monotonic() - begun < 30


def test_nobody_listens() -> None:
    assert obstacle(lambda: s3("http://127.0.0.1:9").look(NAME)) is Obstacle.NO_ANSWER

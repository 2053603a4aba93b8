"""Keys of a KMS, held by moto's server; and what becomes of those that cannot be used."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from cachewright.agents.buckets.folders import Folders
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.queries.engines import LiveEngines
from cachewright.agents.sealing.keys import Seal
from cachewright.agents.sealing.kms import RemoteKms
from cachewright.agents.sealing.sealing import KeyNote
from cachewright.agents.snapshots.files import SnapshotFiles
from cachewright.agents.tools import Tools
from tests.contract.cloud import credentials, url
from tests.contract.silence import silence
from tests.kms import client_of
from tests.moto import CREDENTIALS

__all__ = ["credentials", "url"]  # fixtures

REGION = "us-east-1"


def new_key(url: str) -> str:
    return str(client_of(url).create_key()["KeyMetadata"]["Arn"])


def files(directory: Path, url: str) -> SnapshotFiles:
    return SnapshotFiles(directory / "snapshots", RemoteKms(url))


def test_a_file_is_opened_by_the_kms_that_it_was_sealed_with(url: str, tmp_path: Path) -> None:
    key = new_key(url)
    for name in (key, key.rpartition("/")[2]):
        files(tmp_path, url).write("a1", "0001", [b"content"], Seal(name, REGION))
        assert b"".join(files(tmp_path, url).read("a1", "0001")) == b"content"
    (path,) = tmp_path.rglob("*.rdb")
    assert b"content" not in path.read_bytes()
    assert key.encode() in path.read_bytes()
    with pytest.raises(Never, match="no KMS is configured"):
        list(SnapshotFiles(tmp_path / "snapshots").read("a1", "0001"))
    assert not (tmp_path / "snapshots.key").exists()


def test_no_two_files_have_the_same_key(url: str) -> None:
    kms, seal = RemoteKms(url), Seal(new_key(url), REGION)
    (note, key), (other, another) = kms.new_key(seal), kms.new_key(seal)
    assert key != another
    assert (kms.key_of(note), kms.key_of(other)) == (key, another)


@contextmanager
def saying(status: int, kind: str, words: str) -> Iterator[str]:
    """Where a KMS answers the same to everything: moto's never refuses a key that there is."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps({"__type": kind, "message": words}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ((400, "DisabledException", "k is disabled."), Never),
        ((400, "AccessDeniedException", "You may not use k."), Never),
        ((400, "InvalidKeyUsageException", "k signs."), Never),
        ((400, "ThrottlingException", "Too many."), Later),
        ((500, "KMSInternalException", "It broke."), Later),
    ],
)
def test_what_a_kms_says_against_it_is_told(answer: tuple[int, str, str], verdict: type[Later | Never]) -> None:
    with saying(*answer) as url:
        kms = RemoteKms(url)
        for ask in (lambda: kms.new_key(Seal("k", REGION)), lambda: kms.key_of(KeyNote("k", REGION, b"wrapped"))):
            with pytest.raises(verdict) as refused:
                ask()
            assert str(refused.value) == f"cannot use the key k: {answer[2].rstrip('.')}"


@pytest.mark.parametrize("key", ["nobody", "arn:aws:kms:us-east-1:1:key/00000000-0000-0000-0000-000000000000"])
def test_a_key_that_is_unknown_is_refused_in_the_kmss_words(url: str, key: str) -> None:
    with pytest.raises(Never, match=f"cannot use the key {key}: "):
        RemoteKms(url).new_key(Seal(key, REGION))
    with pytest.raises(Never, match=f"cannot use the key {key}: "):
        RemoteKms(url).key_of(KeyNote(key, REGION, b"x" * 100))


def test_a_kms_that_is_not_there_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Later, match=f"cannot use the key k: the KMS at http://127.0.0.1:{port} does not answer"):
        RemoteKms(f"http://127.0.0.1:{port}").new_key(Seal("k", REGION))


def test_one_that_hangs_is_not_waited_for() -> None:
    with silence() as hanging:
        with pytest.raises(Later, match="does not answer"):
            RemoteKms(hanging.url).new_key(Seal("k", REGION))
        assert hanging.seconds() < 5


def test_without_credentials_it_is_told(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in CREDENTIALS:
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(Never, match="cannot use the key k: Unable to locate credentials"):
        RemoteKms(url).new_key(Seal("k", REGION))


def test_the_api_is_told_in_words(url: str, tmp_path: Path) -> None:
    def tools() -> Tools:
        raise Later("nobody asks it")

    engines = LiveEngines(tools, Folders(tmp_path), kms=RemoteKms(url))
    assert engines.kms_key(new_key(url), REGION) == ""
    assert engines.kms_key("nobody", REGION).startswith("cannot use the key nobody: ")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hanging = LiveEngines(
            tools, Folders(tmp_path), 0.2, kms=RemoteKms(f"http://127.0.0.1:{silent.getsockname()[1]}")
        )
        assert hanging.kms_key("k", REGION) == "cannot use the key k: the KMS does not answer"
        hanging.close()
    engines.close()

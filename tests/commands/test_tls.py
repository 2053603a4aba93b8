"""An API that is served over TLS, with the certificates that are made for a Swarm."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import SSLError

from docs.sections import ROOT
from tests.commands.test_credentials import cachewright
from tests.commands.test_up import refused, up

ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `compose/secrets.sh` makes."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    directory = tmp_path_factory.mktemp("compose")
    made(directory, "10.77.0.1,10.77.0.2")
    return directory / "secrets"


def made(directory: Path, addresses: str) -> None:
    shutil.copy(ROOT / "compose" / "secrets.sh", directory)
    done = subprocess.run(
        [directory / "secrets.sh", addresses], env=os.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def url(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    certificate, keys = str(files / "server.pem"), str(files / "access-keys")
    with up(tmp_path_factory.mktemp("tls") / "data", TLS_CERTIFICATE=certificate, CREDENTIALS=keys) as url:
        yield url


def test_clients_of_aws_that_know_the_authority_are_served(
    url: str, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(files / "access-keys"))
    assert url.startswith("https://")
    session = boto3.Session(region_name="us-east-1")
    known = session.client("elasticache", endpoint_url=url, verify=str(files / "ca.pem"), config=ONCE)
    assert known.describe_cache_clusters()["CacheClusters"] == []
    with pytest.raises(SSLError):
        session.client("elasticache", endpoint_url=url, config=ONCE).describe_cache_clusters()


def test_commands_check_the_certificate(url: str, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = str(files / "access-keys")
    status, _, said = cachewright("status", "--json", "--url", url, CREDENTIALS=keys)
    assert (status, "certificate verify failed" in said) == (3, True)  # nobody is there who can be trusted
    monkeypatch.setenv("SSL_CERT_FILE", str(files / "ca.pem"))
    status, told, _ = cachewright("status", "--json", "--url", url, CREDENTIALS=keys)
    assert (status, json.loads(told)) == (0, {"caches": []})


@pytest.mark.parametrize(
    ("name", "cause"),
    [("ca.pem", "it is no PEM file with a certificate and its key"), ("none.pem", "No such file or directory")],
)
def test_it_does_not_serve_with_another_file(files: Path, tmp_path: Path, name: str, cause: str) -> None:
    path = files / name
    assert refused(tmp_path, TLS_CERTIFICATE=str(path)) == f"cachewright: cannot serve with {path}: {cause}"


def test_another_machine_leaves_passwords_and_the_authority_as_they_are(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    made(tmp_path, "10.77.0.1")
    before = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    made(tmp_path, "10.77.0.1,10.77.0.2")
    after = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"server.pem", "client.pem", "hosts.json"}
    assert [host["zone"] for host in json.loads(after["hosts.json"])] == ["a", "b"]
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "secrets").iterdir()} == {0}

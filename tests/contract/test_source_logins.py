"""Secrets that moto's server knows, or that are files, and what becomes of those that cannot be had."""

import socket
from pathlib import Path

import pytest

from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.source_logins.choice import logins_of
from cachewright.agents.source_logins.files import SecretFiles
from cachewright.agents.source_logins.logins import NoLogins, SourceLogin
from cachewright.agents.source_logins.secrets_manager import RemoteSecrets
from cachewright.controlplane.model.secret_arns import SecretArn, parsed
from cachewright.controlplane.settings import Settings
from tests.contract.cloud import REGION, credentials, url
from tests.contract.cloud import client as client_of
from tests.contract.silence import silence

__all__ = ["credentials", "url"]  # fixtures

HUSH = '{"username": "mover", "password": "hush-hush"}'


def named(arn: str) -> SecretArn:
    """The secret of an ARN."""
    secret = parsed(arn)
    assert secret
    return secret


MINE = named(f"arn:aws:secretsmanager:{REGION}:000000000000:secret:mine-AbCdEf")


def test_a_secret_is_what_the_secrets_manager_says(url: str) -> None:
    client = client_of("secretsmanager", url)
    arn = client.create_secret(Name="of/a/source", SecretString=HUSH)["ARN"]
    assert RemoteSecrets(url).login(named(arn)) == SourceLogin("mover", "hush-hush")
    client.put_secret_value(SecretId=arn, SecretString='{"password": "another"}')
    assert RemoteSecrets(url).login(named(arn)) == SourceLogin("", "another")
    client.put_secret_value(SecretId=arn, SecretBinary=b"hush-hush")
    with pytest.raises(Never, match="no JSON object with a"):
        RemoteSecrets(url).login(named(arn))


def test_a_secret_that_is_not_there_is_told(url: str) -> None:
    with pytest.raises(Never, match=f"cannot read the secret {MINE}: "):
        RemoteSecrets(url).login(MINE)


def test_a_secrets_manager_that_is_away_is_asked_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Later, match=f"the Secrets Manager at http://127.0.0.1:{port} does not answer"):
        RemoteSecrets(f"http://127.0.0.1:{port}").login(MINE)


def test_one_that_hangs_is_not_waited_for() -> None:
    with silence() as hanging:
        with pytest.raises(Later, match="does not answer"):
            RemoteSecrets(hanging.url).login(MINE)
        assert hanging.seconds() < 5


@pytest.mark.parametrize("name", ["mine-AbCdEf", "mine"])
def test_a_secret_may_be_a_file(name: str, tmp_path: Path) -> None:
    (tmp_path / REGION).mkdir()
    (tmp_path / REGION / name).write_text(HUSH)
    login = SecretFiles(tmp_path).login(MINE)
    assert login == SourceLogin("mover", "hush-hush")
    assert "hush-hush" not in repr(login)


@pytest.mark.parametrize("content", [b"\xff", b"[]", b'{"password": 7}', b'{"password": ""}', b'{"password": "hush-h'])
def test_a_file_without_a_login_is_told_without_what_is_in_it(content: bytes, tmp_path: Path) -> None:
    (tmp_path / REGION).mkdir()
    (tmp_path / REGION / "mine").write_bytes(content)
    with pytest.raises(Never) as told:
        SecretFiles(tmp_path).login(MINE)
    assert "hush" not in told.value.reason


def test_without_secrets_there_is_no_login(tmp_path: Path) -> None:
    for logins in (NoLogins(), SecretFiles(tmp_path)):
        with pytest.raises(Never, match=f"cannot read the secret {MINE}: there "):
            logins.login(MINE)


def test_the_settings_say_where_they_are(tmp_path: Path) -> None:
    assert logins_of(Settings(data_dir=tmp_path)) == SecretFiles(tmp_path / "secrets")
    there = logins_of(Settings(data_dir=tmp_path, secrets_manager_endpoint="http://127.0.0.1:4566"))
    assert isinstance(there, RemoteSecrets)
    assert there.endpoint == "http://127.0.0.1:4566"

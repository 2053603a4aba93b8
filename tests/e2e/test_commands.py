"""Caches made, moved, saved, restored and removed by commands, with real containers and a real client."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.e2e.cloud import Cloud
from tests.e2e.plane import run

pytestmark = pytest.mark.docker

TOKEN = "correct-horse-battery-staple"


def command(cloud: Cloud, *words: str) -> subprocess.CompletedProcess[str]:
    """A finished command that asks in the account of the test."""
    verbs = 2 if words[0] == "snapshot" else 1
    account = ("--account", cloud.account, "--url", cloud.plane.url)
    return run(*words[:verbs], *account, *words[verbs:], settings={"CACHEWRIGHT_DATA_DIR": str(cloud.plane.data_dir)})


def told(cloud: Cloud, *words: str) -> str:
    """What it tells when it ends well."""
    done = command(cloud, *words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def client(cloud: Cloud, endpoint: str) -> redis.Redis:
    """A client that comes with TLS and the token."""
    host, _, port = endpoint.rpartition(":")
    secure: dict[str, Any] = {"ssl": True, "ssl_ca_certs": str(cloud.plane.data_dir / "ca.pem"), "password": TOKEN}
    return redis.Redis(host=host, port=int(port), decode_responses=True, **secure)


def test_a_cache_by_commands_alone(cloud: Cloud, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    secret = ("--tls", "--auth-token-file", str(token))
    endpoint = told(cloud, "create", "valkey", "typed", "--replicas", "1", *secret)
    with client(cloud, endpoint) as typed:
        typed.set("key", "value")
        assert told(cloud, "failover", "typed") == "typed-002 leads"
        assert client(cloud, endpoint).get("key") == "value"
    assert told(cloud, "reboot", "typed", "--node", "typed-001") == "typed-001 has been rebooted"
    assert told(cloud, "snapshot", "create", "typed", "typed-before") == "typed-before"
    restored = json.loads(told(cloud, "restore", "typed-before", "--id", "restored", "--json"))
    primary = restored["NodeGroups"][0]["PrimaryEndpoint"]
    with redis.Redis(host=primary["Address"], port=primary["Port"], decode_responses=True) as copy:
        assert copy.get("key") == "value"
    assert told(cloud, "delete", "restored") == "restored is deleted"
    assert told(cloud, "delete", "typed") == "typed is deleted"
    assert json.loads(told(cloud, "list", "--json")) == []
    assert told(cloud, "snapshot", "delete", "typed-before") == "typed-before is deleted"

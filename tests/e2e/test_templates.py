"""A team's own template, with real containers: applied, changed, planned again, removed."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from docs.sections import ROOT
from tests.e2e.cloud import Cloud, redis_at
from tests.e2e.plane import run

pytestmark = pytest.mark.docker

SESSIONS = ROOT / "docs/examples/templates/sessions.yaml"


def test_a_template_is_applied_changed_and_removed(cloud: Cloud, tmp_path: Path) -> None:
    def apply(*words: object) -> str:
        ended = run("apply", *map(str, words), "--url", cloud.plane.url, "--account", cloud.account)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    told = dict(line.split("=", 1) for line in apply(SESSIONS, "--outputs", "dotenv").splitlines())
    address = urlsplit(told["SESSIONS_URL"])
    assert address.hostname and address.port
    with redis_at((address.hostname, address.port)) as client:
        client.set("key", "value")
        (changed := tmp_path / "sessions.yaml").write_text(SESSIONS.read_text().replace("timeout: 300", "timeout: 600"))
        assert "update  Settings" in apply(changed, "--parameter", "MaxmemoryPolicy=volatile-lru")
        assert "nothing to do" in apply(changed, "--parameter", "MaxmemoryPolicy=volatile-lru", "--plan")
        assert client.get("key") == "value", "an update replaces nothing"
        assert client.info("memory")["maxmemory_policy"] == "volatile-lru"
    assert "removed Sessions" in apply(SESSIONS, "--delete", "--yes")
    assert cloud.api.describe_replication_groups()["ReplicationGroups"] == []

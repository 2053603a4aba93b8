"""What programs print that use a cache through well-known libraries, encrypted and with a token."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from docs.sections import ROOT
from tests.e2e.cloud import Cloud, place
from tests.e2e.encrypted import GUARDED, TOKEN
from tests.e2e.javascript import installed

pytestmark = pytest.mark.docker

EXAMPLES = ROOT / "docs" / "examples" / "clients"
PACKAGES = ("redis@5", "ioredis@5", "iovalkey@0.4", "bullmq@6")
Variables = Mapping[str, str]


@pytest.fixture
def variables(cloud: Cloud) -> Variables:
    """What the programs are told of a cache."""
    host, port = place(cloud.group("shop", 2, **GUARDED)["PrimaryEndpoint"])
    own = {"CACHE_URL": f"rediss://:{TOKEN}@{host}:{port}", "CACHE_CA": str(cloud.plane.data_dir / "ca.pem")}
    return {**os.environ, **own}


def said(*command: str, variables: Variables) -> list[str]:
    """The lines that a program prints, which succeeds."""
    ended = subprocess.run(
        command, cwd=EXAMPLES, env=variables, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


@contextmanager
def worker(variables: Variables, log: Path) -> Iterator[None]:
    """Celery's, of one thread."""
    command = (sys.executable, "-m", "celery", "-A", "celery_tasks", "worker", "--pool", "solo")
    with (
        log.open("w") as written,
        subprocess.Popen(command, cwd=EXAMPLES, env=variables, stdout=written, stderr=written) as process,
    ):
        try:
            yield
        finally:
            process.kill()


def test_python(variables: Variables, tmp_path: Path) -> None:
    """The backend of Django's cache, and both sides of Celery."""
    assert said(sys.executable, "django_cache.py", variables=variables) == ["Django: hello"]
    with worker(variables, tmp_path / "log"):
        assert said(sys.executable, "celery_tasks.py", variables=variables) == ["Celery: hello"]


def test_javascript(variables: Variables, tmp_path: Path) -> None:
    modules = installed(tmp_path, *PACKAGES)
    if modules is None:
        pytest.skip("node and npm are not installed, or npm does not reach its registry")
    lines = said("node", "applications.js", variables={**variables, "NODE_PATH": str(modules)})
    assert lines == ["node-redis: hello", "ioredis: hello", "iovalkey: hello", "BullMQ: hello"]

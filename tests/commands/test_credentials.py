"""A control plane that lets nobody in without a key, and what it takes to listen beyond this machine."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from cachewright.controlplane.commands.aws import elasticache
from cachewright.controlplane.commands.plane import ControlPlane
from cachewright.controlplane.model.access_keys import AccessKey
from tests.commands.test_up import PATIENCE, environment, refused, up

EVERYWHERE = "0.0.0.0"
WRITER, READER = "AKIDWRITER:writers-secret:123456789012", "AKIDREADER:readers-secret:123456789012:reader"


def cachewright(*words: str, **settings: str) -> tuple[int, str, str]:
    """How a command ends, and what it says."""
    order = [sys.executable, "-m", "cachewright", *words]
    done = subprocess.run(
        order, env=environment(**settings), capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cachewright") / "data"


@pytest.fixture(scope="module")
def guarded(directory: Path) -> Iterator[str]:
    """The URL of a control plane with two keys."""
    with up(directory, CREDENTIALS=f"{WRITER},{READER}") as url:
        yield url


@pytest.mark.parametrize("given", ["own", "writer", "reader"])
def test_commands_sign(guarded: str, directory: Path, given: str) -> None:
    known: Mapping[str, Mapping[str, str]] = {
        "own": {"DATA_DIR": str(directory)},
        "writer": {"DATA_DIR": "/nowhere", "CREDENTIALS": f"{READER},{WRITER}"},
        "reader": {"DATA_DIR": "/nowhere", "CREDENTIALS": READER},
    }
    status, told, _ = cachewright("status", "--json", "--url", guarded, **known[given])
    assert (status, json.loads(told)) == (0, {"caches": []})
    status, _, said = cachewright("zone", "up", "us-east-1a", "--url", guarded, **known[given])
    if given == "reader":
        assert (status, "AKIDREADER is not authorized to perform: elasticache:DELETE" in said) == (1, True)
    else:
        assert (status, said) == (0, "")


@pytest.mark.parametrize("given", [{}, {"CREDENTIALS": "AKIDWRITER:guessed"}], ids=["none", "another"])
def test_commands_without_a_right_key_say_why(guarded: str, given: Mapping[str, str]) -> None:
    status, told, said = cachewright("status", "--url", guarded, DATA_DIR="/nowhere", **given)
    assert (status, told) == (1, "")
    assert said.startswith("cachewright: ")
    assert ("Request is missing Authentication Token" in said) == (not given)
    assert "guessed" not in said


def test_the_own_key_is_its_owners_alone_and_stays(guarded: str, directory: Path) -> None:
    file = directory / "access-key"
    assert file.stat().st_mode & 0o077 == 0
    before = file.read_text()
    with up(directory.with_name("other"), CREDENTIALS=WRITER):
        assert (directory.with_name("other") / "access-key").read_text() != before
    aws = elasticache(ControlPlane(guarded, AccessKey("AKIDWRITER", "writers-secret")))
    assert aws.describe_cache_clusters()["CacheClusters"] == []
    assert file.read_text() == before


def test_it_does_not_listen_beyond_this_machine_without_credentials(tmp_path: Path) -> None:
    line = refused(tmp_path, "--host", EVERYWHERE)
    assert line.startswith("cachewright: cannot listen on 0.0.0.0 without credentials: whoever reaches it could start")
    assert line.endswith(
        "; set CACHEWRIGHT_CREDENTIALS to a file of access keys (docs/settings.md), or accept that with --insecure"
    )
    assert refused(tmp_path, HOST=EVERYWHERE) == line


def test_it_listens_beyond_this_machine_with_credentials(tmp_path: Path) -> None:
    with up(tmp_path, "--host", EVERYWHERE, CREDENTIALS=WRITER) as url:
        status, told, _ = cachewright("status", "--json", "--url", url, DATA_DIR=str(tmp_path))
        assert (status, json.loads(told)) == (0, {"caches": []})


def test_it_listens_to_everybody_on_demand_and_says_so(tmp_path: Path) -> None:
    order = [sys.executable, "-m", "cachewright", "up", "--port", "0", "--data-dir", str(tmp_path), "--insecure"]
    pipe = subprocess.PIPE
    with subprocess.Popen(order, env=environment(HOST=EVERYWHERE), stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().split()[3]
        with urllib.request.urlopen(f"{url}/_cachewright/topology", timeout=PATIENCE) as answer:
            assert json.load(answer) == {"caches": []}
        process.terminate()
        _, said = process.communicate(timeout=PATIENCE)
    assert "listens on 0.0.0.0 without credentials: whoever reaches it could start containers" in said

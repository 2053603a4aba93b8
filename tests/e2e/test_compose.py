"""Cachewright in a container, as compose files and Testcontainers start it, and an application that finds its cache."""

import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import docker
import pytest

from docs.sections import ROOT
from tests.contract import postgresql
from tests.e2e.built import built
from tests.e2e.composed import Project, composed
from tests.e2e.plane import environment, free_port

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("compose")]

COMPOSE = ROOT / "compose" / "compose.yaml"
POSTGRESQL = ROOT / "compose" / "postgresql.yaml"
TESTCONTAINERS = ROOT / "docs" / "examples" / "testcontainers"
WITHOUT_RYUK = {"TESTCONTAINERS_RYUK_DISABLED": "true"}  # its image may be in no registry that is reached here
IMAGE = "cachewright:latest"


@pytest.fixture(scope="module")
def image(machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with built(machine, tmp_path_factory.mktemp("image"), f"cachewright-test:{uuid4().hex[:12]}") as name:
        yield name


def project(
    machine: docker.DockerClient, image: str, *files: Path, volumes: Mapping[str, str] | None = None
) -> Project:
    """The services of compose files on ports of their own."""
    ports = {"CACHEWRIGHT_PORT": str(free_port()), "SHOP_PORT": str(free_port())}
    return Project(machine, f"compose-{uuid4().hex[:8]}", files, ports, {IMAGE: image}, volumes or {})


def visited(services: Project) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{services.variables['SHOP_PORT']}/", timeout=5) as answer:
        return str(answer.read().decode())


def test_an_application_finds_its_cache(machine: docker.DockerClient, image: str) -> None:
    with composed(project(machine, image, COMPOSE)) as services:
        services.up("cachewright", "shop")
        assert [visited(services), visited(services)] == ["visitor 1\n", "visitor 2\n"]
        assert users(services) == expected_users()
        services.stop()
        services.up("cachewright", "shop")  # what is remembered is in the volume
        assert visited(services) == "visitor 3\n"
        assert "is there already" in services.running["shop"].logs().decode()


def users(services: Project) -> tuple[str, str]:
    """Who runs the control plane, as user and as groups."""
    lines = services.running["cachewright"].exec_run(["python3", "-c", "print(open('/proc/1/task/1/children').read())"])
    child = lines.output.decode().split()[0]
    status = services.running["cachewright"].exec_run(["python3", "-c", f"print(open('/proc/{child}/status').read())"])
    facts = dict(line.split(":\t", 1) for line in status.output.decode().splitlines() if ":\t" in line)
    return facts["Uid"].split()[0], facts["Groups"].strip()


def expected_users() -> tuple[str, str]:
    return "10001", str(Path("/var/run/docker.sock").stat().st_gid)


def test_postgresql_instead_of_sqlite(machine: docker.DockerClient, image: str) -> None:
    binaries = postgresql.programs()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    with postgresql.server(binaries) as socket:
        socket.chmod(0o755)
        with composed(project(machine, image, COMPOSE, POSTGRESQL, volumes={"socket": str(socket)})) as services:
            services.up("cachewright")
            listing = services.running["cachewright"].exec_run(
                ["python3", "-c", "import os; print(os.listdir('/data'))"]
            )
            assert "cachewright.db" not in listing.output.decode()


def test_testcontainers(image: str, machine: docker.DockerClient) -> None:
    before = {volume.name for volume in machine.volumes.list()}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:cachewright", str(TESTCONTAINERS)],
        env={**environment(), "IMAGE": image, **WITHOUT_RYUK},
        cwd=TESTCONTAINERS,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    assert machine.containers.list(all=True, filters={"ancestor": image}) == []
    left = {volume.name for volume in machine.volumes.list()} - before
    assert [name for name in left if name.startswith("visitors-")] == []

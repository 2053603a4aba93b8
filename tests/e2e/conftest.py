"""One control plane for all tests of a process, and an account of its own for each test."""

from collections.abc import Generator, Iterator
from itertools import count
from pathlib import Path

import docker
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.e2e.cloud import Cloud
from tests.e2e.javascript import IOREDIS, installed
from tests.e2e.plane import Plane, lent

_ACCOUNTS = count(1)
_TOLD = 100  # last lines of what a control plane said, of a test that fails


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails comes with what its control planes said, and with the events of its account."""
    report = yield
    given = list(getattr(item, "funcargs", {}).values()) if report.failed else []
    clouds = [value for value in given if isinstance(value, Cloud)]
    planes = {id(plane): plane for plane in (*(cloud.plane for cloud in clouds), *given) if isinstance(plane, Plane)}
    for plane in planes.values():
        lines = plane.log.read_text().splitlines()[-_TOLD:] if plane.log.exists() else []
        report.sections.append((f"the control plane of {plane.data_dir}", "\n".join(lines)))
    for cloud in {id(cloud): cloud for cloud in clouds}.values():
        report.sections.append((f"the events of account {cloud.account}", "\n".join(_events(cloud))))
    return report


def _events(cloud: Cloud) -> list[str]:
    try:
        events = cloud.api.describe_events()["Events"]
    except (BotoCoreError, ClientError) as error:
        return [str(error)]
    return [f"{event['Date']:%H:%M:%S.%f} {event['SourceIdentifier']}: {event['Message']}" for event in events]


@pytest.fixture(scope="session")
def machine() -> Iterator[docker.DockerClient]:
    """The Docker engine, for breaking things by hand."""
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture(scope="session")
def shared_plane(machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """The control plane of all tests that need no other."""
    with lent(machine, tmp_path_factory.mktemp("cachewright") / "data") as plane:
        yield plane


@pytest.fixture(scope="session")
def open_plane(machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """The control plane of all tests whose clients may tell engines everything, such as to save, and slowly."""
    with lent(machine, tmp_path_factory.mktemp("open") / "data", {"CACHEWRIGHT_RESTRICTED_COMMANDS": "off"}) as plane:
        yield plane


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """Where node finds ioredis; None where it cannot be had."""
    return installed(tmp_path_factory.mktemp("node"), IOREDIS)


@pytest.fixture
def plane(shared_plane: Plane) -> Plane:
    """The control plane, which runs, whatever an earlier test did to it."""
    shared_plane.up()
    return shared_plane


@pytest.fixture
def account() -> str:
    """An account of which nobody has heard."""
    return f"{next(_ACCOUNTS):012}"


@pytest.fixture
def open_cloud(open_plane: Plane, machine: docker.DockerClient, account: str) -> Iterator[Cloud]:
    """An account there, which is left to its end afterwards."""
    open_plane.up()
    cloud = Cloud(open_plane, machine, account)
    yield cloud
    cloud.leave()


@pytest.fixture
def cloud(plane: Plane, machine: docker.DockerClient, account: str) -> Iterator[Cloud]:
    """An account with nothing in it, which is left to its end afterwards."""
    cloud = Cloud(plane, machine, account)
    yield cloud
    cloud.leave()

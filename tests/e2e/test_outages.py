"""The gateway or the directory hangs, or loses its network: both are replaced, and caches say so meanwhile."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing

import docker
import pytest
from docker.models.containers import Container
from pymemcache import Client
from pymemcache.exceptions import MemcacheError

from cachewright.agents.planning.labels import DIRECTORY, GATEWAY
from tests.e2e.clients import writing
from tests.e2e.cloud import Cloud, Place, place
from tests.e2e.plane import Plane, lent
from tests.e2e.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("published")]  # their ports are used by one process

PUBLISHED = {"CACHEWRIGHT_ENDPOINTS": "published", "CACHEWRIGHT_PUBLISHED_PORTS": "17379,17399"}  # only HAProxy can be
SERVED = "The endpoints are served again."

Deed = Callable[[Container], None]


def sigstop(container: Container) -> None:
    """Every process of it."""
    for process in container.top()["Processes"]:
        os.kill(int(process[1]), signal.SIGSTOP)


def disconnect(container: Container) -> None:
    (network,) = container.attrs["NetworkSettings"]["Networks"]
    container.client.networks.get(network).disconnect(container)


broken = pytest.mark.parametrize("deed", [sigstop, disconnect], ids=lambda deed: deed.__name__)


@pytest.fixture(scope="module")
def published_plane(machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """One whose endpoints HAProxy carries."""
    with lent(machine, tmp_path_factory.mktemp("published") / "data", PUBLISHED) as plane:
        yield plane


@pytest.fixture(params=["kernel", "haproxy"])
def either(request: pytest.FixtureRequest, machine: docker.DockerClient, account: str) -> Iterator[Cloud]:
    """An account on a control plane of either kind of gateway."""
    name = "plane" if request.param == "kernel" else "published_plane"
    cloud = Cloud(request.getfixturevalue(name), machine, account)
    yield cloud
    cloud.leave()


def replaced(cloud: Cloud, kind: Mapping[str, str], former: Container) -> bool:
    try:
        return bool(cloud.shared(kind).id != former.id)
    except ValueError:  # none, for a moment
        return False


@broken
def test_the_gateway(either: Cloud, deed: Deed) -> None:
    group = either.group("rg", nodes=2)
    gateway = either.shared(GATEWAY)
    with writing(place(group["PrimaryEndpoint"])) as writer:
        deed(gateway)
        until("the group says so", lambda: either.whole_group("rg")["Status"] == "modifying", 10)
        until("the gateway is replaced", lambda: replaced(either, GATEWAY, gateway), 15)
        writer.progress()
    assert writer.lost() == []
    assert either.available_group("rg") == group
    assert SERVED in [message for _, message in either.messages("rg")]


def listed(where: Place) -> bool:
    try:
        with closing(Client(where, timeout=2, connect_timeout=2)) as client:
            return b"CONFIG cluster" in client.raw_command(b"config get cluster", b"END\r\n")
    except (MemcacheError, OSError):
        return False


@broken
def test_the_directory(cloud: Cloud, deed: Deed) -> None:
    configuration = place(cloud.cluster("web", Engine="memcached", NumCacheNodes=2)["ConfigurationEndpoint"])
    group = cloud.group("rg", nodes=1)
    directory = cloud.shared(DIRECTORY)
    with writing(place(group["PrimaryEndpoint"])) as writer:
        deed(directory)
        until("the cluster says so", lambda: cloud.shown_cluster("web")["CacheClusterStatus"] == "modifying", 10)
        until("the directory is replaced", lambda: replaced(cloud, DIRECTORY, directory), 15)
        until("the cluster is listed", lambda: listed(configuration))
        assert writer.failures == 0
    cloud.available_cluster("web")
    assert SERVED in [message for _, message in cloud.messages("web")]

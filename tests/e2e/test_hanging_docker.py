"""Docker hangs: it accepts and never answers. Everything else answers, and says so; then everything heals."""

import json
import time
from collections.abc import Iterator
from functools import partial
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import docker
import pytest
from docker.utils import kwargs_from_env

from cachewright.controlplane.console.paths import DRILLS
from tests.e2e.checks import check_roles
from tests.e2e.cloud import Cloud, place, redis_at
from tests.e2e.docker_proxy import DockerProxy, standing_before
from tests.e2e.plane import Plane, lent, run
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

SOON = 10.0  # seconds for an answer: Docker gets five of them, and whoever waits for it twice in a row takes longer
SILENT = "the Docker engine does not answer"


@pytest.fixture(scope="module")
def engine(machine: docker.DockerClient) -> Iterator[DockerProxy]:
    """The Docker engine of the control plane."""
    with standing_before(kwargs_from_env().get("base_url", "unix:///var/run/docker.sock")) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def mine(
    engine: DockerProxy, machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Plane]:
    """A control plane on that engine."""
    with lent(machine, tmp_path_factory.mktemp("hanging") / "data", {"DOCKER_HOST": engine.url}) as plane:
        yield plane


@pytest.fixture
def own(mine: Plane, engine: DockerProxy, machine: docker.DockerClient, account: str) -> Iterator[Cloud]:
    """An account of it, while Docker answers."""
    engine.answer()
    mine.up()
    cloud = Cloud(mine, machine, account)
    yield cloud
    engine.answer()
    cloud.leave()


class Clock:
    """Measures what has to be done soon."""

    def __enter__(self) -> None:
        self._begun = time.monotonic()

    def __exit__(self, *_: object) -> None:
        took = time.monotonic() - self._begun
        assert took < SOON, f"took {took:.1f} s"


def _drilled(plane: Plane, kind: str, target: str) -> tuple[int, str]:
    """The answer to a request for a drill."""
    body = json.dumps({"kind": kind, "target": target, "seconds": 1}).encode()
    request = Request(f"{plane.url}{DRILLS}", body, {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def _reason(plane: Plane, name: str) -> str:
    shown = json.loads(run("status", "--url", plane.url, "--json").stdout)
    return str(next(cache["reason"] for cache in shown["caches"] if cache["id"] == name))


def test_requests_are_answered(own: Cloud, engine: DockerProxy) -> None:
    api = own.api
    api.create_cache_parameter_group(
        CacheParameterGroupName="pg", CacheParameterGroupFamily="redis7", Description="of a test"
    )
    group = own.group("rg", nodes=2, CacheParameterGroupName="pg")
    engine.hang()
    for value in ("60", "61", "62"):
        with Clock():
            api.modify_cache_parameter_group(
                CacheParameterGroupName="pg",
                ParameterNameValues=[{"ParameterName": "timeout", "ParameterValue": value}],
            )
    with Clock():
        own.ask_cluster("new")
    with Clock():
        assert own.shown_cluster("new")["CacheClusterStatus"] == "creating"
    with Clock():
        api.test_failover(ReplicationGroupId="rg", NodeGroupId="0001")
    with Clock():
        assert _drilled(own.plane, "kill", "new")[0] >= 400
    for kind in ("kill", "pause", "slow-down"):
        with Clock():
            status, words = _drilled(own.plane, kind, "rg")
            assert (status, SILENT in words) == (409, True), words
    until("it says why", partial(_says_why, own.plane, "rg"), SOON)
    engine.answer()
    after = own.available_group("rg")
    own.available_cluster("new")
    check_roles(after)
    with redis_at(place(group["PrimaryEndpoint"])) as client:
        until("the values have come", lambda: client.execute_command("INFO", "replication")["role"] == "master")


def test_commands_end(own: Cloud, engine: DockerProxy) -> None:
    own.group("rg", nodes=2)
    engine.hang()
    with Clock():
        assert run("status", "--url", own.plane.url).returncode == 0
    with Clock():
        drilled = run("drill", "kill", "rg", "--url", own.plane.url)
    assert (drilled.returncode, SILENT in drilled.stderr) == (1, True), drilled.stderr
    with Clock():
        examined = run("doctor", "--data-dir", str(own.plane.data_dir), settings={"DOCKER_HOST": engine.url})
    assert examined.returncode == 1
    assert SILENT in examined.stdout


def test_a_primary_that_dies_meanwhile_is_not_available(own: Cloud, engine: DockerProxy) -> None:
    group = own.group("rg")
    primary = own.containers()["rg-001.0001"]
    engine.hang()
    primary.kill()
    until("it is not available", lambda: own.whole_group("rg")["Status"] != "available", SOON)
    until("it says why", partial(_says_why, own.plane, "rg"), SOON)
    engine.answer()
    after = own.available_group("rg")
    check_roles(after)
    assert after["PrimaryEndpoint"] == group["PrimaryEndpoint"]


def test_a_control_plane_that_starts_meanwhile(own: Cloud, engine: DockerProxy) -> None:
    values = [{"ParameterName": "timeout", "ParameterValue": "60"}]
    own.api.create_cache_parameter_group(
        CacheParameterGroupName="pg", CacheParameterGroupFamily="redis7", Description="of a test"
    )
    own.group("rg", nodes=2, CacheParameterGroupName="pg")
    own.plane.stop()
    engine.hang()
    with Clock():
        own.plane.up()
    until("it has loaded what speaks to Docker, which takes as long as this machine is busy", lambda: engine.ignored)
    with Clock():
        own.api.modify_cache_parameter_group(CacheParameterGroupName="pg", ParameterNameValues=values)
    for name in ("one", "two", "three"):
        with Clock():
            own.ask_cluster(name)
    with Clock():
        assert run("status", "--url", own.plane.url).returncode == 0
    for name in ("one", "two"):
        until("it says why", partial(_says_why, own.plane, name), SOON)
    with Clock():
        status, words = _drilled(own.plane, "kill", "rg")
        assert (status, SILENT in words) == (409, True), words
    with Clock():
        assert own.plane.stop() == 0
    with Clock():
        ended = run("down", "--data-dir", str(own.plane.data_dir), settings={"DOCKER_HOST": engine.url})
    assert (ended.returncode, SILENT in ended.stderr) == (1, True), ended.stderr
    assert "Traceback" not in ended.stderr
    own.plane.up()
    engine.answer()
    check_roles(own.available_group("rg"))
    for name in ("one", "two", "three"):
        own.available_cluster(name)


def _says_why(plane: Plane, name: str) -> bool:
    return SILENT in _reason(plane, name)

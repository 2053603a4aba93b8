"""Nodes that run before anybody asks for them, with real containers."""

from collections.abc import Iterator
from contextlib import closing
from threading import Timer
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from cachewright.agents.planning.labels import INSTANCE, warm_prefix
from cachewright.agents.reconcile.warm.shapes import USUAL
from tests.e2e.cloud import Cloud, member_places, place, redis_at
from tests.e2e.plane import Plane, lent
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def warm_plane(machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A control plane with one node ahead."""
    data = tmp_path_factory.mktemp("warm") / "data"
    with lent(machine, data, {"CACHEWRIGHT_WARM": "redis:7.1=1", "CACHEWRIGHT_RESTRICTED_COMMANDS": "off"}) as plane:
        yield plane


@pytest.fixture
def warm(warm_plane: Plane, machine: docker.DockerClient, account: str) -> Iterator[Cloud]:
    """An account there, once the node runs."""
    warm_plane.up()
    cloud = Cloud(warm_plane, machine, account)
    until("a node runs ahead", lambda: idle(cloud))
    yield cloud
    warm_plane.up()
    cloud.leave()


def own(cloud: Cloud) -> list[Container]:
    """Every container of the control plane."""
    mine = {"label": f"{INSTANCE}={cloud.plane.instance}"}
    found: list[Container] = cloud.machine.containers.list(all=True, filters=mine, ignore_removed=True)
    return found


def idle(cloud: Cloud) -> list[Container]:
    """Those that run for nobody."""
    prefix = warm_prefix(cloud.plane.instance)
    return [one for one in own(cloud) if one.name.startswith(prefix) and one.status == "running"]


def node(cloud: Cloud, name: str) -> Container:
    """The container of the one node of a group, by the name that every node has."""
    where = f"cachewright-{cloud.plane.instance}-{cloud.account}-us-east-1-{name}-001.0001"
    found: Container = cloud.machine.containers.get(where)
    return found


def described(container: Container, address: str) -> dict[str, Any]:
    """What Docker says that a container is, but for its address and its age."""
    told, config = container.attrs, dict(container.attrs["Config"])
    config = {key: value for key, value in config.items() if key not in {"Labels", "Hostname"}}
    config["Cmd"] = [word.replace(address, "ADDRESS") for word in config["Cmd"]]
    (network,) = told["NetworkSettings"]["Networks"]
    return {"config": config, "host": told["HostConfig"], "image": told["Image"], "network": network}


def serving(group: dict[str, Any], address: str) -> dict[str, object]:
    """What clients are told of the configuration and the users of the engine at the primary endpoint."""
    with closing(redis_at(place(group["PrimaryEndpoint"]))) as client:
        config = {key: str(value).replace(address, "ADDRESS") for key, value in client.config_get("*").items()}
        return {"config": config, "users": client.acl_list(), "data": client.dbsize(), "role": client.role()[0]}


def address_of(container: Container) -> str:
    """Where it is."""
    (network,) = container.attrs["NetworkSettings"]["Networks"].values()
    return str(network["IPAddress"])


def test_a_cache_from_the_pool_is_what_a_new_one_is(warm: Cloud) -> None:
    (ahead,) = idle(warm)
    for name in ("first", "second"):  # the second comes before another one is started
        warm.ask_group(name, 1, CacheNodeType=USUAL)
    groups = {name: warm.available_group(name) for name in ("first", "second")}
    nodes = {name: node(warm, name) for name in groups}
    assert [one.id == ahead.id for one in nodes.values()].count(True) == 1
    for name, one in nodes.items():
        assert (address_of(one), 6379) in member_places(groups[name]).values()
    made, other = (described(one, address_of(one)) for one in nodes.values())
    assert made == other
    made, other = (serving(groups[name], address_of(one)) for name, one in nodes.items())
    assert made == other
    until("another one runs ahead", lambda: [one for one in idle(warm) if one.id != ahead.id])


@pytest.mark.parametrize("seconds", [0.01, 0.03])
def test_whoever_dies_on_the_way_leaves_nothing_behind(warm: Cloud, seconds: float) -> None:
    death = Timer(seconds, warm.plane.kill)
    warm.ask_group("rg", 1, CacheNodeType=USUAL)
    death.start()
    death.join()
    warm.plane.up()
    warm.available_group("rg")
    until("the pool is full", lambda: idle(warm))
    assert sum("-warm-" in one.name for one in own(warm)) == 1
    assert [one.name for one in own(warm) if one.name.endswith("rg-001.0001")] == [node(warm, "rg").name]


def test_nothing_runs_ahead_while_nobody_could_have_it(warm: Cloud) -> None:
    group = warm.group("rg", 1, CacheNodeType=USUAL)
    before = node(warm, "rg").id
    until("another one runs ahead", lambda: idle(warm))
    assert warm.plane.stop() == 0
    assert not any("-warm-" in one.name for one in own(warm))
    with closing(redis_at(place(group["PrimaryEndpoint"]))) as client:
        assert client.ping()
    warm.plane.up()
    warm.available_group("rg")
    assert node(warm, "rg").id == before

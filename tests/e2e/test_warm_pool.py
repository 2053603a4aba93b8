"""Nodes that run before anybody asks for them, with real containers."""

import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from cachewright.agents.engines.redis.acl_rules import AGENT
from cachewright.agents.planning.labels import INSTANCE, warm_prefix
from cachewright.agents.reconcile.warm.shapes import USUAL
from cachewright.agents.system.secrets import DirectorySecrets
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


@pytest.fixture(scope="module")
def restricted_plane(machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A control plane with one node ahead, whose clients are refused what AWS refuses."""
    with lent(machine, tmp_path_factory.mktemp("restricted") / "data", {"CACHEWRIGHT_WARM": "redis:7.1=1"}) as plane:
        yield plane


@pytest.fixture
def restricted(restricted_plane: Plane, machine: docker.DockerClient, account: str) -> Iterator[Cloud]:
    """An account there, once the node runs."""
    restricted_plane.up()
    cloud = Cloud(restricted_plane, machine, account)
    until("a node runs ahead", lambda: idle(cloud))
    yield cloud
    cloud.leave()


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


def told(group: dict[str, Any], data: Path, address: str) -> dict[str, object]:
    """What the agent is told of the configuration and the users of the engine at the primary endpoint, but for where
    it is.
    """
    password = DirectorySecrets(data, lambda: datetime.now(UTC)).credentials.password
    with closing(redis_at(place(group["PrimaryEndpoint"]), username=AGENT, password=password)) as client:
        every = {key: str(value).replace(address, "ADDRESS") for key, value in client.config_get("*").items()}
        config = {key: value for key, value in every.items() if key != "enable-debug-command"}
        users = {frozenset(line.split()) for line in client.acl_list()}  # in no certain order
        return {"config": config, "users": users, "data": client.dbsize(), "role": client.role()[0]}


def test_a_node_serves_another_cache_and_has_nothing_of_the_one_before(restricted: Cloud) -> None:
    former = restricted.group("former", 1, CacheNodeType=USUAL)
    before = node(restricted, "former")
    (own,) = member_places(former).values()
    with closing(redis_at(place(former["PrimaryEndpoint"]))) as client, socket.create_connection(own, 5) as idle_one:
        client.set("key", "value")
        process = client.info("server")["run_id"]
        restricted.api.delete_replication_group(ReplicationGroupId="former")
        with suppress(ConnectionResetError):
            assert idle_one.recv(1) == b""
    until("its node runs for nobody", lambda: any(one.id == before.id for one in idle(restricted)))
    assert not accepts(own)
    groups = {name: restricted.group(name, 1, CacheNodeType=USUAL) for name in ("one", "two")}  # the pool may have two
    nodes = {name: node(restricted, name) for name in groups}
    again, other = sorted(groups, key=lambda name: nodes[name].id != before.id)
    assert nodes[again].id == before.id
    another = member_places(groups[again])[f"{again}-001"]
    assert another not in {own, (address_of(nodes[again]), 6379)}
    with closing(redis_at(another)) as client:
        assert client.info("server")["run_id"] != process
        assert "cmdstat_set" not in client.info("commandstats")
    data = restricted.plane.data_dir
    serve = {name: told(group, data, address_of(nodes[name])) for name, group in groups.items()}
    assert serve[again] == serve[other]
    made, unlike = (without_debug(described(nodes[name], address_of(nodes[name]))) for name in (again, other))
    assert made == unlike


def without_debug(told: dict[str, Any]) -> dict[str, Any]:
    """But for what lets an engine begin anew."""
    config = {**told["config"], "WorkingDir": ""}
    command = config["Cmd"]
    at = command.index("--enable-debug-command") if "--enable-debug-command" in command else len(command)
    return {**told, "config": {**config, "Cmd": command[:at]}}


def accepts(where: tuple[str, int]) -> bool:
    """Whether anybody takes connections there."""
    with suppress(OSError), socket.create_connection(where, 1):
        return True
    return False


@pytest.mark.parametrize("seconds", [0.03, 0.08, 0.15])
def test_whoever_dies_while_a_node_is_made_ready_leaves_nothing_behind(restricted: Cloud, seconds: float) -> None:
    restricted.group("rg", 1, CacheNodeType=USUAL)
    death = Timer(seconds, restricted.plane.kill)
    restricted.api.delete_replication_group(ReplicationGroupId="rg")
    death.start()
    death.join()
    restricted.plane.up()
    until("the pool is full", lambda: idle(restricted))
    until("the group is gone", lambda: not restricted.api.describe_replication_groups()["ReplicationGroups"])
    until("one node runs, for nobody", lambda: [one.name for one in own(restricted) if "redis" in str(one.image)] == [
        one.name for one in idle(restricted)])  # fmt: skip

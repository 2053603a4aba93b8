"""Processes at one PostgreSQL, with real containers: an agent and a primary of its die at the same moment."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest
import redis

from cachewright.agents.planning.labels import CACHE, LIFE, NODE
from cachewright.controlplane.commands.plane import ControlPlane
from cachewright.controlplane.commands.seen import members
from tests.contract import postgresql
from tests.e2e.plane import Plane, run
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

ACCOUNT = "000000000017"
GROUP = f"{ACCOUNT}/us-east-1/replication-group/rg"


@dataclass
class Site:
    """One process that answers, and two that work."""

    api: Plane
    agents: tuple[Plane, Plane]

    def agent_of_all(self) -> Plane:
        """Whose the only cache is."""

        def owner() -> Plane | None:
            there = {one.process for one in members(ControlPlane(self.api.url)).members if one.caches}
            return next((agent for agent in self.agents if agent.process in there), None)

        found = until("the cache is somebody's", owner)
        assert found
        return found

    def group(self) -> Any:
        """The only group, as it is described."""
        (group,) = self.api.client(ACCOUNT).describe_replication_groups()["ReplicationGroups"]
        return group

    def primary(self) -> str:
        """Who leads it, once all is as desired; empty before."""
        group = self.group()
        if group["Status"] != "available":
            return ""
        (shard,) = group["NodeGroups"]
        return next(
            str(node["CacheClusterId"]) for node in shard["NodeGroupMembers"] if node["CurrentRole"] == "primary"
        )


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """At a database of their own; at the end nothing of them is left."""
    binaries = postgresql.programs()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    with ExitStack() as until_the_end:
        url = postgresql.new_database(until_the_end.enter_context(postgresql.server(binaries)))
        own = {"CACHEWRIGHT_DATABASE_URL": url}
        roles = {"api": "api", "first": "agent", "second": "agent"}
        planes = [Plane(tmp_path / name, settings={**own, "CACHEWRIGHT_ROLE": role}) for name, role in roles.items()]
        try:
            for plane in planes:
                plane.up()
            yield Site(planes[0], (planes[1], planes[2]))
        finally:
            statuses = [plane.stop() for plane in planes]
            ended = run("down", "--data-dir", str(planes[0].data_dir), settings=own)
        assert ended.returncode == 0, ended.stderr
        assert not any("Traceback" in plane.log.read_text() for plane in planes)
        assert sorted(statuses) in ([0, 0, 0], [-9, 0, 0])


def test_a_failover_goes_on_when_its_agent_dies_and_nothing_is_done_twice(
    site: Site, machine: docker.DockerClient
) -> None:
    begin = int(time.time())
    site.api.client(ACCOUNT).create_replication_group(
        ReplicationGroupId="rg",
        ReplicationGroupDescription="d",
        Engine="redis",
        CacheNodeType="cache.t3.micro",
        NumCacheClusters=2,
        AutomaticFailoverEnabled=True,
    )
    before = until("the group is available", site.primary)
    place = site.group()["NodeGroups"][0]["PrimaryEndpoint"]
    (container,) = [one for one in containers(machine) if one.labels[NODE] == f"{before}.0001"]
    site.agent_of_all().kill()
    container.kill()
    until("a write is acknowledged", lambda: writes(place["Address"], place["Port"]))
    assert until("the group is whole", site.primary) != before
    assert sorted(one.labels[NODE] for one in containers(machine)) == ["rg-001.0001", "rg-002.0001"]
    assert set(lives_begun(machine, begin).values()) == {1}


def containers(machine: docker.DockerClient) -> list[Any]:
    """Those of the group's nodes."""
    return list(machine.containers.list(filters={"label": f"{CACHE}={GROUP}"}, ignore_removed=True))


def writes(host: str, port: int) -> bool:
    """Whether a write is acknowledged."""
    try:
        with redis.Redis(host, port, socket_timeout=1, socket_connect_timeout=1) as client:
            return bool(client.set("after", "1"))
    except redis.RedisError:
        return False


def lives_begun(machine: docker.DockerClient, since: int) -> Counter[tuple[str, str]]:
    """How often a container was made for each life of each node."""
    filters = {"type": "container", "event": "create", "label": f"{CACHE}={GROUP}"}
    told = machine.events(since=since, until=int(time.time()) + 1, decode=True, filters=filters)
    attributes = [event["Actor"]["Attributes"] for event in told]
    return Counter((one[NODE], one[LIFE]) for one in attributes)

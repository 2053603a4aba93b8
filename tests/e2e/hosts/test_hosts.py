"""Three machines with an engine each, of which one comes later: a group across them, a failover, and a machine that
loses its power.
"""

import sys
from collections.abc import Iterator
from contextlib import closing

import docker
import pytest
from redis.exceptions import RedisError

from cachewright.controlplane.model.hosts import Host
from tests.e2e.clients import writing
from tests.e2e.cloud import Cloud, Place, member_places, place, primary_of, redis_at
from tests.e2e.hosts.three import told
from tests.e2e.plane import run
from tests.e2e.waiting import until
from tests.machines import NAMES, Machines

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("hosts")]

IMAGES = ("cachewright/redis", "cachewright/gateway")

PATIENCE = 3.0  # seconds, see the settings
SOON = 60.0  # seconds in which a machine joins others
BUSY = 7.0  # seconds more, on a machine that does much else: what an outage takes is measured by the benchmarks


@pytest.fixture(scope="module")
def cloud(three: Machines, machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A control plane that was told of two of them."""
    with told(three, three.hosts[:2], machine, tmp_path_factory.mktemp("hosts"), {}) as made:
        yield made


@pytest.fixture(scope="module")
def joined(cloud: Cloud, three: Machines) -> Host:
    """The third of them, which was told while everything ran."""
    cloud.group("before", nodes=2)
    last = three.hosts[2]
    place = ("--engine", last.engine, "--zone", last.zone, "--address", last.address)
    added = run("host", "add", last.name, *place, "--url", cloud.plane.url)
    assert added.returncode == 0, added.stderr
    assert "joining" in added.stdout
    until(
        "it has joined the others", lambda: "joining" not in run("host", "list", "--url", cloud.plane.url).stdout, SOON
    )
    return last


@pytest.fixture(scope="module")
def doors(cloud: Cloud, three: Machines, joined: Host) -> dict[str, Place]:
    """The primary endpoint of a group across the machines, at each of them."""
    assert joined in three.hosts
    group = cloud.group("rg", MultiAZEnabled=True)
    port = place(group["PrimaryEndpoint"])[1]
    return {host.name: (host.address, port) for host in three.hosts}


def _home(cloud: Cloud, three: Machines, node: str) -> str:
    """The host that a node is told to be on."""
    address = member_places(cloud.shown_group("rg"))[node][0]
    return next(host.name for host in three.hosts if host.address == address)


def test_each_machine_has_a_node_and_leads_to_the_primary(
    cloud: Cloud, three: Machines, doors: dict[str, Place]
) -> None:
    group = cloud.shown_group("rg")
    assert {_home(cloud, three, node) for node in member_places(group)} == set(NAMES)
    for number, (name, door) in enumerate(doors.items(), 1):
        with closing(redis_at(door)) as client:
            client.set(f"by {name}", "1")
            assert client.role()[0] == "master"
        names = three.docker(number, "ps", "--format={{.Names}}").split()
        assert [sum(part in one for one in names) for part in ("-rg-00", "-gateway")] == [1, 1]


def test_a_machine_that_joined_leads_to_what_was_there_before(cloud: Cloud, joined: Host) -> None:
    port = place(cloud.shown_group("before")["PrimaryEndpoint"])[1]
    with closing(redis_at((joined.address, port))) as client:
        assert client.role()[0] == "master"


def test_a_failover_across_machines_loses_nothing(cloud: Cloud, doors: dict[str, Place]) -> None:
    before = primary_of(cloud.shown_group("rg"))
    with writing(doors["three"]) as writer:
        cloud.api.test_failover(ReplicationGroupId="rg", NodeGroupId="0001")
        until("another node leads", lambda: primary_of(cloud.shown_group("rg")) != before)
        writer.progress()
        cloud.available_group("rg")
    assert writer.lost() == []


def test_a_machine_that_loses_its_power_is_done_without_and_comes_back_empty(
    cloud: Cloud, three: Machines, doors: dict[str, Place]
) -> None:
    dead = primary_of(cloud.available_group("rg"))
    home = _home(cloud, three, dead)
    number, survivor = NAMES.index(home) + 1, doors[next(name for name in NAMES if name != home)]
    with writing(survivor, copies=1) as writer:
        three.do("off", number)
        enough = len(writer.acknowledged) + 100
        until("writes go on", lambda: len(writer.acknowledged) > enough, PATIENCE + BUSY)
        until("it has a node elsewhere", lambda: _home(cloud, three, dead) != home)
        three.do("on", number)
        stale = f"{dead}.0001.{home}"
        until("nothing of before is left", lambda: stale not in three.docker(number, "ps", "-a", "--format={{.Names}}"))
        cloud.available_group("rg")
    assert writer.lost() == []
    until("it leads to the primary again", lambda: _leads(doors[home]))


def test_nobody_writes_beside_a_primary_that_is_cut_off(cloud: Cloud, three: Machines, doors: dict[str, Place]) -> None:
    primary = primary_of(cloud.available_group("rg"))
    home = _home(cloud, three, primary)
    number, survivor = NAMES.index(home) + 1, doors[next(name for name in NAMES if name != home)]
    with writing(survivor) as writer:
        assert _writes_inside(three, number, doors[home])
        three.do("cut", number)
        enough = len(writer.acknowledged) + 100
        until("writes go on", lambda: len(writer.acknowledged) > enough, PATIENCE + BUSY)
        assert not _writes_inside(three, number, doors[home])
        three.do("mend", number)
        until("it leads to the primary again", lambda: _leads(doors[home]))
        cloud.available_group("rg")


def _writes_inside(three: Machines, number: int, door: Place) -> bool:
    """Whether a program on a host can write."""
    attempt = f"""
import socket
try:
    with socket.create_connection({door!r}, 1) as client:
        client.sendall(b"SET beside 1\\r\\n")
        print(client.recv(5) == b"+OK\\r\\n")
except OSError:
    print(False)
"""
    return three.inside(number, sys.executable, "-c", attempt) == "True"


def _leads(door: Place) -> bool:
    try:
        with closing(redis_at(door)) as client:
            return bool(client.set("it is back", "1"))
    except RedisError:
        return False

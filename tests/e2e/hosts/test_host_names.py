"""Host names on three machines: the directory of each answers for them, at DNS's port, and leads to machines that are
there.
"""

from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial

import docker
import pytest
from dnslib import DNSRecord
from pymemcache import Client
from redis.exceptions import RedisError

from tests.e2e.cloud import Cloud, place, redis_at
from tests.e2e.hosts import three as machines_of
from tests.e2e.waiting import until
from tests.machines import NAMES, Machines

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("hosts")]

IMAGES = ("cachewright/valkey", "cachewright/memcached", "cachewright/directory", "cachewright/gateway")
SOON = 120.0  # seconds, on a machine that does much else: a directory compiles its program when it begins
TRIES = 3
DNS = 53
SUFFIX = "cache.cachewright.test"


@pytest.fixture(scope="module")
def cloud(three: Machines, machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A control plane that was told of them, and tells names."""
    named = {"CACHEWRIGHT_HOSTNAMES": "on"}
    with machines_of.told(three, three.hosts, machine, tmp_path_factory.mktemp("names"), named) as made:
        yield made


@pytest.fixture(scope="module")
def primary(cloud: Cloud) -> tuple[str, int]:
    """The primary endpoint of a group across the machines."""
    shown = cloud.group("rg", Engine="valkey", MultiAZEnabled=True)
    name, port = place(shown["PrimaryEndpoint"])
    assert name.endswith(SUFFIX)
    return name, port


def _answered(name: str, server: str, *, tcp: bool = False) -> str:
    """What the directory of a machine answers for a name; empty while it answers nothing. Datagrams may be lost, so it
    is asked again, as resolvers do.
    """
    for _ in range(TRIES):
        with suppress(OSError):
            said = DNSRecord.parse(DNSRecord.question(name).send(server, DNS, tcp=tcp, timeout=2))
            return next((str(record.rdata) for record in said.rr), "")
    return ""


def _leads(name: str, port: int, server: str) -> bool:
    """Whether clients that ask a machine for a name are led to the primary."""
    address = _answered(name, server)
    try:
        with closing(redis_at((address, port))) as client:
            return bool(address) and client.role()[0] == "master"
    except RedisError:
        return False


def test_every_machine_answers_for_names(three: Machines, primary: tuple[str, int]) -> None:
    name, port = primary
    for host in three.hosts:
        assert _answered(name, host.address) == _answered(name, host.address, tcp=True) != ""
        assert _leads(name, port, host.address)


def test_names_of_nodes_lead_to_their_machines(cloud: Cloud, three: Machines) -> None:
    shown = cloud.cluster("mc", Engine="memcached", NumCacheNodes=3, AZMode="cross-az")
    places = [place(node["Endpoint"]) for node in shown["CacheNodes"]]
    found = [(_answered(name, three.hosts[0].address), port) for name, port in places]
    assert {address for address, _ in found} == {host.address for host in three.hosts}
    for where in found:
        with closing(Client(where, timeout=5, connect_timeout=5)) as client:
            assert client.version().startswith(b"1.6")


def test_names_lead_to_machines_that_are_there(cloud: Cloud, three: Machines, primary: tuple[str, int]) -> None:
    name, port = primary
    told = _answered(name, three.hosts[1].address)
    (lost,) = (host for host in three.hosts if host.address == told)
    number = NAMES.index(lost.name) + 1
    three.do("off", number)
    for host in three.hosts:
        if host != lost:
            until("the name leads to the primary", partial(_leads, name, port, host.address), SOON)
    three.do("on", number)
    until("it answers again", lambda: _leads(name, port, lost.address), SOON)
    cloud.available_group("rg")
    cloud.available_cluster("mc")

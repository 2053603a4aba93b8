"""Host names on three machines: the directory of each answers for them, at DNS's port, and leads to machines that are
there.
"""

import socket
import ssl
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
FIRST, LAST = 16379, 16399  # published ports
SNI = LAST + 2
SUFFIX = "cache.cachewright.test"


@pytest.fixture(scope="module")
def cloud(three: Machines, machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A control plane that was told of them, and tells names."""
    named = {"CACHEWRIGHT_HOSTNAMES": "on", "CACHEWRIGHT_PUBLISHED_PORTS": f"{FIRST},{LAST}"}
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


@pytest.fixture(scope="module")
def secret(cloud: Cloud) -> dict[str, bytes]:
    """Two encrypted caches: what each answers to an encrypted client that asks for its version, by name."""
    shown = cloud.group("tls", nodes=2, Engine="valkey", MultiAZEnabled=True, TransitEncryptionEnabled=True)
    nodes = [place(member["ReadEndpoint"])[0] for member in shown["NodeGroupMembers"]]
    groups = [place(shown[kind])[0] for kind in ("PrimaryEndpoint", "ReaderEndpoint")]
    cluster = cloud.cluster("mctls", Engine="memcached", NumCacheNodes=2, TransitEncryptionEnabled=True)
    clusters = [place(node["Endpoint"])[0] for node in cluster["CacheNodes"]]
    clusters.append(place(cluster["ConfigurationEndpoint"])[0])
    return {**dict.fromkeys([*groups, *nodes], b"-ERR"), **dict.fromkeys(clusters, b"VERSION")}


def _heard(cloud: Cloud, server: str, name: str | None) -> bytes:
    """What an encrypted client hears first that names a host, at the one port of a machine; OSError when it is let go.
    Without a name it takes whatever certificate it is shown.
    """
    context = ssl.create_default_context(cafile=str(cloud.plane.data_dir / "ca.pem"))
    if name is None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    raw = socket.create_connection((server, SNI), 5)
    with context.wrap_socket(raw, server_hostname=name) as client:
        client.sendall(b"version\r\n")
        return client.recv(100).split(b" ")[0]


def _is_let_go(cloud: Cloud, server: str, name: str | None) -> bool:
    try:
        return not _heard(cloud, server, name)
    except OSError:
        return True


def test_encrypted_clients_reach_all_caches_at_one_port(
    cloud: Cloud, three: Machines, primary: tuple[str, int], secret: dict[str, bytes]
) -> None:
    for host in three.hosts:
        assert {name: _heard(cloud, host.address, name) for name in secret} == secret
        for stranger in (None, f"other.{SUFFIX}", primary[0]):  # the last one's cache is not encrypted
            assert _is_let_go(cloud, host.address, stranger)


def test_names_lead_to_machines_that_are_there(
    cloud: Cloud, three: Machines, primary: tuple[str, int], secret: dict[str, bytes]
) -> None:
    name, port = primary
    told = _answered(name, three.hosts[1].address)
    (lost,) = (host for host in three.hosts if host.address == told)
    number = NAMES.index(lost.name) + 1
    three.do("off", number)
    for host in three.hosts:
        if host != lost:
            until("the name leads to the primary", partial(_leads, name, port, host.address), SOON)
            for one in secret:
                until("encrypted clients are led there", partial(_is_answered, cloud, host.address, one), SOON)
    three.do("on", number)
    until("it answers again", lambda: _leads(name, port, lost.address), SOON)
    cloud.available_group("rg")
    cloud.available_cluster("mc")
    for one in secret:
        until("encrypted clients are led there", partial(_is_answered, cloud, lost.address, one), SOON)


def _is_answered(cloud: Cloud, server: str, name: str) -> bool:
    return not _is_let_go(cloud, server, name)

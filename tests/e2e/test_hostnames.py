"""Endpoints that are told by name: whoever asks the directory finds them, and certificates are made out for them.

Clients run with a resolver configuration of their own, in a mount namespace: they are as they are anywhere else.
"""

import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import docker
import pytest
from dnslib import RCODE, DNSRecord

from cachewright.agents.runtime.network import Network
from tests.e2e.cloud import MICRO, Cloud, member_places, place
from tests.e2e.encrypted import GUARDED, TOKEN
from tests.e2e.plane import Plane, free_port, lent
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

SUFFIX = "cache.amazonaws.com"
_ALONE = ("unshare", "--map-root-user", "--mount")

# Each prints what it found out, as JSON.
_VERIFIED = """
import json, sys
from redis import Redis
from redis.exceptions import ConnectionError
authority, token, *names = sys.argv[1:]
def ping(name):
    with Redis(name, ssl=True, ssl_ca_certs=authority, ssl_check_hostname=True, password=token) as client:
        try:
            return client.ping()
        except ConnectionError as error:
            return str(error)
print(json.dumps({name: ping(name) for name in names}))
"""
_SHARDED = """
import json, sys
from redis import RedisCluster
authority, token, name = sys.argv[1:]
options = dict(ssl=True, ssl_ca_certs=authority, ssl_check_hostname=True, password=token, decode_responses=True)
client = RedisCluster(name, **options)
keys = [f"key-{number}" for number in range(200)]
for key in keys:
    client.set(key, key)
print(json.dumps([sorted(node.host for node in client.get_primaries()), all(client.get(key) == key for key in keys)]))
"""
_DISCOVERED = """
import json, ssl, sys
from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient
name, *authority = sys.argv[1:]
options = {"timeout": 5, "tls_context": ssl.create_default_context(cafile=authority[0]) if authority else None}
said = Client((name, 11211), **options).raw_command(b"config get cluster", b"\\n\\r\\nEND\\r\\n")
nodes = sorted(node.split("|")[0] for node in said.decode().splitlines()[2].split(" "))
client = HashClient([(node, 11211) for node in nodes], default_noreply=False, **options)
keys = [f"key-{number}" for number in range(100)]
client.set_many({key: key for key in keys})
print(json.dumps([nodes, client.get_many(keys) == {key: key.encode() for key in keys}]))
"""
_RESOLVED = """
import json, socket, sys
def address(name):
    try:
        return socket.gethostbyname(name)
    except OSError as error:
        return error.errno
print(json.dumps({name: address(name) for name in sys.argv[1:]}))
"""


@pytest.fixture(scope="module")
def named(machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A control plane whose endpoints have names."""
    settings = {"CACHEWRIGHT_HOSTNAMES": "on", "CACHEWRIGHT_HOST_SUFFIX": SUFFIX}
    settings["CACHEWRIGHT_DNS_PORT"] = str(free_port())
    with lent(machine, tmp_path_factory.mktemp("named") / "data", settings) as plane:
        yield plane


@pytest.fixture
def cloud(named: Plane, machine: docker.DockerClient, account: str) -> Iterator[Cloud]:
    """An account with nothing in it, which is left to its end afterwards."""
    named.up()
    cloud = Cloud(named, machine, account)
    yield cloud
    cloud.leave()


def network(cloud: Cloud) -> Network:
    """The network of the control plane."""
    (found,) = cloud.machine.networks.list(filters={"name": f"cachewright-{cloud.plane.instance}"})
    return Network(found.name, IPv4Network(found.attrs["IPAM"]["Config"][0]["Subnet"]))


def client(cloud: Cloud, directory: Path, program: str, *arguments: str) -> Any:
    """What a program prints whose system resolver asks the directory."""
    if subprocess.run([*_ALONE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespace of one's own on this machine")
    resolver = directory / "resolv.conf"
    resolver.write_text(f"nameserver {network(cloud).directory}\n")
    bind = f'mount --bind {resolver} /etc/resolv.conf && exec "$@"'
    words = [*_ALONE, "sh", "-c", bind, "sh", sys.executable, "-c", program, *arguments]
    return json.loads(subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout)


def looked_up(cloud: Cloud, name: str, where: tuple[str, int]) -> str:
    """The address that a name server tells, or why it tells none."""
    reply = DNSRecord.parse(DNSRecord.question(name).send(*where, timeout=5))
    return ", ".join(str(record.rdata) for record in reply.rr) or RCODE[reply.header.rcode]


def doors(cloud: Cloud) -> tuple[tuple[str, int], tuple[str, int]]:
    """Where names are answered for: by the directory, and by the control plane."""
    return (str(network(cloud).directory), 53), ("127.0.0.1", int(cloud.plane.settings["CACHEWRIGHT_DNS_PORT"]))


def test_everybody_is_verified_by_name(cloud: Cloud, tmp_path: Path) -> None:
    group = cloud.group("rg", 2, **GUARDED)
    told = [place(group[name])[0] for name in ("PrimaryEndpoint", "ReaderEndpoint")]
    told += [where[0] for where in member_places(group).values()]
    assert {name.partition(".")[0] for name in told} == {"master", "replica", "rg-001", "rg-002"}
    assert all(name.endswith(f".use1.{SUFFIX}") for name in told)
    guest = (str(cloud.plane.data_dir / "ca.pem"), TOKEN)
    assert client(cloud, tmp_path, _VERIFIED, *guest, *told) == dict.fromkeys(told, True)
    cloud.plane.kill()  # neither names nor caches need it
    assert client(cloud, tmp_path, _VERIFIED, *guest, *told) == dict.fromkeys(told, True)


def test_a_certificate_is_made_out_for_its_own_names_only(cloud: Cloud) -> None:
    told = member_places(cloud.group("rg", 2, **GUARDED))
    (own, port), (other, _) = told.values()
    context = ssl.create_default_context(cafile=str(cloud.plane.data_dir / "ca.pem"))
    address = looked_up(cloud, own, doors(cloud)[0])
    with socket.create_connection((address, port), 5) as plain, context.wrap_socket(plain, server_hostname=own):
        pass
    mismatch = pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch")
    with socket.create_connection((address, port), 5) as plain, mismatch:
        context.wrap_socket(plain, server_hostname=other)


@pytest.mark.parametrize(("engine", "version"), [("redis", "7.1"), ("valkey", "8.1")])
def test_nodes_of_an_encrypted_cluster_are_found_by_name(
    cloud: Cloud, tmp_path: Path, engine: str, version: str
) -> None:
    shape = {"NumNodeGroups": 2, "ReplicasPerNodeGroup": 1, "AutomaticFailoverEnabled": True}
    cloud.api.create_replication_group(
        ReplicationGroupId="rg", ReplicationGroupDescription="of a test", Engine=engine, EngineVersion=version,
        CacheNodeType=MICRO, **shape, **GUARDED,
    )  # fmt: skip
    cloud.available_group("rg")
    entrance = cloud.whole_group("rg")["ConfigurationEndpoint"]["Address"]
    assert entrance.startswith("clustercfg.rg.")
    guest = (str(cloud.plane.data_dir / "ca.pem"), TOKEN)
    primaries, kept = client(cloud, tmp_path, _SHARDED, *guest, entrance)
    assert [name.partition(".rg.")[0] for name in primaries] == ["rg-0001-001", "rg-0002-001"]
    assert all(name.endswith(f".use1.{SUFFIX}") for name in primaries)
    assert kept


@pytest.mark.parametrize("encrypted", [False, True])
def test_discovery_by_name(cloud: Cloud, tmp_path: Path, encrypted: bool) -> None:
    cluster = cloud.cluster("mc", Engine="memcached", NumCacheNodes=3, TransitEncryptionEnabled=encrypted)
    configuration = cluster["ConfigurationEndpoint"]["Address"]
    assert ".cfg.use1." in configuration
    authority = [str(cloud.plane.data_dir / "ca.pem")] if encrypted else []
    nodes, kept = client(cloud, tmp_path, _DISCOVERED, configuration, *authority)
    assert nodes == sorted(node["Endpoint"]["Address"] for node in cluster["CacheNodes"])
    assert kept


def test_containers_on_the_network_resolve_names(cloud: Cloud) -> None:
    """Also while the control plane is away, and after a restart of the directory."""
    name = place(cloud.group("rg", 2)["PrimaryEndpoint"])[0]
    directory = cloud.machine.containers.get(f"cachewright-{cloud.plane.instance}-directory")
    seen = []
    for away in (False, True):
        if away:
            cloud.plane.kill()
            directory.restart(timeout=1)
            until("the directory answers again", lambda: _answers(cloud, name))
        said = cloud.machine.containers.run(
            directory.image.id,
            ["-c", _RESOLVED, name, f"nobody.{SUFFIX}"],
            entrypoint="python3",
            network=network(cloud).name,
            dns=[str(network(cloud).directory)],
            remove=True,
        )
        seen.append(json.loads(said))
    assert seen[0] == seen[1] == {name: looked_up(cloud, name, doors(cloud)[0]), f"nobody.{SUFFIX}": -2}
    assert seen[0][name] in {str(address) for address in network(cloud).endpoints}


def _answers(cloud: Cloud, name: str) -> bool:
    try:
        return looked_up(cloud, name, doors(cloud)[0]) != ""
    except OSError:
        return False


def test_names_come_and_go_with_their_caches(cloud: Cloud) -> None:
    members = {member: where[0] for member, where in member_places(cloud.group("rg", 3)).items()}
    for door in doors(cloud):
        addresses = [looked_up(cloud, name, door) for name in members.values()]
        assert len(set(addresses)) == 3
        assert all(address.startswith("10.") for address in addresses)
    cloud.api.decrease_replica_count(ReplicationGroupId="rg", NewReplicaCount=1, ApplyImmediately=True)
    left = {member["CacheClusterId"] for member in cloud.available_group("rg")["NodeGroupMembers"]}
    (gone,) = (name for member, name in members.items() if member not in left)
    for door in doors(cloud):
        assert looked_up(cloud, gone, door) == "NXDOMAIN"
    cloud.api.delete_replication_group(ReplicationGroupId="rg")
    for door in doors(cloud):
        for name in members.values():
            until(f"{name} is forgotten", partial(_forgotten, cloud, name, door))


def _forgotten(cloud: Cloud, name: str, door: tuple[str, int]) -> bool:
    return looked_up(cloud, name, door) == "NXDOMAIN"

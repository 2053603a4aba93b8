"""The name server on this machine: real sockets, and a store with caches of many accounts."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from dnslib import RCODE, DNSRecord

from cachewright.agents.directory.name_server import LOCAL, NameServer, stored
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.hostnames import Naming
from tests.api.world import World, shared_store

NAMING = Naming("cache.example.test", on=True)


@pytest.fixture(scope="module")
def server() -> Iterator[NameServer]:
    running = NameServer(0, stored(shared_store(), NAMING))
    running.start()
    yield running
    running.stop()


def told(world: World, name: str) -> Cache:
    """A cache that runs."""
    world.settle(name)
    return world.cache(name)


def look_up(server: NameServer, name: str, *, tcp: bool = False) -> str:
    """The address, or why there is none."""
    reply = DNSRecord.parse(DNSRecord.question(name).send(LOCAL, server.port, tcp=tcp, timeout=5))
    return ", ".join(str(record.rdata) for record in reply.rr) or RCODE[reply.header.rcode]


@pytest.mark.parametrize("tcp", [False, True])
def test_every_name_of_every_kind(server: NameServer, tcp: bool) -> None:
    world = World()
    world.group("rg", NumCacheClusters=3)
    world.group("secure", NumCacheClusters=2, TransitEncryptionEnabled=True)
    world.cluster("one")
    world.cluster("mc", Engine="memcached", NumCacheNodes=3)
    for name in ("rg", "secure", "one", "mc"):
        records = NAMING.records(told(world, name))
        assert records
        assert {name: look_up(server, name, tcp=tcp) for name in records} == records


def test_accounts_are_apart(server: NameServer) -> None:
    worlds = [World(), World()]
    for world in worlds:
        world.cluster("same")
    first, second = (set(NAMING.records(told(world, "same"))) for world in worlds)
    assert not first & second
    assert {look_up(server, name) for name in first | second} == {"10.0.0.1"}


def test_a_name_is_known_with_its_cache_and_gone_with_it(server: NameServer) -> None:
    world = World()
    name = NAMING.names(_desired(world, "soon"), "soon.0001")[0]
    assert look_up(server, name) == "NXDOMAIN"
    told(world, "soon")
    assert look_up(server, name) == "10.0.0.1"
    world.gone("soon")
    assert look_up(server, name) == "NXDOMAIN"


def _desired(world: World, name: str) -> Cache:
    world.cluster(name)
    return world.cache(name)


def test_several_queries_of_one_connection(server: NameServer) -> None:
    world = World()
    world.cluster("one")
    (name, *_) = NAMING.records(told(world, "one"))
    with closing(socket.create_connection((LOCAL, server.port), 5)) as connection, connection.makefile("rwb") as file:
        for number in range(3):
            query = DNSRecord.question(name)
            query.header.id = number
            packet = bytes(query.pack())
            file.write(len(packet).to_bytes(2) + packet)
            file.flush()
            reply = DNSRecord.parse(file.read(int.from_bytes(file.read(2))))
            assert (reply.header.id, str(reply.rr[0].rdata)) == (number, "10.0.0.1")


def test_noise_ends_a_connection_and_nothing_else(server: NameServer) -> None:
    world = World()
    world.cluster("one")
    (name, *_) = NAMING.records(told(world, "one"))
    with closing(socket.create_connection((LOCAL, server.port), 5)) as connection:
        connection.sendall(b"\x00\x04noise")
        assert connection.recv(100) == b""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as datagrams:
        datagrams.sendto(b"noise", (LOCAL, server.port))
    assert look_up(server, name) == "10.0.0.1"


def test_a_port_that_is_taken(server: NameServer) -> None:
    with pytest.raises(OSError, match="in use"):
        NameServer(server.port, stored(shared_store(), NAMING))

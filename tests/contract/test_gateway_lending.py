"""Endpoints whose address their node has itself: nothing stands between a client and its node."""

import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from itertools import count

import pytest

from cachewright.agents.gateway import forwarding
from cachewright.agents.gateway.nftables import NftablesGateway
from cachewright.agents.planning.containers import Blueprint, State
from cachewright.agents.runtime.images import Images
from cachewright.controlplane.model.cache import Address
from tests.contract.test_gateway import RealWorld, answers, eventually, hangs_up, opened

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("gateways")]

PORT = 6379
# It tells each client its own name and where the client seems to be, and waits until it leaves.
NODE = f"""
import asyncio, sys
async def greet(reader, writer):
    writer.write(f"{{sys.argv[1]}} {{writer.get_extra_info('peername')[0]}}\\n".encode())
    await reader.read()
    writer.close()
async def serve():
    async with await asyncio.start_server(greet, "0.0.0.0", {PORT}) as server:
        await server.serve_forever()
asyncio.run(serve())
"""


@dataclass(frozen=True)
class Lent:
    """A gateway, and two nodes: the first and the second."""

    real: RealWorld
    endpoint: Address

    def node(self, name: str) -> str:
        """The name of its container."""
        return f"{self.real.name}-{name}"

    def address(self, name: str) -> Address:
        """Where it listens."""
        number = ("first", "second").index(name)
        return Address(str(IPv4Address(self.real.place.host) + 4 * 256 + number), PORT)

    def lead(self, *names: str, sole: bool = True) -> None:
        """Tell the gateway."""
        endpoints = [self.endpoint] if sole else []
        self.real.gateway.route({self.endpoint: [self.address(name) for name in names]}, endpoints)

    def connect(self) -> socket.socket:
        """A client of the endpoint, before it is told anything."""
        return socket.create_connection((self.endpoint.host, self.endpoint.port), 5)

    def told(self) -> tuple[str, bool]:
        """Which node takes a client, and whether nothing stands between them."""
        with closing(self.connect()) as client:
            return self.greeted(client)

    def greeted(self, client: socket.socket) -> tuple[str, bool]:
        """What a client is told first; ConnectionError where nobody tells it anything."""
        name, _, place = client.makefile().readline().strip().partition(" ")
        if not name:
            raise ConnectionResetError
        return name, place == self.real.place.host

    def serves(self) -> bool:
        """Whether clients are taken."""
        try:
            return bool(self.told())
        except OSError:
            return False


@pytest.fixture(scope="module")
def real() -> Iterator[RealWorld]:
    image = Images().nftables().reference
    with opened(
        "lending", lambda _, place, name: forwarding.blueprint(image, place, name, {}, {}), NftablesGateway
    ) as world:
        for name in ("first", "second"):
            lent = Lent(world, Address("", 0))
            command = ("python3", "-c", NODE, name)
            world.runtime.launch(Blueprint(lent.node(name), image, command, lent.address(name).host, 64 << 20, {}))
        yield world


_hosts = count(1)


@pytest.fixture
def lent(real: RealWorld) -> Lent:
    """An endpoint that leads to the first node, and to nobody else ever."""
    made = Lent(real, Address(str(IPv4Network(real.place.endpoints)[next(_hosts)]), PORT))
    eventually(lambda: all(listens(made.address(name)) for name in ("first", "second")))  # a test may have stopped one
    made.lead("first")
    return made


def listens(address: Address) -> bool:
    try:
        socket.create_connection((address.host, address.port), 1).close()
    except OSError:
        return False
    return True


def test_clients_and_nodes_see_each_other(lent: Lent) -> None:
    assert lent.told() == ("first", True)


def test_who_may_lead_to_several_one_day_stays_between_them(lent: Lent) -> None:
    lent.lead("second", sole=False)
    assert lent.told() == ("second", False)


def test_an_address_moves_and_sessions_end(lent: Lent) -> None:
    """Whatever they do: this one only listens."""
    for name in ("second", "first", "second"):
        with closing(lent.connect()) as session:
            lent.greeted(session)
            lent.lead(name)
            assert hangs_up(session, b"")
        assert lent.told() == (name, True)


def test_pointing_again_changes_nothing(lent: Lent) -> None:
    with closing(lent.connect()) as session:
        lent.greeted(session)
        lent.lead("first")
        session.settimeout(0)
        with pytest.raises(BlockingIOError):
            session.recv(1)


def test_an_endpoint_that_leads_nowhere_refuses(lent: Lent) -> None:
    with closing(lent.connect()) as session:
        lent.greeted(session)
        lent.lead()
        assert hangs_up(session, b"")
    with pytest.raises(ConnectionRefusedError):
        lent.connect()


def test_the_session_of_a_node_that_hangs_ends(lent: Lent) -> None:
    with closing(lent.connect()) as session:
        lent.greeted(session)
        lent.real.runtime.pause(lent.node("first"))
        try:
            lent.lead("second")
            assert hangs_up(session, b"")
            assert lent.told() == ("second", True)
        finally:
            lent.real.runtime.unpause(lent.node("first"))
    assert lent.told() == ("second", True)


def test_the_session_of_a_node_that_has_lost_its_network_ends(lent: Lent) -> None:
    with closing(lent.connect()) as session:
        lent.greeted(session)
        lent.real.runtime.disconnect(lent.node("first"))
        try:
            lent.lead("second")
            assert hangs_up(session, b"")
            assert lent.told() == ("second", True)
        finally:
            lent.real.runtime.connect(lent.node("first"), lent.address("first").host)
    lent.lead("first")
    assert lent.told() == ("first", True)


def test_a_node_that_was_restarted_is_reached(lent: Lent) -> None:
    """By way of the gateway, until the endpoint leads elsewhere."""
    with closing(lent.connect()) as session:
        lent.greeted(session)
        lent.real.runtime.restart(lent.node("first"))
        assert hangs_up(session, b"")
    eventually(lent.serves)
    assert lent.told() == ("first", False)
    lent.lead("second")
    lent.lead("first")
    assert lent.told() == ("first", True)


def test_sessions_outlive_a_gateway_that_is_killed(lent: Lent) -> None:
    with closing(lent.connect()) as session:
        lent.greeted(session)
        lent.real.runtime.kill(lent.real.name)
        assert lent.told() == ("first", True)
        lent.real.runtime.start(lent.real.name)
        eventually(lambda: answers(lent.real.gateway))
        session.settimeout(0)
        with pytest.raises(BlockingIOError):
            session.recv(1)
    lent.lead("second")
    assert lent.told() == ("second", True)


def test_a_gateway_that_ends_takes_everything_back(lent: Lent) -> None:
    """Another one may follow that lends nothing."""
    with closing(lent.connect()) as session:
        lent.greeted(session)
        lent.real.runtime.restart(lent.real.name)
        assert hangs_up(session, b"")
    eventually(lambda: answers(lent.real.gateway))
    assert lent.told() == ("first", True)


def test_a_gateway_that_was_cut_off_lends_on(lent: Lent) -> None:
    with closing(lent.connect()) as session:
        lent.greeted(session)
        lent.real.runtime.disconnect(lent.real.name)
        assert lent.told() == ("first", True)
        lent.real.runtime.connect(lent.real.name, lent.real.place.address)
        eventually(lambda: answers(lent.real.gateway))
        session.settimeout(0)
        with pytest.raises(BlockingIOError):
            session.recv(1)
    lent.lead("second")
    assert lent.told() == ("second", True)
    lent.lead()
    with pytest.raises(ConnectionRefusedError):
        lent.connect()


# It has addresses on a network of its own, and ends when it has one of them no more.
ELSEWHERE = """
import subprocess, sys, time
def had():
    return subprocess.run(("ip", "-o", "address"), capture_output=True, text=True).stdout
for host in sys.argv[1:]:
    subprocess.run(("ip", "address", "add", host + "/32", "dev", "lo"), check=True)
while all(host in had() for host in sys.argv[1:]):
    time.sleep(0.01)
"""


def test_networks_of_others_are_left_alone(lent: Lent) -> None:
    """Another container engine on this machine may have given out the same addresses."""
    runtime, name = lent.real.runtime, f"{lent.real.name}-elsewhere"
    taken = lent.address("second").host, str(IPv4Address(lent.endpoint.host) + 1000)
    command = ("python3", "-c", ELSEWHERE, *taken)
    image = Images().nftables().reference
    runtime.launch(Blueprint(name, image, command, "", 64 << 20, {}, capabilities=("NET_ADMIN",), user="0:0"))
    runtime.restart(lent.real.name)
    eventually(lambda: answers(lent.real.gateway))
    lent.lead("second")
    assert lent.told() == ("second", True)
    (seen,) = (container for container in runtime.containers() if container.name == name)
    assert seen.state is State.RUNNING

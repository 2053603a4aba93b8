"""What every gateway does, held by the pretend one, and in a container by HAProxy and by the kernel."""

import asyncio
import secrets
import select
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, ip_address, ip_network
from itertools import count
from typing import Protocol

import pytest

from cachewright.agents.engines.dial import family
from cachewright.agents.gateway import forwarding
from cachewright.agents.gateway.blueprint import ADMIN, Place, blueprint, files
from cachewright.agents.gateway.direct import DirectGateway
from cachewright.agents.gateway.gateway import Gateway
from cachewright.agents.gateway.haproxy import HaproxyGateway
from cachewright.agents.gateway.nftables import NftablesGateway
from cachewright.agents.memory.gateway import MemoryGateway
from cachewright.agents.planning.containers import Blueprint, File
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.runtime.connection import Engine
from cachewright.agents.runtime.docker import DockerRuntime
from cachewright.agents.runtime.images import Images
from cachewright.controlplane.model.cache import Address


class Client(Protocol):
    """A client's connection, pretend or real."""

    @property
    def target(self) -> Address: ...

    @property
    def open(self) -> bool: ...


class World(Protocol):
    """A gateway with clients on one side and targets on the other."""

    @property
    def gateway(self) -> Gateway: ...

    @property
    def place(self) -> Place: ...

    def target(self) -> Address: ...

    def connect(self, endpoint: Address) -> Client: ...


@dataclass(frozen=True)
class PretendWorld:
    gateway: MemoryGateway = field(default_factory=MemoryGateway)
    place: Place = field(default_factory=lambda: Place("10.251.0.2", "10.251.0.1", "10.251.128.0/18"))
    _ports: Iterator[int] = field(default_factory=lambda: count(7000))

    def target(self) -> Address:
        return Address(self.place.host, next(self._ports))

    def connect(self, endpoint: Address) -> Client:
        return self.gateway.connect(endpoint)


class Targets:
    """They all say their port, then listen until the client leaves, in one thread: a module has hundreds of them."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def open(self, host: str) -> int:
        """The port of one more."""
        opening = asyncio.start_server(self._greet, host, 0)
        server = asyncio.run_coroutine_threadsafe(opening, self._loop).result()
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """End them all."""
        asyncio.run_coroutine_threadsafe(self._leave(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, port, *_ = writer.get_extra_info("sockname")
        writer.write(f"{port}\n".encode())
        try:
            with suppress(ConnectionResetError):
                await reader.read(1)
        finally:
            writer.close()

    async def _leave(self) -> None:
        for server in self._servers:
            server.close()
        greeting = asyncio.all_tasks() - {asyncio.current_task()}
        for task in greeting:
            task.cancel()
        await asyncio.gather(*greeting, return_exceptions=True)


@dataclass(frozen=True)
class Connection:
    target: Address
    _socket: socket.socket

    @property
    def open(self) -> bool:
        try:
            return self._socket.recv(1) != b""
        except BlockingIOError:
            return True
        except ConnectionResetError:
            return False


@dataclass(frozen=True)
class RealWorld:
    gateway: Gateway
    place: Place
    runtime: DockerRuntime
    image: str
    name: str
    _targets: Targets
    _ending: ExitStack

    def target(self) -> Address:
        return Address(self.place.host, self._targets.open(self.place.host))

    def connect(self, endpoint: Address) -> Client:
        connection = socket.create_connection((endpoint.host, endpoint.port), 5)
        self._ending.callback(connection.close)
        if not (greeting := connection.recv(16)):
            raise ConnectionRefusedError
        connection.settimeout(0)
        return Connection(Address(self.place.host, int(greeting)), connection)


def eventually(holds: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.005)


def answers(gateway: Gateway) -> bool:
    try:
        gateway.routes()
    except Later:
        return False
    return True


@pytest.fixture(scope="module")
def haproxy() -> Iterator[RealWorld]:
    with opened("haproxy", lambda image, place, name: blueprint(image, place, name, {}, {}), HaproxyGateway) as world:
        yield world


@pytest.fixture(scope="module")
def kernel() -> Iterator[RealWorld]:
    image = Images().nftables().reference
    with opened(
        "kernel", lambda _, place, name: forwarding.blueprint(image, place, name, {}, {}), NftablesGateway
    ) as world:
        yield world


@pytest.fixture(scope="module")
def kernel6(kernel: RealWorld) -> RealWorld:
    """The same container, reached by IPv6: it is told where endpoints of both families lead."""
    network = kernel.runtime.open_network()
    place = Place(kernel.place.address, network.twin(kernel.place.host), network.endpoints6)
    eventually(lambda: is_here(place.host))  # a bridge looks for another one of its address for a second
    return replace(kernel, place=place)


def is_here(host: str) -> bool:
    try:
        socket.create_server((host, 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@contextmanager
def opened(
    kind: str, made: Callable[[str, Place, str], Blueprint], gateway: Callable[[Address], Gateway]
) -> Iterator[RealWorld]:
    """A gateway of a kind on a network of its own."""
    engine, instance = Engine(), f"{kind}-{secrets.token_hex(4)}"  # test processes may run side by side
    image, name = Images(engine).gateway().reference, f"cachewright-{instance}"
    runtime = DockerRuntime(instance, engine)
    with ExitStack() as ending:
        ending.callback(runtime.raze)
        network = runtime.open_network()
        place = Place(str(network.gateway), str(network.host), str(network.endpoints), network.endpoints6)
        runtime.launch(made(image, place, name))
        asked = gateway(place.admin)
        eventually(lambda: answers(asked))
        targets = ending.enter_context(closing(Targets()))
        yield RealWorld(asked, place, runtime, image, name, targets, ending)


ONCE = [pytest.mark.docker, pytest.mark.xdist_group("gateways")]  # each is made once
REAL = [pytest.param(name, marks=ONCE) for name in ("haproxy", "kernel", "kernel6")]


@pytest.fixture(params=["pretend", *REAL])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "pretend":
        return PretendWorld()
    real: RealWorld = request.getfixturevalue(request.param)
    return real


_hosts = count(1)


@pytest.fixture
def endpoint(world: World) -> Address:
    return Address(str(ip_network(world.place.endpoints)[next(_hosts)]), 6379)


def refuses(world: World, endpoint: Address) -> bool:
    try:
        world.connect(endpoint)
    except ConnectionError:
        return True
    return False


def test_leads_to_its_target(world: World, endpoint: Address) -> None:
    target = world.target()
    world.gateway.route({endpoint: [target]})
    assert world.connect(endpoint).target == target


def test_tells_where_endpoints_lead(world: World, endpoint: Address) -> None:
    first, second = world.target(), world.target()
    world.gateway.route({endpoint: [first, second]})
    assert world.gateway.routes()[endpoint] == (first, second)


def test_refuses_what_it_does_not_know(world: World, endpoint: Address) -> None:
    world.gateway.route({endpoint: [world.target()]})
    assert refuses(world, Address(endpoint.host, 6380))
    if ":" not in endpoint.host:  # of IPv6 it answers for endpoints alone
        assert refuses(world, Address(str(ip_network(world.place.endpoints)[-2]), 6379))


def test_ports_of_one_host_are_endpoints_of_their_own(world: World, endpoint: Address) -> None:
    sibling = Address(endpoint.host, 11211)
    first, second = world.target(), world.target()
    world.gateway.route({endpoint: [first]})
    world.gateway.route({sibling: [second]})
    assert (world.connect(endpoint).target, world.connect(sibling).target) == (first, second)


def test_targets_take_turns(world: World, endpoint: Address) -> None:
    targets = [world.target() for _ in range(3)]
    world.gateway.route({endpoint: targets})
    assert Counter(world.connect(endpoint).target for _ in range(12)) == dict.fromkeys(targets, 4)


def test_new_connections_follow_at_once(world: World, endpoint: Address) -> None:
    targets = [world.target(), world.target()]
    for target in targets * 10:
        world.gateway.route({endpoint: [target]})
        assert world.connect(endpoint).target == target


def test_closes_exactly_the_sessions_that_lead_elsewhere(world: World, endpoint: Address) -> None:
    stays, goes = world.target(), world.target()
    other = Address(endpoint.host, 6380)
    world.gateway.route({endpoint: [stays, goes]})
    world.gateway.route({other: [goes]})
    sessions = [world.connect(endpoint) for _ in range(6)]
    stranger = world.connect(other)

    world.gateway.route({endpoint: [stays]})

    eventually(lambda: not any(session.open for session in sessions if session.target == goes))
    assert all(session.open for session in sessions if session.target == stays)
    assert stranger.open


def test_pointing_again_changes_nothing(world: World, endpoint: Address) -> None:
    target = world.target()
    world.gateway.route({endpoint: [target]})
    session = world.connect(endpoint)
    world.gateway.route({endpoint: [target]})
    assert session.open
    assert world.connect(endpoint).target == target


def test_a_target_named_twice_is_one(world: World, endpoint: Address) -> None:
    target = world.target()
    world.gateway.route({endpoint: [target, target]})
    assert world.gateway.routes()[endpoint] == (target,)


def test_without_targets_it_refuses_and_closes(world: World, endpoint: Address) -> None:
    world.gateway.route({endpoint: [world.target()]})
    session = world.connect(endpoint)
    world.gateway.route({endpoint: []})
    eventually(lambda: not session.open)
    assert refuses(world, endpoint)
    assert world.gateway.routes()[endpoint] == ()


def test_grows_and_shrinks(world: World, endpoint: Address) -> None:
    targets = [world.target() for _ in range(5)]
    for size in (1, 5, 2, 3, 0, 4):
        world.gateway.route({endpoint: targets[:size]})
        assert world.gateway.routes()[endpoint] == tuple(targets[:size])
    assert {world.connect(endpoint).target for _ in range(4)} == set(targets[:4])


def test_several_are_told_and_forgotten_together(world: World, endpoint: Address) -> None:
    first, second, sibling = world.target(), world.target(), Address(endpoint.host, 6380)
    world.gateway.route({endpoint: [first], sibling: [second]})
    sessions = [world.connect(endpoint), world.connect(sibling)]
    assert [session.target for session in sessions] == [first, second]
    world.gateway.route({endpoint: [second], sibling: [second]})
    eventually(lambda: not sessions[0].open)
    assert sessions[1].open
    sessions.append(world.connect(endpoint))
    world.gateway.unroute(endpoint, sibling)
    eventually(lambda: not any(session.open for session in sessions))
    assert not world.gateway.routes().keys() & {endpoint, sibling}


def test_forgets(world: World, endpoint: Address) -> None:
    world.gateway.route({endpoint: [world.target()]})
    session = world.connect(endpoint)
    world.gateway.unroute(endpoint)
    eventually(lambda: not session.open)
    assert refuses(world, endpoint)
    assert endpoint not in world.gateway.routes()
    world.gateway.unroute(endpoint)


def test_comes_back_after_it_was_forgotten(world: World, endpoint: Address) -> None:
    target = world.target()
    for _ in range(3):
        world.gateway.route({endpoint: [target]})
        session = world.connect(endpoint)
        assert session.target == target
        world.gateway.unroute(endpoint)


def test_many_targets(world: World, endpoint: Address) -> None:
    host = "fd00::7" if ":" in endpoint.host else "10.251.7.7"
    targets = tuple(Address(host, port) for port in range(1200, 1400))
    world.gateway.route({endpoint: targets})
    assert world.gateway.routes()[endpoint] == targets
    world.gateway.unroute(endpoint)


def test_endpoints_are_pointed_from_many_threads(world: World, endpoint: Address) -> None:
    routes = {Address(endpoint.host, 7000 + number): (world.target(),) for number in range(8)}
    threads = [threading.Thread(target=world.gateway.route, args=[dict([route])]) for route in routes.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {source: (world.connect(source).target,) for source in routes} == routes


def test_a_pretend_gateway_that_is_gone_is_for_later() -> None:
    with pytest.raises(Later):
        MemoryGateway(answers=False).routes()


def test_a_haproxy_that_is_gone_is_for_later() -> None:
    with pytest.raises(Later, match="cannot reach the gateway at 127"):
        HaproxyGateway(Address("127.0.0.1", 9)).route({Address("10.251.128.1", 6379): []})


@pytest.fixture(params=REAL)
def real(request: pytest.FixtureRequest) -> RealWorld:
    world: RealWorld = request.getfixturevalue(request.param)
    return world


@pytest.fixture(params=REAL[:2])
def real4(request: pytest.FixtureRequest) -> RealWorld:
    """Those that are reached by IPv4."""
    world: RealWorld = request.getfixturevalue(request.param)
    return world


@pytest.mark.docker
class TestInContainers:
    @pytest.fixture
    def world(self, real: RealWorld) -> World:
        return real

    def test_a_dead_target_closes_fast(self, real: RealWorld, endpoint: Address) -> None:
        real.gateway.route({endpoint: [Address(real.place.host, 9)]})
        began = time.monotonic()
        assert refuses(real, endpoint)
        assert time.monotonic() - began < 0.5

    def test_its_own_ports_can_be_endpoints(self, real4: RealWorld) -> None:
        """Published ports arrive there."""
        target, published = real4.target(), Address(real4.place.address, 6379)
        real4.gateway.route({published: [target]})
        assert real4.connect(published).target == target

    def test_guests_reach_endpoints_but_not_the_administration(self, real: RealWorld, endpoint: Address) -> None:
        target = real.target()
        real.gateway.route({endpoint: [target]})
        relay = IPv4Address(real.place.address) + 2
        real.runtime.launch(guest(real, str(relay), {7001: endpoint, 7002: real.place.admin}))
        eventually(lambda: not refuses(real, Address(str(relay), 7001)))
        assert real.connect(Address(str(relay), 7001)).target == target
        with socket.create_connection((str(relay), 7002), 5) as connection:
            assert hangs_up(connection, b"show info\n")

    def test_a_client_that_is_still_connecting_is_let_go(self, real: RealWorld, endpoint: Address) -> None:
        """A dead container answers nothing at all."""
        dead, target = Address(str(ip_address(real.place.host) + 77), 6379), real.target()
        real.gateway.route({endpoint: [dead]})
        with socket.socket(family(endpoint)) as client:
            client.settimeout(0)
            client.connect_ex((endpoint.host, endpoint.port))
            real.gateway.route({endpoint: [target]})
            select.select([client], [], [], 5)
            assert lost(client), "it tried again, and had an answer then"
        assert real.connect(endpoint).target == target

    def test_a_target_gets_to_know_of_sessions_that_are_closed(self, real: RealWorld, endpoint: Address) -> None:
        with socket.create_server((real.place.host, 0), family=family(endpoint)) as server:
            target = Address(real.place.host, int(server.getsockname()[1]))
            real.gateway.route({endpoint: [target]})
            with socket.create_connection((endpoint.host, endpoint.port), 5):
                session, _ = server.accept()
                session.settimeout(5)
                real.gateway.unroute(endpoint)
                with session:
                    assert hangs_up(session, b"")


def lost(client: socket.socket) -> bool:
    return bool(client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)) or not client.recv(1)


@pytest.mark.docker
class TestHaproxyAlone:
    @pytest.fixture
    def world(self, haproxy: RealWorld) -> World:
        return haproxy

    def test_a_restarted_container_begins_with_the_saved_routes(self, haproxy: RealWorld, endpoint: Address) -> None:
        first, second = haproxy.target(), haproxy.target()
        haproxy.gateway.route({endpoint: [first]})
        saved = haproxy.gateway.routes()
        haproxy.runtime.copy(haproxy.name, files(haproxy.place, saved), "0:0")
        haproxy.gateway.route({Address(endpoint.host, 6380): [second]})

        haproxy.runtime.restart(haproxy.name)
        eventually(lambda: answers(haproxy.gateway))

        assert haproxy.gateway.routes() == saved
        assert haproxy.connect(endpoint).target == first
        for target in (second, first):
            haproxy.gateway.route({endpoint: [target]})
            assert haproxy.connect(endpoint).target == target


@pytest.mark.docker
class TestKernelAlone:
    @pytest.fixture
    def world(self, kernel: RealWorld) -> World:
        return kernel

    def test_a_restarted_container_begins_with_its_routes(self, kernel: RealWorld, endpoint: Address) -> None:
        first, second = kernel.target(), kernel.target()
        kernel.gateway.route({endpoint: [second]})
        kernel.gateway.route({endpoint: [first]})
        before = kernel.gateway.routes()

        kernel.runtime.restart(kernel.name)
        eventually(lambda: answers(kernel.gateway))

        assert kernel.gateway.routes() == before
        assert kernel.connect(endpoint).target == first

    def test_a_client_learns_that_its_session_is_gone_with_the_container(
        self, kernel: RealWorld, endpoint: Address
    ) -> None:
        kernel.gateway.route({endpoint: [kernel.target()]})
        with socket.create_connection((endpoint.host, endpoint.port), 5) as client:
            client.recv(16)
            kernel.runtime.restart(kernel.name)
            assert hangs_up(client, b"hello")

    def test_what_it_does_not_understand_it_says(self, kernel: RealWorld) -> None:
        with socket.create_connection((kernel.place.address, ADMIN), 5) as connection:
            connection.sendall(b'{"root": "everything"}\n')
            assert b"it is no request" in connection.recv(1000)


@pytest.mark.docker
def test_either_kind_is_recognized(haproxy: RealWorld, kernel: RealWorld) -> None:
    for real in (haproxy, kernel):
        endpoint, target = Address(str(ip_network(real.place.endpoints)[4000]), 6379), real.target()
        DirectGateway(real.place.admin).route({endpoint: [target]})
        assert real.connect(endpoint).target == target


def guest(real: RealWorld, address: str, relays: Mapping[int, Address]) -> Blueprint:
    """A guest on the network: it passes on what it gets at these ports."""
    lines = (f"listen to{port}\n bind :{port}\n server it {there}\n" for port, there in relays.items())
    config = File(
        "/guest/relay.cfg", ("defaults\n mode tcp\n timeout connect 2s\n retries 0\n" + "".join(lines)).encode()
    )
    command = ("/usr/sbin/haproxy", "-db", "-f", config.path)
    return Blueprint(f"{real.name}-guest", real.image, command, address, 128 << 20, {}, (config,))


def hangs_up(connection: socket.socket, request: bytes) -> bool:
    """Whether the other side goes without a word."""
    try:
        connection.sendall(request)
        return connection.recv(64) == b""
    except ConnectionError:
        return True

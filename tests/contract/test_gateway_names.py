"""The gateway of a host leads encrypted clients to any endpoint by the host name that they send, at one port."""

import secrets
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cachewright.agents.administration import Administration, proof
from cachewright.agents.engines.tls import AUTHORITY
from cachewright.agents.gateway import hosted
from cachewright.agents.gateway.blueprint import BY_NAME, Place, blueprint
from cachewright.agents.gateway.gateway import Gateway
from cachewright.agents.gateway.haproxy import HaproxyGateway
from cachewright.agents.gateway.hosted import Lease
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.runtime.connection import Engine
from cachewright.agents.runtime.docker import DockerRuntime
from cachewright.agents.runtime.images import Images
from cachewright.agents.system.certificates import Authority, administrator, opened
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.hosts import Host
from tests.e2e.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("gateways")]

HOST = Host("one", "unix:///var/run/docker.sock", "a", "127.0.0.1")
SHOP, CART = "master.shop.abc.use1.cache.test", "cart.abc.use1.cache.test"
PATIENCE = 5  # seconds


class Node:
    """Shows clients a certificate with its name, and says it once they are in."""

    def __init__(self, host: str, name: str, authority: Authority, home: Path) -> None:
        made = authority.issue([name], datetime.now(UTC))
        path = home / f"{name}.pem"
        path.write_bytes(made.certificate + made.key)
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(path)
        self._name, self._server = name, socket.create_server((host, 0))
        self.address = Address(host, int(self._server.getsockname()[1]))
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """No more clients."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                client = self._server.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._greet, args=(client,), daemon=True).start()

    def _greet(self, client: socket.socket) -> None:
        try:
            with self._context.wrap_socket(client, server_side=True) as connection:
                connection.sendall(self._name.encode())
                connection.recv(1)
        except OSError:
            client.close()


@dataclass(frozen=True)
class World:
    """The gateway of a host, and two nodes."""

    gateway: Gateway
    place: Place
    trust: ssl.SSLContext
    nodes: dict[str, Node]

    def endpoint(self, number: int) -> Address:
        """At the gateway's own address."""
        return Address(self.place.address, 16379 + number)

    def greeting(self, name: str | None, port: int = BY_NAME) -> str:
        """What a client hears that names a host; OSError when it is let go. Without one it takes any certificate."""
        context = self.trust
        if name is None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        raw = socket.create_connection((self.place.address, port), PATIENCE)
        with context.wrap_socket(raw, server_hostname=name) as connection:
            return connection.recv(100).decode()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home, instance, engine = tmp_path_factory.mktemp("names"), f"names-{secrets.token_hex(4)}", Engine()
    authority, runtime = opened(home, datetime.now(UTC)), DockerRuntime(instance, engine)
    made = administrator("secret", datetime.now(UTC))
    own = Administration(made.certificate, made.key, made.authority)
    with ExitStack() as ending:
        ending.callback(runtime.raze)
        network = runtime.open_network()
        place = Place(str(network.gateway), str(network.host), str(network.endpoints))
        alone = blueprint(Images(engine).gateway().reference, place, f"cachewright-{instance}", {}, {})
        lease = Lease((), 60.0)
        one = hosted.hosted(alone, HOST, hosted.files(place, {}, own, lease, {}), lease, 16444)
        runtime.launch(replace(one, address=place.address, host=""))
        gateway = HaproxyGateway(place.admin, proof=lambda: proof(own))
        until("it answers", lambda: _answers(gateway))
        nodes = {name: Node(place.host, name, authority, home) for name in (SHOP, CART)}
        for node in nodes.values():
            ending.enter_context(closing(node))
        trust = ssl.create_default_context(cafile=home / AUTHORITY)
        yield World(gateway, place, trust, nodes)


def _answers(gateway: Gateway) -> bool:
    try:
        gateway.probe()
    except Later:
        return False
    return True


@pytest.fixture
def named(world: World) -> World:
    """Two endpoints, with a name each."""
    for number, (name, node) in enumerate(world.nodes.items()):
        world.gateway.route({world.endpoint(number): [node.address]})
        world.gateway.name({world.endpoint(number): [name]})
    return world


def _is_let_go(world: World, name: str | None) -> bool:
    try:
        return not world.greeting(name)
    except OSError:
        return True


def test_clients_are_led_by_the_name_that_they_send(named: World) -> None:
    assert [named.greeting(name) for name in (SHOP, CART, SHOP)] == [SHOP, CART, SHOP]
    assert named.greeting(SHOP.upper()) == SHOP
    assert named.greeting(CART, named.endpoint(1).port) == CART


def test_who_sends_no_name_or_one_that_is_not_known_is_let_go(named: World) -> None:
    assert _is_let_go(named, None)
    assert _is_let_go(named, "other.cache.test")
    with socket.create_connection((named.place.address, BY_NAME), PATIENCE) as plain:
        plain.sendall(b"PING\r\n")
        assert _ended(plain)


def _ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_an_endpoint_goes_by_the_names_that_it_was_told_last(named: World) -> None:
    shop, cart = named.endpoint(0), named.endpoint(1)
    named.gateway.name({shop: [CART]})
    assert _is_let_go(named, SHOP)
    named.gateway.name({shop: [SHOP], cart: [CART, "more.cache.test"]})
    assert named.gateway.names() == {shop: {SHOP}, cart: {CART, "more.cache.test"}}
    named.gateway.name({cart: []})
    assert _is_let_go(named, CART)
    assert named.greeting(SHOP) == SHOP


def test_a_name_leads_where_its_endpoint_leads_by_now(named: World) -> None:
    shop = named.endpoint(0)
    raw = socket.create_connection((named.place.address, BY_NAME), PATIENCE)
    with named.trust.wrap_socket(raw, server_hostname=SHOP) as client:
        assert client.recv(100).decode() == SHOP
        named.gateway.unroute(shop)
        assert _ended(client)
    assert _is_let_go(named, SHOP)
    named.gateway.route({shop: [named.nodes[CART].address]})
    with pytest.raises(ssl.SSLCertVerificationError, match="is not valid for"):
        named.greeting(SHOP)

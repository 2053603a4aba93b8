"""What every directory does, held by the pretend one and by the program in a container; and what that answers."""

import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import IPv4Address
from itertools import count

import pytest

from cachewright.agents.administration import Administration, proof
from cachewright.agents.directory.blueprint import Place, blueprint, hosted
from cachewright.agents.directory.client import RemoteDirectory
from cachewright.agents.directory.directory import Directory
from cachewright.agents.directory.program.discovery import Question, answer
from cachewright.agents.directory.program.listing import Entry, Listing, State
from cachewright.agents.memory.directory import MemoryDirectory
from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.runtime.docker import DockerRuntime
from cachewright.agents.runtime.images import Images
from cachewright.agents.system.certificates import administrator
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.hosts import Host

INSTANCE = f"directory-{secrets.token_hex(4)}"  # test processes may run side by side
NAME = f"cachewright-{INSTANCE}"
ONE, TWO = Entry("10.0.0.1", "10.0.0.1", 11211), Entry("10.0.0.2", "10.0.0.2", 11211)
CONFIG, ITEM = b"config get cluster\r\n", b"get AmazonElastiCache:cluster\r\n"
PORTS = count(2000)  # one for each test
PATIENCE = 5.0  # seconds


@dataclass(frozen=True)
class House:
    """A directory in its container, beside two nodes of a Memcached cluster."""

    runtime: DockerRuntime
    place: Place
    nodes: tuple[Address, Address]
    image: str
    directory: RemoteDirectory = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "directory", RemoteDirectory(self.place.admin))

    @property
    def listing(self) -> Listing:
        """Both nodes."""
        entries = tuple(Entry(node.host, node.host, node.port) for node in self.nodes)
        return Listing(1, entries, tuple((node.host, node.port) for node in self.nodes))

    def direct(self) -> socket.socket:
        """A client's connection to a node."""
        return socket.create_connection((self.nodes[0].host, self.nodes[0].port), PATIENCE)

    def connect(self, port: int) -> socket.socket:
        """A client's connection to a cluster."""
        return socket.create_connection((self.place.address, port), PATIENCE)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    runtime, images = DockerRuntime(INSTANCE), Images()
    try:
        network = runtime.open_network()
        memcached = images.find("memcached", "1.6.22", "memcached1.6", "memcached:1.6").reference
        nodes = Address(str(network.first_node), 11211), Address(str(network.first_node + 1), 11211)
        for node in nodes:
            runtime.launch(Blueprint(f"{NAME}-{node.host}", memcached, ("memcached",), node.host, 128 << 20, {}))
        place = Place(str(network.directory), str(network.host))
        image = images.directory().reference
        runtime.launch(blueprint(image, place, NAME, {}, State()))
        yield House(runtime, place, nodes, image)
    finally:
        runtime.raze()


@pytest.fixture(params=["memory", pytest.param("docker", marks=pytest.mark.docker)])
def directory(request: pytest.FixtureRequest) -> Directory:
    """One of each."""
    if request.param == "memory":
        return MemoryDirectory()
    house: House = request.getfixturevalue("house")
    return house.directory


def said(connection: socket.socket, *, until: bytes = b"") -> bytes:
    """What comes until it ends with these bytes, or the connection ends."""
    heard = b""
    while not (until and heard.endswith(until)):
        if not (more := connection.recv(1 << 16)):
            break
        heard += more
    return heard


def test_it_knows_what_it_was_told(directory: Directory) -> None:
    first, second = next(PORTS), next(PORTS)
    directory.publish(first, Listing(1, (ONE,)))
    directory.publish(second, Listing(1, (TWO,), (("10.0.0.2", 11211),)))
    directory.publish(first, Listing(2, (ONE, TWO)))
    directory.publish(first, Listing(2, (ONE, TWO)))
    state = directory.state()
    assert state.discovery[first] == Listing(2, (ONE, TWO))
    assert state.discovery[second] == Listing(1, (TWO,), (("10.0.0.2", 11211),))


def test_what_is_no_more_is_forgotten(directory: Directory) -> None:
    port = next(PORTS)
    directory.publish(port, Listing(1, (ONE,)))
    directory.withdraw(port)
    directory.withdraw(port)
    assert port not in directory.state().discovery


def test_one_that_does_not_answer_is_tried_later() -> None:
    silent = (MemoryDirectory(answers=False), RemoteDirectory(Address("127.0.0.1", 1), patience=0.0))
    for directory in silent:
        with pytest.raises(Later, match="cannot reach the directory"):
            directory.publish(2000, Listing(1, ()))


@pytest.mark.docker
def test_both_questions_are_answered_byte_for_byte(house: House) -> None:
    house.directory.publish(port := next(PORTS), house.listing)
    with house.connect(port) as client:
        for asked, question in ((CONFIG, Question.CONFIG), (ITEM, Question.ITEM)):
            client.sendall(asked)
            expected = answer(question, house.listing)
            assert said(client, until=b"END\r\n") == expected


@pytest.mark.docker
def test_answers_come_in_the_order_of_requests(house: House) -> None:
    house.directory.publish(port := next(PORTS), house.listing)
    listed = answer(Question.CONFIG, house.listing)
    stored = b"VALUE k 0 20\r\n" + CONFIG + b"\r\nEND\r\n"
    with house.connect(port) as client:
        client.sendall(b"set k 0 0 20\r\n" + CONFIG + b"\r\n" + (CONFIG + b"get k\r\n") * 20 + b"bogus\r\n")
        assert said(client, until=b"ERROR\r\n") == b"STORED\r\n" + (listed + stored) * 20 + b"ERROR\r\n"


@pytest.mark.docker
@pytest.mark.parametrize(
    "line",
    [
        b"set k 0 0 20",
        b"set k 0 0 20 noreply",
        b"cas k 0 0 20 17",
        b"ms k 20 T0",
        b"ms k 20 QQ",
        b"mg k v",
        b"set k 0 0 19",
        b"set k 0 0",
        b"set k 0 0 x",
        b"set k 0 0 -1",
        b"set %b 0 0 20" % (b"k" * 251),
    ],
)
def test_data_is_taken_for_data_exactly_when_memcached_does(house: House, line: bytes) -> None:
    """The node is sent a command of the same length in place of each question: the same parts have to be answered."""
    house.directory.publish(port := next(PORTS), house.listing)
    instead, missing = b"get no-such-key--\r\n".rjust(len(CONFIG)), b"END\r\n"
    with house.connect(port) as client, house.direct() as node:
        client.sendall(line + b"\r\n" + CONFIG + b"\r\n" + CONFIG + b"quit\r\n")
        node.sendall(line + b"\r\n" + instead + b"\r\n" + instead + b"quit\r\n")
        listed = answer(Question.CONFIG, house.listing)
        assert said(client).replace(listed, missing) == said(node)


@pytest.mark.docker
def test_what_is_too_large_does_not_hide_the_next_question(house: House) -> None:
    house.directory.publish(port := next(PORTS), house.listing)
    with house.connect(port) as client:
        client.sendall(b"set k 0 0 2000000\r\n" + b"x" * 2_000_000 + b"\r\n" + CONFIG)
        refusal = b"SERVER_ERROR object too large for cache\r\n"
        assert said(client, until=b"END\r\n") == refusal + answer(Question.CONFIG, house.listing)


@pytest.mark.docker
def test_a_large_item_passes_whole_in_both_directions(house: House) -> None:
    house.directory.publish(port := next(PORTS), house.listing)
    item = b"VALUE big 0 1000000\r\n" + secrets.token_bytes(1_000_000) + b"\r\nEND\r\n"
    with house.connect(port) as client:
        client.sendall(b"set big 0 0 1000000\r\n" + item.removeprefix(b"VALUE big 0 1000000\r\n")[:1_000_002])
        assert said(client, until=b"\r\n") == b"STORED\r\n"
        client.sendall(b"get big\r\n" * 20 + b"quit\r\n")
        assert said(client) == item * 20


@pytest.mark.docker
def test_the_binary_protocol_reaches_a_node(house: House) -> None:
    house.directory.publish(port := next(PORTS), house.listing)
    version = b"\x80\x0b" + bytes(22)
    with house.connect(port) as client, house.direct() as node:
        client.sendall(version)
        node.sendall(version)
        assert client.recv(100) == node.recv(100)


@pytest.mark.docker
def test_who_sends_no_more_still_gets_every_answer(house: House) -> None:
    house.directory.publish(port := next(PORTS), house.listing)
    with house.connect(port) as client:
        client.sendall(b"get nothing\r\n" + CONFIG + b"get nothing\r\n")
        client.shutdown(socket.SHUT_WR)
        assert said(client) == b"END\r\n" + answer(Question.CONFIG, house.listing) + b"END\r\n"


@pytest.mark.docker
def test_clients_are_led_to_the_nodes_in_turn_and_away_from_those_that_are_gone(house: House) -> None:
    house.directory.publish(port := next(PORTS), house.listing)
    with house.connect(port) as first, house.connect(port) as second, house.connect(port) as third:
        first.sendall(b"set turn 0 0 1\r\n1\r\n")
        assert said(first, until=b"\r\n") == b"STORED\r\n"
        second.sendall(b"get turn\r\n")
        assert said(second, until=b"END\r\n") == b"END\r\n"
        third.sendall(CONFIG)
        said(third, until=b"END\r\n")
        remaining = replace(house.listing, version=2, nodes=house.listing.nodes[:1], targets=house.listing.targets[:1])
        house.directory.publish(port, remaining)
        ended = [client.recv(1) == b"" for client in (first, second) if _over(client)]
        assert ended == [True]
        third.sendall(CONFIG)
        assert said(third, until=b"END\r\n") == answer(Question.CONFIG, remaining)


@pytest.mark.docker
def test_a_node_that_does_not_take_connections_is_passed_over(house: House) -> None:
    port, nobody = next(PORTS), ("127.0.0.1", 9)
    house.directory.publish(port, replace(house.listing, targets=(nobody, *house.listing.targets)))
    for _ in range(3):
        with house.connect(port) as client:
            client.sendall(b"version\r\n")
            assert said(client, until=b"\r\n").startswith(b"VERSION ")


@pytest.mark.docker
def test_without_a_node_questions_are_answered_and_nothing_else(house: House) -> None:
    lonely = replace(house.listing, targets=())
    house.directory.publish(port := next(PORTS), lonely)
    with house.connect(port) as client:
        client.sendall(CONFIG + b"version\r\n")
        assert said(client) == answer(Question.CONFIG, lonely)


@pytest.mark.docker
def test_after_a_restart_it_answers_what_it_knew(house: House) -> None:
    house.directory.publish(port := next(PORTS), replace(house.listing, version=7))
    house.runtime.restart(NAME)
    assert house.directory.state().discovery[port].version == 7
    with house.connect(port) as client:
        client.sendall(CONFIG)
        assert said(client, until=b"END\r\n") == answer(Question.CONFIG, replace(house.listing, version=7))


@pytest.mark.docker
def test_only_the_host_may_tell_it_anything(house: House) -> None:
    """A container on the network is hung up on: it ends with how many bytes it was answered, or with none read."""
    script = (
        "import socket, sys\n"
        "with socket.create_connection((sys.argv[1], 1025), 5) as desk:\n"
        "    try:\n"
        "        desk.sendall(b'{}' + bytes([10]))\n"
        "        sys.exit(len(desk.recv(9)))\n"
        "    except ConnectionError:\n"
        "        sys.exit(0)\n"
    )
    guest = str(house.runtime.open_network().first_node + 9)
    ended = house.runtime.run(
        Blueprint(f"{NAME}-guest", house.image, ("python3", "-c", script, house.place.address), guest, 128 << 20, {})
    )
    assert ended == "exit code 0"


def _over(client: socket.socket) -> bool:
    """Whether the other side has ended the connection, or is just about to."""
    client.settimeout(0.5)
    try:
        return client.recv(1, socket.MSG_PEEK) == b""
    except TimeoutError:
        return False


@pytest.mark.docker
def test_that_of_a_host_hears_nobody_without_proof(house: House) -> None:
    own, other = (_administration(secret) for secret in ("own", "other"))
    place = Place(str(IPv4Address(house.nodes[1].host) + 1), house.place.host)
    made = blueprint(house.image, place, f"{NAME}-hosted", {}, State())
    hosted_one = hosted(made, Host("one", "unix:///var/run/docker.sock", "a", "127.0.0.1"), own, naming=False)
    house.runtime.launch(replace(hosted_one, address=place.address, host="", ports=()))
    proven = RemoteDirectory(place.admin, proof=lambda: proof(own))
    proven.publish(port := next(PORTS), Listing(1, (ONE,)))
    for stranger in (None, lambda: proof(other)):
        with pytest.raises(Later, match="cannot reach the directory"):
            RemoteDirectory(place.admin, proof=stranger, patience=0.0).state()
    assert proven.state().discovery == {port: Listing(1, (ONE,))}


def _administration(secret: str) -> Administration:
    made = administrator(secret, datetime.now(UTC))
    return Administration(made.certificate, made.key, made.authority)

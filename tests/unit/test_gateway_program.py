"""What the gateway's program says to the kernel, and how it reads what the kernel says."""

import json
import struct
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from socket import AF_INET6, AF_UNIX, SOCK_SEQPACKET, inet_pton, socket, socketpair

import pytest

from cachewright.agents.gateway.program import conntrack, neighbours, netlink, ruleset, segments
from cachewright.agents.gateway.program.conntrack import Conntrack, Flow, Way
from cachewright.agents.gateway.program.lending import Lending
from cachewright.agents.gateway.program.marks import Block, Marks, blocks_of
from cachewright.agents.gateway.program.nft import Nft
from cachewright.agents.gateway.program.routes import Routes

PRIMARY, NODE, OTHER = "10.200.128.1:6379", "10.200.4.0:6379", "10.200.4.1:7000"
FLOW = Flow(Way(("10.200.192.1", 40000), ("10.200.128.1", 6379)), Way(("10.200.4.0", 6379), ("10.200.191.252", 40001)))


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", len(value) + 4, kind) + value + bytes(-len(value) % 4)


def address(text: str) -> bytes:
    return bytes(map(int, text.split(".")))


def tuple_of(way: Way) -> bytes:
    hosts = attribute(1, address(way.source[0])) + attribute(2, address(way.destination[0]))
    ports = attribute(2, way.source[1].to_bytes(2, "big")) + attribute(3, way.destination[1].to_bytes(2, "big"))
    return attribute(1 | 0x8000, hosts) + attribute(2 | 0x8000, attribute(1, b"\x06") + ports)


def news(mark: int) -> bytes:
    return (
        b"\x02\x00\x00\x00"
        + attribute(1 | 0x8000, tuple_of(FLOW.original))
        + attribute(2 | 0x8000, tuple_of(FLOW.reply))
        + attribute(8, struct.pack("!I", mark))
    )


def test_a_route_leads_to_its_targets_in_turn() -> None:
    commands = ruleset.route(PRIMARY, {NODE: 7, OTHER: 9})
    assert "ct mark set numgen inc mod 2 map { 0 : 7, 1 : 9 }" in commands
    assert "dnat ip to ct mark map { 7 : 10.200.4.0 . 6379, 9 : 10.200.4.1 . 7000 }" in commands
    assert commands.endswith("add element ip gateway endpoints { 10.200.128.1 . 6379 : goto e10.200.128.1_6379 }\n")


def test_routes_of_ipv6_have_a_table_of_their_own() -> None:
    commands = ruleset.route("[fd00::8001]:6379", {"[fd00::400]:6379": 7})
    assert "dnat ip6 to ct mark map { 7 : fd00::400 . 6379 }" in commands
    assert commands.endswith("add element ip6 gateway endpoints { fd00::8001 . 6379 : goto efd00__8001_6379 }\n")
    place = ruleset.Place("10.200.0.2", "10.200.0.1", "10.200.128.0/18", "10.200.191.254-10.200.191.255", 1025)
    assert "ip6" not in ruleset.foundation(place)
    six = replace(place, endpoints6="fd00::8000/114", sources6="fd00::bffe-fd00::bfff")
    assert "table ip6 gateway" in ruleset.foundation(six)
    assert [*ruleset.each_of(six.sources6)] == ["fd00::bffe", "fd00::bfff"]


def test_a_route_to_nowhere_has_no_rules() -> None:
    assert "add rule" not in ruleset.route(PRIMARY, {})


def test_a_chain_goes_after_what_leads_to_it() -> None:
    first, second = ruleset.unroute(PRIMARY).splitlines()
    assert first.startswith("delete element")
    assert second.startswith("delete chain")


def test_the_end_of_a_connection_is_read() -> None:
    assert conntrack.flow_in(news(5), Block(5)) == FLOW


def test_connections_of_other_marks_are_not_meant() -> None:
    assert conntrack.flow_in(news(6), Block(5)) is None


def message(kind: int, body: bytes) -> bytes:
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 1, 0) + body


def test_messages_are_told_apart() -> None:
    data = message(2, bytes(4)) + message(258, news(5))
    assert [kind for kind, _ in netlink.messages(data)] == [2, 258]


def test_the_kernel_is_asked_over_one_socket_until_it_fails() -> None:
    """To close one takes the kernel 10 ms; one that failed may have answers left."""
    opened: list[socket] = []
    ours, kernels = zip(*(socketpair(AF_UNIX, SOCK_SEQPACKET) for _ in range(2)), strict=True)

    def following() -> socket:
        opened.append(ours[len(opened)])
        return opened[-1]

    asking = Conntrack(following)
    done, refused = message(2, bytes(4)), message(2, struct.pack("=i", -1))
    for answer in (message(258, news(5)), done, done, refused):
        kernels[0].send(answer)
    kernels[1].send(done)
    assert asking.forget(Block(5)) == (FLOW,)
    assert asking.forget(Block(5)) == ()
    assert opened == [ours[0]]
    with pytest.raises(PermissionError):
        asking.forget(Block(5))
    assert ours[0].fileno() < 0
    assert asking.forget(Block(5)) == ()
    assert opened == [*ours]
    for one in (ours[1], *kernels):
        one.close()


def test_a_request_has_its_own_length() -> None:
    request = conntrack.deletion(Block(5))
    assert struct.unpack_from("=I", request)[0] == len(request)


def test_the_checksum_of_a_segment_is_right() -> None:
    """Who receives it sums up all of it, and gets zero."""
    packet = segments.syn(FLOW.original)
    pseudo = address("10.200.192.1") + address("10.200.128.1") + b"\x00\x06" + struct.pack("!H", 20)
    assert segments.checksum(pseudo + packet[20:]) == 0


def test_a_segment_of_ipv6_is_complete() -> None:
    packet = segments.syn(Way(("fd00::1", 40000), ("fd00::2", 6379)))
    assert (len(packet), packet[0] >> 4, packet[4:6], packet[6]) == (60, 6, b"\x00\x14", 6)
    assert segments.checksum(packet[8:40] + b"\x00\x06" + struct.pack("!H", 20) + packet[40:]) == 0


def test_the_end_of_a_connection_of_ipv6_is_read() -> None:
    def of(way: Way) -> bytes:
        hosts = attribute(3, inet_pton(AF_INET6, way.source[0])) + attribute(4, inet_pton(AF_INET6, way.destination[0]))
        ports = attribute(2, way.source[1].to_bytes(2, "big")) + attribute(3, way.destination[1].to_bytes(2, "big"))
        return attribute(1, hosts) + attribute(2, attribute(1, b"\x06") + ports)

    flow = Flow(Way(("fd00::1", 40000), ("fd00::8001", 6379)), Way(("fd00::400", 6379), ("fd00::bfff", 40001)))
    told = (
        bytes(4) + attribute(1, of(flow.original)) + attribute(2, of(flow.reply)) + attribute(8, struct.pack("!I", 5))
    )
    assert conntrack.flow_in(told, Block(5)) == flow


def test_the_checksum_is_that_of_the_rfc() -> None:
    """The example of RFC 1071, section 3."""
    assert segments.checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF ^ 0xDDF2


class Kernel(Nft):
    """Takes everything."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def run(self, commands: str) -> None:
        self.told.append(commands)


class Loans(Lending):
    """Remembers what was to be lent to whom."""

    def __init__(self) -> None:
        self.moved: list[Mapping[str, str]] = []

    def move(self, wanted: Mapping[str, str]) -> None:
        if wanted:
            self.moved.append(wanted)

    def expect(self, nodes: Collection[str]) -> None:
        pass


def test_what_could_not_be_written_down_is_when_it_is_told_again(tmp_path: Path) -> None:
    """The disk is full for a moment; then a gateway that starts again has to begin with what holds."""
    kernel, file = Kernel(), tmp_path / "full" / "routes.json"
    routes = Routes(kernel, Conntrack(), Loans(), file)
    with pytest.raises(FileNotFoundError):
        routes.change({PRIMARY: []})
    file.parent.mkdir()
    routes.change({PRIMARY: []})
    assert json.loads(file.read_text()) == {PRIMARY: []}
    file.unlink()
    file.parent.rmdir()
    with pytest.raises(FileNotFoundError):
        routes.change({PRIMARY: None})
    file.parent.mkdir()
    routes.change({PRIMARY: None})
    assert json.loads(file.read_text()) == {}
    assert kernel.told == [ruleset.route(PRIMARY, {}), ruleset.unroute(PRIMARY)]


def test_what_a_gateway_begins_with_is_not_written_down_again(tmp_path: Path) -> None:
    """Otherwise it would forget the rest if it ended in the middle, and could not begin on a full disk."""
    file, written = tmp_path / "routes.json", json.dumps({PRIMARY: [NODE], OTHER: []})
    file.write_text(written)
    (tmp_path / "routes.new").mkdir()  # nothing can be written
    kernel = Kernel()
    routes = Routes(kernel, Conntrack(), Loans(), file)
    routes.restore("below\n")
    assert routes.all() == json.loads(written)
    assert len(kernel.told) == 1, "nobody finds a part of it"
    assert kernel.told[0] == f"below\n{ruleset.route(PRIMARY, {NODE: 1})}{ruleset.route(OTHER, {})}"


def test_what_is_told_together_changes_together(tmp_path: Path) -> None:
    """What leads there already is not told the kernel again."""
    kernel, file = Kernel(), tmp_path / "routes.json"
    routes = Routes(kernel, Conntrack(), Loans(), file)
    routes.change({PRIMARY: []})
    routes.change({PRIMARY: None, OTHER: [], "10.200.128.9:6379": None})
    routes.change({OTHER: []})
    assert kernel.told[1:] == [f"{ruleset.route(OTHER, {})}{ruleset.unroute(PRIMARY)}"]
    assert json.loads(file.read_text()) == {OTHER: []}


def test_what_is_told_together_can_end_at_one_word(tmp_path: Path) -> None:
    kernel = Kernel()
    routes = Routes(kernel, Conntrack(), Loans(), tmp_path / "routes.json")
    routes.change({PRIMARY: [NODE]})
    routes.change({OTHER: [NODE], "10.200.128.9:6379": [NODE]})
    assert f"{ruleset.route(OTHER, {NODE: 2})}{ruleset.route('10.200.128.9:6379', {NODE: 3})}" == kernel.told[1]


class TestSole:
    """Endpoints that lead to one node at a time."""

    @pytest.fixture
    def loans(self) -> Loans:
        return Loans()

    @pytest.fixture
    def routes(self, loans: Loans, tmp_path: Path) -> Routes:
        return Routes(Kernel(), Conntrack(), loans, tmp_path / "routes.json")

    def test_its_address_is_lent_to_its_node(self, routes: Routes, loans: Loans) -> None:
        routes.change({PRIMARY: [NODE]}, [PRIMARY])
        routes.change({PRIMARY: []}, [PRIMARY])
        routes.change({PRIMARY: None})
        assert loans.moved == [{"10.200.128.1": "10.200.4.0"}, {"10.200.128.1": ""}, {"10.200.128.1": ""}]

    @pytest.mark.parametrize(
        ("targets", "sole"), [((NODE,), ()), ((OTHER,), (PRIMARY,)), ((NODE, "10.200.4.1:6379"), (PRIMARY,))]
    )
    def test_only_that_and_where_the_port_is_the_same(
        self, routes: Routes, loans: Loans, targets: Sequence[str], sole: Sequence[str]
    ) -> None:
        routes.change({PRIMARY: targets}, sole)
        assert loans.moved == [{"10.200.128.1": ""}]

    def test_not_an_address_that_another_endpoint_has_as_well(self, routes: Routes, loans: Loans) -> None:
        sibling = "10.200.128.1:7000"
        routes.change({PRIMARY: [NODE]}, [PRIMARY])
        routes.change({sibling: [OTHER]}, [sibling])
        assert loans.moved[1:] == [{"10.200.128.1": ""}]

    def test_not_one_of_ipv6(self, routes: Routes, loans: Loans, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("cachewright.agents.gateway.program.routes.hold", lambda _: None)
        six = "[fd00::8001]:6379"
        routes.change({six: ["[fd00::400]:6379"]}, [six])
        assert loans.moved == []

    def test_it_is_lent_as_soon_as_it_is_told(self, routes: Routes, loans: Loans) -> None:
        """A gateway that takes another one's place begins with routes, and does not know of any that it is sole."""
        routes.change({PRIMARY: [NODE]})
        routes.change({PRIMARY: [NODE]}, [PRIMARY])
        routes.change({PRIMARY: [NODE]}, [PRIMARY])
        assert loans.moved == [{"10.200.128.1": ""}, {"10.200.128.1": "10.200.4.0"}]

    def test_it_is_known_after_a_restart(self, routes: Routes, tmp_path: Path) -> None:
        routes.change({PRIMARY: [NODE]}, [PRIMARY])
        loans = Loans()
        again = Routes(Kernel(), Conntrack(), loans, tmp_path / "routes.json")
        again.restore("below\n")
        assert loans.moved == [{"10.200.128.1": "10.200.4.0"}]
        assert again.all() == {PRIMARY: [NODE]}


@pytest.mark.parametrize("marks", [{1, 2}, {2, 3}, {5}, {4, 5, 6, 7, 8, 9, 11}, set(range(1, 40)), set()])
def test_blocks_have_these_marks_and_no_others(marks: set[int]) -> None:
    blocks = blocks_of(marks)
    assert sorted(mark for mark in range(128) for block in blocks if block.has(mark)) == sorted(marks)


def test_neighbours_are_one_block() -> None:
    assert blocks_of([2, 3]) == [Block(2, 0xFFFFFFFE)]
    marks = Marks()
    assert marks.next() == 1
    marks.begin_together()
    assert (marks.next(), marks.next()) == (2, 3)


class TestHold:
    """Of IPv6 addresses."""

    @pytest.fixture
    def groups(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The kernel's list, in which nothing is yet; and a command that does nothing."""
        monkeypatch.setattr(subprocess, "run", lambda *words, **_: subprocess.CompletedProcess(words, 0, "", ""))
        monkeypatch.setattr(neighbours, "_GROUPS", tmp_path / "igmp6")
        (tmp_path / "igmp6").write_text("2    eth0            ff020000000000000000000000000001     1 0000000C 0\n")
        return tmp_path / "igmp6"

    def test_it_lasts_until_the_kernel_listens_for_questions(
        self, groups: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def listen(_seconds: float) -> None:
            groups.write_text("2    eth0            ff0200000000000000000001ff008001     1 00000004 0\n")

        monkeypatch.setattr(neighbours, "sleep", listen)
        neighbours.hold("fd00::8001")
        assert "ff008001" in groups.read_text()

    def test_it_fails_where_the_kernel_never_does(self, groups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(neighbours, "_PATIENCE", 0.0)
        with pytest.raises(OSError, match="nobody listens for questions about it"):
            neighbours.hold("fd00::8001")
        assert "ff008001" not in groups.read_text()

"""The gateways of several hosts: told at the same time; one that does not answer is left out, and told all later."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event

import pytest

from cachewright.agents.administration import Administration
from cachewright.agents.gateway import blueprint, hosted, runtime_api, runtime_names
from cachewright.agents.gateway.blueprint import ADMIN, BY_NAME, Place
from cachewright.agents.gateway.gateway import Routes
from cachewright.agents.gateway.host_gateway import Written
from cachewright.agents.gateway.hosted import Lease
from cachewright.agents.gateway.hosts import HostGateways
from cachewright.agents.memory.gateway import MemoryGateway
from cachewright.agents.planning.containers import ANYWHERE, Port
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.hosts import Host

ENDPOINT, OTHER = Address("10.77.0.1", 6379), Address("10.77.0.2", 16379)
NODES = (Address("10.200.4.0", 6379), Address("10.200.4.1", 6379))
PLACE = Place("10.200.0.2", "10.200.0.1", "10.200.128.0/18")
LEASE = Lease(("10.77.0.2:16394", "10.77.0.3:16394"), 1.5)
NAMED = {ENDPOINT: ("master.rg.test", "rg.test")}
PROOF = Administration(b"certificate\n", b"key\n", b"authority\n")


class Told:
    """Gateways, and what is written down of routes before they are told."""

    def __init__(self, each: Mapping[str, MemoryGateway], silent: Collection[str] = ()) -> None:
        self.written: dict[Address, tuple[Address, ...]] = {}
        self.names: dict[Address, tuple[str, ...]] = {}
        self.all = HostGateways(each, Written(lambda: self.written, lambda: self.names), lambda: silent)

    def route(self, endpoint: Address, targets: tuple[Address, ...]) -> None:
        self.written[endpoint] = targets
        self.all.route({endpoint: targets})

    def unroute(self, endpoint: Address) -> None:
        self.written.pop(endpoint)
        self.all.unroute(endpoint)


def routes(gateway: MemoryGateway) -> Routes:
    gateway.answers = True
    return gateway.routes()


def test_all_are_told() -> None:
    each = {name: MemoryGateway() for name in ("one", "two", "three")}
    gateways = Told(each)
    gateways.route(ENDPOINT, NODES[:1])
    gateways.route(OTHER, NODES)
    gateways.unroute(ENDPOINT)
    assert [routes(gateway) for gateway in each.values()] == [{OTHER: NODES}] * 3
    assert gateways.all.routes() == {OTHER: NODES}


def test_one_that_does_not_answer_is_told_everything_when_it_does() -> None:
    dead, well = MemoryGateway(), MemoryGateway()
    gateways = Told({"dead": dead, "well": well})
    gateways.route(ENDPOINT, NODES[:1])
    dead.answers = False
    gateways.all.probe()
    gateways.route(ENDPOINT, NODES[1:])
    gateways.route(OTHER, NODES)
    assert routes(well) == {ENDPOINT: NODES[1:], OTHER: NODES}
    assert routes(dead) == {ENDPOINT: NODES[:1]}
    gateways.all.on("dead").probe()
    assert routes(dead) == routes(well)


@dataclass(eq=False)
class HungGateway(MemoryGateway):
    """One that does not answer before somebody has gone on without it, or time is up."""

    limit: float = 2.0  # seconds; gateways are waited for a little longer
    gone_on: Event = field(default_factory=Event)
    given_up: Event = field(default_factory=Event)
    was_awaited: bool = False

    def route(self, routes: Mapping[Address, Sequence[Address]], sole: Collection[Address] = ()) -> None:
        """See Gateway."""
        self.was_awaited |= not self.gone_on.wait(self.limit)
        self.given_up.set()
        super().route(routes, sole)


def test_one_on_a_silent_host_is_not_waited_for() -> None:
    hung, well = HungGateway(), MemoryGateway()
    gateways = Told({"hung": hung, "well": well}, {"hung"})
    gateways.route(ENDPOINT, NODES)
    hung.gone_on.set()
    assert hung.given_up.wait(10.0)
    assert not hung.was_awaited
    assert routes(well) == {ENDPOINT: NODES}


def test_one_on_a_silent_host_is_waited_for_while_nobody_else_answers() -> None:
    """Its container engine alone may be silent."""
    gateways = Told({"only": (only := HungGateway(limit=0.1))}, {"only"})
    gateways.route(ENDPOINT, NODES)
    assert routes(only) == {ENDPOINT: NODES}


def test_one_that_hangs_keeps_nobody_from_telling_the_others_and_is_told_what_it_was_not_asked() -> None:
    hung, well = HungGateway(limit=10.0), MemoryGateway()
    gateways = Told({"hung": hung, "well": well}, {"hung"})
    gateways.all.probe()
    endpoints = [Address("10.77.0.1", 16379 + number) for number in range(20)]
    try:
        for endpoint in endpoints:
            gateways.route(endpoint, NODES)
    finally:
        hung.gone_on.set()
    assert routes(well) == dict.fromkeys(endpoints, NODES)
    gateways.all.on("hung").probe()
    assert routes(hung) == routes(well)


def test_one_that_was_started_anew_is_told_everything() -> None:
    one, two = MemoryGateway(), MemoryGateway()
    gateways = Told({"one": one, "two": two})
    gateways.route(ENDPOINT, NODES)
    gateways.all.probe()
    one.unroute(ENDPOINT)  # as if it had forgotten
    gateways.all.probe()
    assert routes(one) == {}
    gateways.all.on("one").behind = True
    gateways.all.probe()
    assert routes(one) == routes(two)


def test_what_nobody_could_be_told_is_told_later() -> None:
    only = MemoryGateway(answers=False)
    gateways = Told({"only": only})
    for deed in (lambda: gateways.route(ENDPOINT, NODES), gateways.all.probe, gateways.all.routes):
        with pytest.raises(Later, match="it does not answer"):
            deed()
    only.answers = True
    gateways.all.probe()
    assert routes(only) == {ENDPOINT: NODES}


def test_what_another_agent_told_since_is_told_and_not_what_is_remembered() -> None:
    """Nor where an endpoint was told before its node moved to another host, and back."""
    one, two = MemoryGateway(), MemoryGateway()
    gateways = Told({"one": one, "two": two})
    here, there = Address("10.77.0.1", 16379), Address("10.77.0.2", 16379)
    gateways.all.route({here: NODES[:1], there: NODES[1:], OTHER: NODES})
    gateways.written = {here: NODES[1:]}
    told = PortGateway()
    gateways.all.attend({"three": told})
    gateways.all.on("three").probe()
    assert told.ports == {16379: NODES[1:]}


@pytest.mark.parametrize("noticed", [True, False])
def test_one_whose_lease_is_over_is_told_what_other_agents_told_before_it_leads_anybody(noticed: bool) -> None:
    """Whether this agent has noticed that it was away or not."""
    away, well = MemoryGateway(), MemoryGateway()
    other = Told({"away": away, "well": well})
    own = HostGateways({"away": away, "well": well}, Written(lambda: other.written))
    other.route(ENDPOINT, NODES[:1])
    other.route(OTHER, NODES[:1])
    own.probe()
    away.answers, away.lapsed = False, True
    if noticed:
        own.probe()
    other.route(ENDPOINT, NODES[1:])
    other.unroute(OTHER)
    away.answers = True
    with pytest.raises(ConnectionRefusedError):
        away.connect(ENDPOINT)
    own.probe()
    assert away.connect(ENDPOINT).target == NODES[1]
    assert away.routes() == {ENDPOINT: NODES[1:]}


def test_what_another_agent_tells_meanwhile_stays() -> None:
    """It is written down first, and told in whatever order."""
    other = Told({"own": MemoryGateway()})
    other.route(ENDPOINT, NODES[:1])
    read = list[int]()

    def written() -> Routes:
        before = dict(other.written)
        if not read:
            other.route(ENDPOINT, NODES[1:])
            other.route(OTHER, NODES)
        read.append(len(before))
        return before

    gateway = other.all.on("own").inner
    HostGateways({"own": gateway}, Written(written)).probe()
    assert gateway.routes() == {ENDPOINT: NODES[1:], OTHER: NODES}


CART = Address("10.77.0.3", 16380)


def test_names_are_told_to_all() -> None:
    one, two = MemoryGateway(), MemoryGateway()
    gateways = Told({"one": one, "two": two})
    gateways.all.name({ENDPOINT: ("a.test", "b.test"), CART: ("c.test",)})
    gateways.all.name({ENDPOINT: ("b.test",)})
    assert one.names() == two.names() == gateways.all.names() == {ENDPOINT: {"b.test"}, CART: {"c.test"}}


def test_one_that_was_behind_is_told_the_names_that_are_written_down_and_not_those_that_it_had() -> None:
    """An endpoint that moved with its node has the same port."""
    dead, well = MemoryGateway(), MemoryGateway()
    gateways = Told({"dead": dead, "well": well})
    gateways.all.name({ENDPOINT: ("a.test",), OTHER: ("gone.test",), CART: ("c.test",)})
    dead.answers = False
    gateways.all.probe()
    moved = Address("10.77.0.2", ENDPOINT.port)
    gateways.written = {moved: NODES[:1], CART: NODES[1:]}
    gateways.names = {moved: ("a.test", "b.test"), CART: ("c.test",)}
    dead.answers = True
    gateways.all.on("dead").probe()
    assert {name for each in dead.names().values() for name in each} == {"a.test", "b.test", "c.test"}
    assert dead.connect_by("B.test").target == NODES[0]


def test_one_whose_lease_is_over_leads_nobody_by_name() -> None:
    only = MemoryGateway()
    gateways = Told({"only": only})
    gateways.route(ENDPOINT, NODES[:1])
    gateways.names = {ENDPOINT: ("a.test",)}
    gateways.all.probe()
    assert only.connect_by("a.test").target == NODES[0]
    only.lapsed = True
    with pytest.raises(ConnectionRefusedError):
        only.connect_by("a.test")
    gateways.all.probe()
    assert only.connect_by("a.test").target == NODES[0]


@pytest.mark.parametrize(
    ("held", "names", "commands"),
    [
        ({}, {CART: ("c.test",)}, ["add map /gateway/names.map c.test 10.77.0.3:16380"]),
        ({"c.test": str(CART)}, {CART: ("c.test",)}, []),
        ({"c.test": str(OTHER)}, {CART: ("c.test",)}, ["set map /gateway/names.map c.test 10.77.0.3:16380"]),
        ({"c.test": str(CART), "d.test": str(OTHER)}, {CART: ()}, ["del map /gateway/names.map c.test"]),
    ],
)
def test_only_the_names_that_differ_are_told(
    held: dict[str, str], names: dict[Address, tuple[str, ...]], commands: list[str]
) -> None:
    assert runtime_names.naming(held, names) == commands


def test_names_are_read_where_there_is_a_map_of_them() -> None:
    held = runtime_names.names_in("0x1 a.test 10.0.0.1:1\n0x2 b.test 10.0.0.1:1\n\n")
    assert held == {"a.test": "10.0.0.1:1", "b.test": "10.0.0.1:1"}
    assert runtime_names.of_names(held) == {Address("10.0.0.1", 1): {"a.test", "b.test"}}
    assert runtime_names.names_in("Unknown map identifier. Please use #<id> or <file>.\n") is None


def test_it_begins_with_its_names() -> None:
    entries = dict(line.split() for line in contents()[runtime_names.NAMES].splitlines())
    assert entries == dict.fromkeys(NAMED[ENDPOINT], f"{PLACE.address}:{ENDPOINT.port}")
    config = contents()["/gateway/haproxy.cfg"]
    assert f"req.ssl_sni,lower,map_str({runtime_names.NAMES}) if {{ dst_port {BY_NAME} }}" in config
    assert config.index("nbsrv(lease)") < config.index("req.ssl_sni")


class PortGateway(MemoryGateway):
    """One that knows endpoints by their ports, as those of hosts do."""

    def __init__(self) -> None:
        super().__init__()
        self.ports: dict[int, Sequence[Address]] = {}

    def route(self, routes: Mapping[Address, Sequence[Address]], sole: Collection[Address] = ()) -> None:
        self.ports |= {endpoint.port: targets for endpoint, targets in routes.items()}

    def unroute(self, *endpoints: Address) -> None:
        for endpoint in endpoints:
            self.ports.pop(endpoint.port, None)


def contents() -> dict[str, str]:
    return {
        file.path: file.content.decode()
        for file in hosted.files(
            PLACE, hosted.saved(PLACE, {ENDPOINT: NODES}), PROOF, LEASE, hosted.saved(PLACE, NAMED)
        )
    }


def test_a_gateway_of_a_host_begins_with_its_routes_whatever_address_they_were_told_at() -> None:
    entries = dict(line.split() for line in contents()[runtime_api.MAP].splitlines())
    assert runtime_api.Held(entries, frozenset()).routes() == {Address(PLACE.address, ENDPOINT.port): NODES}
    assert f'"{PLACE.address}:%[dst_port]"' in contents()["/gateway/haproxy.cfg"]


def test_whoever_administers_it_proves_who_it_is() -> None:
    config = contents()["/gateway/haproxy.cfg"]
    (door,) = re.findall(rf"bind \S+:{ADMIN} (.*)", config)
    assert door.endswith("verify required")
    assert re.findall(r"stats socket (\S+)", config) == ["ipv4@127.0.0.1:1026"]
    assert not any(re.search(r"\$[a-z]", text) for text in contents().values())


@pytest.mark.parametrize(("address", "published"), [("10.77.0.1", "10.77.0.1"), ("one.example.test", "")])
def test_it_publishes_at_the_address_of_its_host(address: str, published: str) -> None:
    host = Host("one", "tcp://10.77.0.1:2375", "a", address)
    alone = blueprint.blueprint("image", PLACE, "gateway", {}, {}, (Port(6379, 6379), Port(ADMIN, 16394)))
    made = hosted.hosted(alone, host, (), LEASE)
    assert made.ports == (Port(6379, 6379, published), Port(ADMIN, 16394, published))
    assert (made.address, made.host) == (ANYWHERE, "one")

"""The directories of several hosts: told at the same time; one that does not answer is left out, and told all later."""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace

import pytest

from cachewright.agents.administration import Administration
from cachewright.agents.directory import blueprint
from cachewright.agents.directory.hosts import HostDirectories, Written
from cachewright.agents.directory.program.contact import ADMIN
from cachewright.agents.directory.program.listing import Entry, Listing, State
from cachewright.agents.gateway.blueprint import BY_NAME
from cachewright.agents.gateway.host_gateway import Written as Gateways
from cachewright.agents.gateway.hosts import HostGateways
from cachewright.agents.gateway.published import Ports
from cachewright.agents.memory.directory import MemoryDirectory
from cachewright.agents.memory.gateway import MemoryGateway
from cachewright.agents.planning.containers import ANYWHERE, File, Port
from cachewright.agents.planning.labels import NAMING
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.hosts import Host

MEANT = "10.200.0.3"
ENDPOINT, CLUSTER, NODE = Address("10.77.0.1", 11211), Address(MEANT, 2000), Address("10.200.4.0", 6379)
ONE = Listing(1, (Entry("10.77.0.1", "10.77.0.1", 16380),), (("10.200.4.0", 11211),))
TWO = replace(ONE, version=2)
KEYS = File("/keys/2000.pem", b"keys")
GLANCE = 0.1  # seconds in which who does not wait is done
LONG = 60.0  # seconds, which nobody waits for
HOST = Host("one", "tcp://10.77.0.1:2375", "a", "10.77.0.1")
PROOF = Administration(b"certificate\n", b"key\n", b"authority\n")


class Told:
    """Directories of hosts, and what is written down before they are told. All run, but for those that are said to."""

    def __init__(self, *hosts: str, silent: Callable[[], Collection[str]] = frozenset, patience: float = 0.0) -> None:
        self.written = State()
        self.each = {host: MemoryDirectory() for host in hosts}
        self.all = HostDirectories(MEANT, Written(lambda: self.written, lambda _: KEYS), silent, patience)
        self.all.attend(self.each)
        for number, host in enumerate(hosts, 1):
            self.all.on(host).began(f"10.200.192.{number}")
            self.all.on(host).probe()

    def publish(self, listing: Listing, port: int = 2000) -> None:
        self.written = replace(self.written, discovery={**self.written.discovery, port: listing})
        self.all.publish(port, listing, KEYS if listing.encrypted else None)

    def known(self) -> list[State]:
        return [one.state() for one in self.each.values()]


def test_all_are_told() -> None:
    told = Told("one", "two", "three")
    told.publish(ONE)
    told.publish(TWO, 2001)
    told.all.withdraw(2000)
    told.all.set_names("mc", {"mc.test": "10.77.0.1"}, "test")
    assert told.known() == [State({2001: TWO}, {"mc": {"mc.test": "10.77.0.1"}}, "test")] * 3
    assert told.all.state() == told.known()[0]


def test_one_that_does_not_answer_is_told_everything_when_it_does() -> None:
    told = Told("away", "well")
    told.publish(ONE)
    told.each["away"].answers = False
    told.publish(TWO)
    assert told.all.ready_at("away") == ""
    told.each["away"].answers = True
    told.all.probe()
    assert told.known() == [told.written] * 2
    assert told.all.ready_at("away") == "10.200.192.1"


def test_what_is_written_is_told_and_not_what_is_remembered() -> None:
    told = Told("one", "two")
    told.publish(ONE)
    told.all.set_names("gone", {"gone.test": "10.77.0.1"}, "test")
    told.written = State({2001: replace(TWO, encrypted=True)}, {"mc": {"mc.test": "10.77.0.2"}}, "test")
    told.all.doubt("two")
    told.all.probe()
    assert told.each["two"].state() == told.written


def test_nobody_can_be_told_where_none_runs() -> None:
    told = Told()
    told.all.attend({"one": MemoryDirectory()})
    with pytest.raises(Later, match="no directory is known to run"):
        told.publish(ONE)
    assert not told.all.on("one").inner.state().discovery


def gateways(told: Told) -> tuple[HostGateways, dict[str, MemoryGateway]]:
    each = {host: MemoryGateway() for host in told.each}
    return HostGateways(each, Gateways(lambda: {ENDPOINT: (CLUSTER,), NODE: (NODE,)}), local=told.all), each


def test_each_gateway_leads_to_the_directory_of_its_host() -> None:
    led, each = gateways(Told("one", "two"))
    led.route({ENDPOINT: (CLUSTER,)})
    assert [one.routes() for one in each.values()] == [
        {ENDPOINT: (Address("10.200.192.1", 2000),)},
        {ENDPOINT: (Address("10.200.192.2", 2000),)},
    ]


def test_a_route_to_directories_waits_for_all_that_answer() -> None:
    told = Told("one", "two", "three", patience=LONG)
    led, each = gateways(told)
    for host in ("one", "two"):
        told.all.doubt(host)
    told.each["two"].answers = False
    with suppress(Later):
        told.all.on("two").probe()
    with ThreadPoolExecutor() as pool:
        route = pool.submit(led.route, {ENDPOINT: (CLUSTER,)})
        assert not wait([route], timeout=GLANCE).done
        told.all.on("one").probe()
        route.result()
    assert [ENDPOINT in one.routes() for one in each.values()] == [True, False, True]
    told.each["two"].answers = True
    told.all.probe()
    led.probe()
    assert all(ENDPOINT in one.routes() for one in each.values())


def test_it_does_not_wait_for_one_on_a_silent_host_nor_where_none_runs() -> None:
    told = Told("away", "bare", "well", silent=lambda: {"away"}, patience=LONG)
    led, each = gateways(told)
    told.all.doubt("away")
    told.all.on("bare").began("")
    led.route({ENDPOINT: (CLUSTER,)})
    assert [ENDPOINT in one.routes() for one in each.values()] == [False, False, True]


def test_a_route_to_directories_of_which_nobody_is_led_to_any_is_told_later() -> None:
    told = Told("one")
    told.all.doubt("one")
    led, _ = gateways(told)
    with pytest.raises(Later, match="before it was told everything"):
        led.route({ENDPOINT: (CLUSTER,)})


def test_a_gateway_stays_as_it_is_while_a_directory_that_it_leads_to_is_in_doubt() -> None:
    told = Told("one")
    led, each = gateways(told)
    led.probe()
    told.all.doubt("one")
    led.on("one").behind = True
    led.probe()
    assert ENDPOINT in each["one"].routes()


def test_a_gateway_whose_lease_was_over_leads_to_its_directory_once_that_was_told_everything() -> None:
    told = Told("one")
    led, each = gateways(told)
    led.probe()
    each["one"].lapsed = True
    led.probe()
    assert each["one"].routes() == {NODE: (NODE,)}
    assert not each["one"].lapsed
    told.all.probe()
    led.probe()
    assert ENDPOINT in each["one"].routes()


def test_a_directory_that_runs_elsewhere_is_led_to_there() -> None:
    told = Told("one")
    led, each = gateways(told)
    led.probe()
    told.all.on("one").began("10.200.192.9")
    told.all.probe()
    led.probe()
    assert each["one"].routes()[ENDPOINT] == (Address("10.200.192.9", 2000),)


@pytest.mark.parametrize("naming", [True, False])
def test_the_directory_of_a_host_takes_nobody_without_proof(naming: bool) -> None:
    place = blueprint.Place("10.200.0.3", "10.200.0.1")
    alone = blueprint.blueprint("image", place, "directory", {}, State(), (Port(ADMIN, 16443),))
    made = blueprint.hosted(alone, HOST, PROOF, naming=naming)
    assert alone.command == (*made.command, "10.200.0.1")  # who may administer without any
    assert {file.path: file.content for file in made.files if "/administration/" in file.path} == {
        "/administration/identity.pem": b"certificate\nkey\n",
        "/administration/authority.pem": b"authority\n",
    }
    assert (made.address, made.host, made.labels) == (ANYWHERE, "one", {NAMING: "yes" if naming else "no"})
    names = [Port(53, 53, "10.77.0.1"), Port(53, 53, "10.77.0.1", "udp")] if naming else []
    assert list(made.ports) == [Port(ADMIN, 16443, "10.77.0.1"), *names]


@pytest.mark.parametrize(("last", "port"), [(16442, 16443), (65535, 16378)])
def test_its_port_is_beyond_those_of_the_gateway(last: int, port: int) -> None:
    assert Ports((6379, 11211, 16379, last)).directory_admin_of(HOST) == Address("10.77.0.1", port)


@pytest.mark.parametrize(("last", "wished", "port"), [(16442, 0, 16444), (65535, 0, 16377), (16442, 443, 443)])
def test_the_port_where_clients_are_led_by_name_is_the_next_one_or_the_one_that_is_wished(
    last: int, wished: int, port: int
) -> None:
    ports = Ports((6379, 11211, 16379, last)).by_name(wished)
    assert ports.sni == port
    assert ports.published[-1] == Port(BY_NAME, port)


@pytest.mark.parametrize("taken", [6379, 16379, 16442, 16443, 53])
def test_it_is_none_that_has_another_use(taken: int) -> None:
    with pytest.raises(Never, match=f"port {taken}, which has another use: set CACHEWRIGHT_SNI_PORT"):
        Ports((6379, 11211, 16379, 16442)).by_name(taken)

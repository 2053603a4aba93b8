"""A host that is told while others work: its gateway comes first, then the leases of all count it, then nodes come."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

import pytest

from cachewright.agents.gateway.host_gateway import Written
from cachewright.agents.gateway.hosts import HostGateways
from cachewright.agents.gateway.published import Ports
from cachewright.agents.memory.gateway import MemoryGateway
from cachewright.agents.memory.hosts import Power
from cachewright.agents.planning.images import GATEWAY as PROXY
from cachewright.agents.planning.labels import COUNTED, GATEWAY
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.system.endpoints import written
from cachewright.agents.system.host_gateways import HostGatewaysController
from cachewright.agents.tools import SecretStore
from cachewright.controlplane.model.cache import Kind
from cachewright.controlplane.model.hosts import Host
from tests.agents.site import Proven
from tests.agents.test_hosts import GIB, HOSTS
from tests.house import House, house

COMES = Host("h4", "tcp://10.77.0.4:2375", "a", "10.77.0.4", 64 * GIB, joining=True)
TURNS = 5


@dataclass
class Gateways:
    """An agent that keeps the gateways of all hosts."""

    home: House
    every: dict[str, MemoryGateway] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tools = self.home.tools()
        hosts = self._of({host.name: host for host in HOSTS})
        self.all = HostGateways(hosts, Written(lambda: written(self.home.store, tools.network)))
        proven: SecretStore = Proven(tools.secret_store)  # type: ignore[assignment]
        self.tools = replace(tools, gateway=self.all, ports=Ports((6379, 16379, 16380)), secret_store=proven)
        self.tools.hosts.follow(lambda told: self.all.attend(self._of(told)))
        self.controller = HostGatewaysController(self.home.store, lambda: self.tools, "run", lambda: None)

    def _of(self, told: Mapping[str, Host]) -> Mapping[str, MemoryGateway]:
        for name in told:
            self.every.setdefault(name, MemoryGateway())
        return self.every

    def turn(self) -> None:
        """The agent has its turn."""
        self.controller.ensure({PROXY: self.tools.images.gateway()})
        self.controller.probe()

    def leases(self) -> dict[str, str]:
        """What the gateway of each host says that it counts."""
        return {one.host: one.labels[COUNTED] for one in self.home.backend.runtime.containers(GATEWAY)}

    def starts(self) -> dict[str, str]:
        """When the gateway of each host began."""
        return {one.host: one.started_at for one in self.home.backend.runtime.containers(GATEWAY)}


@pytest.fixture
def home(tmp_path: Path) -> House:
    made = house(tmp_path)
    made.tell_hosts(*HOSTS)
    return made


@pytest.fixture
def gateways(home: House) -> Gateways:
    made = Gateways(home)
    made.turn()
    return made


def tell(home: House, host: Host = COMES) -> None:
    """As `cachewright host add` does."""
    home.machine.add_host(host.name, host.memory, host.address)
    with home.store.write() as transaction:
        transaction.hosts.write(host)


def is_joining(home: House) -> bool:
    with home.store.read() as transaction:
        return transaction.hosts.all()[COMES.name].joining


def place(home: House, name: str) -> str:
    """Where a node in the zone of the host runs that comes, which has most room."""
    home.cluster(name, PreferredAvailabilityZone="us-east-1a")
    return home.cache(Kind.CACHE_CLUSTER, name).status.nodes[f"{name}.0001"].host


def test_hosts_serve_whose_gateway_was_heard(home: House) -> None:
    gateways = Gateways(home)
    assert gateways.controller.serving() == frozenset()
    gateways.turn()
    assert gateways.controller.serving() == {"h1", "h2", "h3"}
    gateways.every["h2"].answers = False
    gateways.controller.probe()
    assert gateways.controller.serving() == {"h1", "h3"}


def test_a_gateway_that_takes_long_keeps_no_other_from_being_heard(gateways: Gateways) -> None:
    """Their leases last for hardly longer than one that is cut off is waited for."""
    over, waited, heard = Event(), list[bool](), list[str]()

    def hangs() -> bool:
        waited.append(over.wait(5))
        return True

    def answers() -> bool:
        heard.append("h1")
        return False

    gateways.every["h2"].hangs, gateways.every["h1"].hangs = hangs, answers
    for _ in range(2):
        gateways.controller.probe()
    assert len(heard) >= 2
    assert not waited
    over.set()


def test_a_host_that_is_told_gets_nodes_without_a_new_start(home: House, gateways: Gateways) -> None:
    home.group()
    before = gateways.leases()
    tell(home)
    assert place(home, "early") == "h1"
    gateways.turn()
    assert not is_joining(home)
    assert place(home, "late") == "h4"
    assert gateways.leases().keys() == {"h1", "h2", "h3", "h4"}
    assert all(lease != before[name] for name, lease in gateways.leases().items() if name in before)
    settled = gateways.starts()
    gateways.turn()
    assert gateways.starts() == settled


def test_the_gateway_of_a_host_that_comes_is_told_everything(home: House, gateways: Gateways) -> None:
    home.group()
    tell(home)
    gateways.turn()
    assert gateways.every["h4"].routes() == written(home.store, gateways.tools.network)
    assert gateways.every["h4"].routes()


def test_gateways_are_replaced_one_by_one_and_only_while_the_others_serve(home: House, gateways: Gateways) -> None:
    tell(home)
    begun = gateways.starts()
    gateways.every["h2"].answers = False
    gateways.controller.probe()
    gateways.turn()
    assert {name: start for name, start in gateways.starts().items() if name != "h4"} == begun
    assert is_joining(home)
    gateways.every["h2"].answers = True
    for _ in range(2):
        gateways.turn()
    assert not is_joining(home)


@pytest.mark.parametrize("away", ["h2", "h4"])
def test_nobody_joins_while_a_host_does_not_answer(home: House, gateways: Gateways, away: str) -> None:
    tell(home)
    home.machine.power(away, Power.CUT)
    before = gateways.leases()
    for _ in range(TURNS):
        gateways.turn()
    assert is_joining(home)
    assert {name: gateways.leases().get(name) for name in before if name != away} == {
        name: lease for name, lease in before.items() if name != away
    }
    home.machine.power(away, Power.ON)
    gateways.turn()
    gateways.turn()
    assert not is_joining(home)


def test_a_host_that_cannot_have_a_gateway_holds_up_nobody(home: House, gateways: Gateways) -> None:
    refused = Later("cannot start container: port is already allocated", 2.0)
    home.machine.refusal = lambda made: refused if made.host == "h4" else None
    tell(home)
    for _ in range(TURNS):
        gateways.turn()
    assert is_joining(home)
    assert gateways.leases().keys() == {"h1", "h2", "h3"}


def test_an_agent_that_does_not_keep_gateways_lets_nobody_in(home: House, gateways: Gateways) -> None:
    tell(home)
    gateways.controller.holds = lambda: False
    gateways.turn()
    assert is_joining(home)
    assert "h4" not in gateways.leases()


def test_leases_count_a_host_that_was_removed_no_more(home: House, gateways: Gateways) -> None:
    before = gateways.leases()
    with home.store.write() as transaction:
        transaction.hosts.remove("h3")
    gateways.turn()
    after = gateways.leases()
    assert all(after[name] != before[name] for name in ("h1", "h2"))


def test_while_a_host_joins_half_of_all_have_to_answer_either_way(home: House) -> None:
    """Of some gateways the leases count four hosts already, of others three."""
    tell(home)
    sites = home.tools().sites()
    assert (set(sites.hosts), sites.joining) == ({"h1", "h2", "h3"}, frozenset({"h4"}))
    assert replace(sites, silent={"h3": "", "h4": ""}).judges
    assert not replace(sites, silent={"h2": "", "h3": ""}).judges
    two = {name: host for name, host in sites.hosts.items() if name != "h3"}
    assert replace(sites, hosts=two, silent={"h2": ""}).judges
    assert not replace(sites, hosts=two, silent={"h2": "", "h4": ""}).judges

"""The gateway or the directory answers nobody: caches say so, it is replaced, and told everything again."""

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from threading import Event, Timer
from unittest.mock import patch

import pytest

from cachewright.agents.directory.client import RemoteDirectory
from cachewright.agents.gateway.paths import TIMEOUT, Paths, reached
from cachewright.agents.gateway.published import PublishedGateway
from cachewright.agents.gateway.silence import ProbedGateway
from cachewright.agents.memory.gateway import MemoryGateway
from cachewright.agents.planning.containers import Container, State
from cachewright.agents.planning.images import DIRECTORY as IMAGE
from cachewright.agents.planning.images import NFTABLES
from cachewright.agents.planning.labels import DIRECTORY, GATEWAY
from cachewright.agents.planning.outages import SERVED, Outages
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.system import gateway as gateway_controller
from cachewright.agents.system import outage as outage_module
from cachewright.agents.system.directory import DirectoryController
from cachewright.agents.system.gateway import GatewayController
from cachewright.agents.system.outage import Outage, await_answer, probe, probes
from cachewright.controlplane.model.cache import Address, Cache, Key, Kind, NodeStatus, Status
from cachewright.controlplane.model.hosts import ONLY
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.store.events import EventQuery
from cachewright.controlplane.store.failures import Unusable
from tests.agents.test_loaded import Plane, eventually, now, running
from tests.house import ACCOUNT, PATIENCE, PORTS, REGION, Anybody, House, house

SILENT = "Clients cannot use the endpoints: the {} does not answer."
QUICK = {"probe_interval": 0.02, "patience": 0.3}
CONTAINER = Container("one", State.RUNNING, {})
FAR = 30.0  # seconds of patience that no test takes


@pytest.fixture
def home(tmp_path: Path) -> House:
    return house(tmp_path)


def stop_process(plane: Plane, name: str) -> None:
    """SIGSTOP."""
    network = plane.runtime.open_network()
    (address,) = (at for at in (str(network.gateway), str(network.directory)) if plane.machine.holder(at) == name)
    plane.machine.processes.at(address).busy = True


def rename(plane: Plane, name: str) -> None:
    """And then it hangs."""
    plane.machine.rename(name, "other")
    plane.machine.pause("other")


DEEDS: Mapping[str, Callable[[Plane, str], None]] = {
    "SIGSTOP": stop_process,
    "disconnect": lambda plane, name: plane.machine.disconnect(name),
    "pause": lambda plane, name: plane.machine.pause(name),
    "rename": rename,
    "remove": lambda plane, name: plane.machine.remove(name),
}


def own(plane: Plane, labels: Mapping[str, str]) -> tuple[str, str]:
    """The name of the one container of a kind, and its start; empty when it is not the only one."""
    found = plane.runtime.containers(labels)
    return (found[0].name, found[0].started_at) if len(found) == 1 else ("", "")


def messages(plane: Plane, source: str) -> list[str]:
    query = EventQuery(ACCOUNT, REGION, now().replace(year=2020), now().replace(year=2100))
    with plane.store.read() as transaction:
        events = transaction.events.newest(query, None, 1000)
    return [dated.event.message for dated in reversed(events) if dated.event.source == source]


def memcached(plane: Plane, name: str = "web") -> Callable[[], Cache]:
    asked = {"CacheClusterId": name, "Engine": "memcached", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": 2}
    plane.dispatch("CreateCacheCluster", asked, Anybody())

    def known() -> Cache:
        with plane.store.read() as transaction:
            cache = transaction.caches.get(Key(ACCOUNT, REGION, Kind.CACHE_CLUSTER, name))
        assert cache
        return cache

    return known


@pytest.mark.parametrize("deed", DEEDS)
def test_a_gateway_that_answers_nobody_is_replaced_and_told_every_route(tmp_path: Path, deed: str) -> None:
    with running(tmp_path, **QUICK) as plane:
        plane.create("rg")
        eventually(lambda: plane.available("rg"))
        routes, before = plane.gateway.routes(), own(plane, GATEWAY)
        for endpoint in routes:
            plane.gateway.unroute(endpoint)  # the next one knows nothing
        DEEDS[deed](plane, before[0])
        eventually(lambda: own(plane, GATEWAY)[1] not in ("", before[1]))
        eventually(lambda: plane.available("rg") and plane.gateway.routes() == routes)
        assert own(plane, GATEWAY)[0] == before[0]


def test_caches_whose_endpoints_lead_through_it_say_so_while_they_rest(tmp_path: Path) -> None:
    with running(tmp_path, probe_interval=0.02, patience=FAR) as plane:
        plane.create("rg")
        eventually(lambda: plane.available("rg"))
        name, _ = own(plane, GATEWAY)
        plane.machine.disconnect(name)
        eventually(lambda: plane.cache("rg").phase is Phase.MODIFYING)
        plane.create("new")
        plane.machine.connect(name)  # as if nobody had waited for it: it is the same one
        eventually(lambda: plane.available("rg") and plane.available("new"))
        assert messages(plane, "rg")[-2:] == [SILENT.format("gateway"), SERVED]


@pytest.mark.parametrize("kind", [GatewayController, DirectoryController])
def test_one_that_the_engine_has_started_again_is_given_its_time(
    home: House, kind: type[GatewayController | DirectoryController]
) -> None:
    """Before another one takes its place, which would take longer."""
    home.cluster("mc", Engine="memcached")
    moment = [0.0]
    controller = kind(home.store, home.tools, "run", lambda: None, Outage(3.0, lambda: moment[0]))
    images = {NFTABLES: home.backend.images.nftables(), IMAGE: home.backend.images.directory()}
    controller.ensure(images)
    (name, first) = _only(home, kind)
    _hang(home, name)
    probe(controller)
    home.clock.moment += timedelta(seconds=60)
    moment[0] += 60
    home.machine.restart(name)
    _hang(home, name)
    (_, again) = _only(home, kind)
    controller.ensure(images)
    assert _only(home, kind) == (name, again) != (name, first)
    moment[0] += 60
    controller.ensure(images)
    assert _only(home, kind) != (name, again)


def _hang(home: House, name: str) -> None:
    """It runs, and answers nobody."""
    network = home.tools().network
    (address,) = (at for at in (str(network.gateway), str(network.directory)) if home.machine.holder(at) == name)
    home.machine.processes.at(address).busy = True


def _only(home: House, kind: type[object]) -> tuple[str, str]:
    """The name of the one container that is kept, and its start."""
    (found,) = home.backend.runtime.containers(GATEWAY if kind is GatewayController else DIRECTORY)
    return found.name, found.started_at


def test_a_failover_does_not_wait_for_a_gateway_that_hangs(tmp_path: Path) -> None:
    """Clients of the nodes' own addresses notice nothing else."""
    with running(tmp_path, probe_interval=0.02, patience=FAR) as plane:
        plane.create("rg")
        eventually(lambda: plane.available("rg"))
        stop_process(plane, own(plane, GATEWAY)[0])
        eventually(lambda: plane.cache("rg").phase is Phase.MODIFYING)
        (primary,) = [box.name for box in plane.runtime.containers() if "rg-001" in box.name]
        plane.machine.kill(primary)
        eventually(lambda: plane.cache("rg").status.shards["0001"].primary == "rg-002.0001")
        leader = plane.cache("rg").status.nodes["rg-002.0001"].address.host
        eventually(lambda: not plane.machine.processes.at(leader).leader)


@pytest.mark.parametrize("deed", DEEDS)
def test_a_directory_that_answers_nobody_is_replaced_and_told_every_list(tmp_path: Path, deed: str) -> None:
    with running(tmp_path, **QUICK) as plane:
        cache = memcached(plane)
        eventually(lambda: cache().phase is Phase.AVAILABLE and bool(own(plane, DIRECTORY)[0]))
        plane.create("rg")
        eventually(lambda: plane.available("rg"))
        state, before = plane.directory.state(), own(plane, DIRECTORY)
        for port in state.discovery:
            plane.directory.withdraw(port)
        DEEDS[deed](plane, before[0])
        eventually(lambda: own(plane, DIRECTORY)[1] not in ("", before[1]))
        eventually(lambda: cache().phase is Phase.AVAILABLE and plane.directory.state() == state)
        assert SILENT.format("directory") not in messages(plane, "rg")  # no list, no name


def outage(home: House, *, gateway: bool = False, directory: bool = False) -> None:
    out = Outages(gateway, directory)
    home.reconciler = replace(home.reconciler, outages=lambda: out)


def test_who_needs_neither_is_available(home: House) -> None:
    outage(home, gateway=True, directory=True)
    assert home.cluster("one").phase is Phase.AVAILABLE


def test_a_list_is_not_available_while_the_directory_is_silent(home: House) -> None:
    cache = home.cluster("web", Engine="memcached", NumCacheNodes=2)
    outage(home, directory=True)
    assert home.reconcile(cache.key) is not None
    assert home.cache(*of(cache)).phase is Phase.MODIFYING
    outage(home)
    home.settle()
    assert home.cache(*of(cache)).phase is Phase.AVAILABLE
    assert home.messages()[-2:] == [f"web: {SILENT.format('directory')}", f"web: {SERVED}"]


@pytest.fixture
def published(tmp_path: Path) -> House:
    """Nodes are asked through the gateway."""
    return house(tmp_path, PORTS)


def hang(home: House, *, over: bool = False) -> None:
    """The gateway answers nobody, or does again."""
    gateway = home.tools().gateway
    assert isinstance(gateway, ProbedGateway)
    assert isinstance(gateway.inner, PublishedGateway)
    assert isinstance(gateway.inner.inner, MemoryGateway)
    gateway.inner.inner.hangs = lambda: not over
    out = Outages(gateway=not over, serving=frozenset({ONLY} if over else ()))
    home.reconciler = replace(home.reconciler, outages=lambda: out)


def group(home: House) -> Cache:
    return home.cache(Kind.REPLICATION_GROUP, "rg")


def wait(home: House, duration: timedelta) -> None:
    end = home.clock.moment + duration
    while home.clock.moment < end:
        delay = home.reconcile(group(home).key)
        home.clock.moment += timedelta(seconds=delay or 0.5)


def test_nodes_behind_a_gateway_that_hangs_keep_what_they_hold(published: House) -> None:
    nodes = published.group().status.nodes
    primary = group(published).status.shards["0001"].primary
    published.machine.processes.write(nodes[primary].address.host, "key", "value")
    hang(published)
    wait(published, 10 * PATIENCE)
    assert {name: known.life for name, known in group(published).status.nodes.items()} == dict.fromkeys(nodes, 1)
    hang(published, over=True)
    published.settle()
    assert group(published).status.shards["0001"].primary == primary
    held = [published.machine.processes.at(known.address.host).data for known in nodes.values()]
    assert held == [{"key": "value"}] * len(nodes)


def test_a_node_that_hangs_as_well_is_rebuilt_once_the_gateway_serves(published: House) -> None:
    published.group()
    primary = group(published).status.shards["0001"].primary
    hang(published)
    published.machine.disconnect(published.container(primary))
    wait(published, 10 * PATIENCE)
    assert group(published).status.shards["0001"].primary == primary
    hang(published, over=True)
    began = published.clock.moment
    published.settle()
    assert published.clock.moment - began > PATIENCE, "silence is counted from then on"
    assert group(published).status.shards["0001"].primary != primary
    assert group(published).status.nodes[primary].life == 2


@pytest.mark.parametrize("ends", ["rg-001.0001", "rg-002.0001"])
def test_a_node_that_ends_meanwhile_takes_nothing_with_it(published: House, ends: str) -> None:
    """Replicas have what the primary had: no empty one takes its place before they can be asked."""
    nodes = published.group().status.nodes
    published.machine.processes.write(nodes["rg-001.0001"].address.host, "key", "value")
    hang(published)
    published.machine.kill(published.container(ends))
    wait(published, 10 * PATIENCE)
    hang(published, over=True)
    published.settle()
    after = group(published).status
    assert after.nodes[ends].life == 2
    assert all(after.nodes[name].life == 1 for name in nodes if name != ends)
    held = [published.machine.processes.at(known.address.host).data for known in after.nodes.values()]
    assert held == [{"key": "value"}] * len(nodes)


@pytest.mark.parametrize("back", [True, False])
def test_a_gateway_that_is_back_is_not_replaced(home: House, back: bool) -> None:
    """No probe has found yet that its host is not cut off any more."""
    gateway = home.tools().gateway
    assert isinstance(gateway, ProbedGateway)
    assert isinstance(gateway.inner, MemoryGateway)
    passed = [0.0]
    controller = GatewayController(home.store, home.tools, "run", lambda: None, Outage(1.0, lambda: passed[-1]))
    images = {NFTABLES: home.backend.images.nftables()}
    controller.ensure(images)
    launched = list[str]()
    home.machine.refusal = lambda blueprint: launched.append(blueprint.name)
    controller.outage.note("cannot reach the gateway")
    passed.append(9.0)
    gateway.inner.answers = back
    with patch.object(gateway_controller, "await_answer", lambda _outage, running, _probe: running()), suppress(Later):
        controller.ensure(images)  # of one that does not answer nothing is written down
    assert bool(launched) is not back


@pytest.mark.parametrize(
    ("shown", "host", "serving", "hidden"),
    [
        ("127.0.0.1", "h1", {"h2"}, True),
        ("127.0.0.1", "h2", {"h2"}, False),
        ("127.0.0.1", ONLY, set(), True),
        ("127.0.0.1", "h1", None, False),
        ("10.0.0.1", "h1", set(), False),  # it is reached at its own address
    ],
)
def test_who_is_hidden_by_a_gateway(shown: str, host: str, serving: set[str] | None, hidden: bool) -> None:
    own = Address("10.0.0.1", 6379)
    status = Status(nodes={"n": NodeStatus(own, host=host)}, endpoints={"n": replace(own, host=shown)})
    outages = Outages(serving=None if serving is None else frozenset(serving))
    assert outages.hide(status, "n") is hidden


def test_the_end_is_told_when_something_else_could_not_be_done_meanwhile(home: House) -> None:
    cache = home.group()
    outage(home, gateway=True)
    home.reconcile(cache.key)
    home.reconciler.retries.failed(cache.key, [(None, Later("cannot reach the gateway"))])
    outage(home)
    home.settle()
    assert home.messages()[-2:] == ["rg: cannot reach the gateway", f"rg: {SERVED}"]


def of(cache: Cache) -> tuple[Kind, str]:
    return cache.key.kind, cache.key.id


def test_an_agent_that_starts_meanwhile_does_not_take_it_for_well(home: House) -> None:
    """It knows no gateway yet, and nothing of an outage."""
    cache = home.group()
    outage(home, gateway=True)
    home.reconcile(cache.key)
    home.restart()
    known = home.reconciler
    home.reconciler = replace(known, gateway=lambda: "")
    assert home.reconcile(cache.key) is not None
    assert home.cache(*of(cache)).phase is Phase.MODIFYING
    home.reconciler = known
    home.settle()
    assert home.cache(*of(cache)).phase is Phase.AVAILABLE


def test_one_that_was_well_stays_available_until_the_gateway_is_known(home: House) -> None:
    cache = home.group()
    home.restart()
    home.reconciler = replace(home.reconciler, gateway=lambda: "")
    assert home.reconcile(cache.key) is not None
    assert home.cache(*of(cache)).phase is Phase.AVAILABLE


@dataclass
class Probing:
    """One that answers, or not."""

    boot: str = "1"
    seconds: float = 0.0
    failure: str = ""
    outage: Outage = field(init=False)

    def __post_init__(self) -> None:
        self.outage = Outage(3.0, lambda: self.seconds)

    def probe(self) -> None:
        if self.failure:
            raise Later(self.failure)


def test_replacements_that_do_not_help_come_more_and_more_slowly() -> None:
    probing = Probing(failure="no answer")
    probe(probing)
    waited = []
    for _ in range(8):
        begin = probing.seconds
        while not probing.outage.is_over_patience():
            probing.seconds += 0.5
            probe(probing)
        waited.append(probing.seconds - begin)
        probing.outage.replaced()
    assert waited == [3.0, 6.0, 12.0, 24.0, 48.0, 96.0, 96.0, 96.0]


def test_one_that_starts_slowly_has_its_time_after_it_was_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage_module, "_STARTING", 0.0)
    probing = Probing(failure="no answer")
    probe(probing)

    def starting() -> None:
        probing.seconds += 10.0
        probing.probe()

    with pytest.raises(Later, match="no answer"):
        await_answer(probing.outage, lambda: CONTAINER, starting)
    assert not probing.outage.is_over_patience()
    probing.seconds += 6.0
    assert probing.outage.is_over_patience()
    probing.failure = ""
    assert await_answer(probing.outage, lambda: CONTAINER, starting) is CONTAINER
    assert not probing.outage.reason


def test_an_answer_ends_it() -> None:
    probing = Probing(failure="no answer")
    probe(probing)
    assert probing.outage.reason
    probing.failure = ""
    probe(probing)
    assert not probing.outage.reason
    probing.seconds += 10.0
    assert not probing.outage.is_over_patience()


def test_what_could_not_be_told_is_told_later() -> None:
    """The caches cannot be read for a moment: those that rest have to know all the same, of the end as well."""
    probing, told = Probing(failure="no answer"), list[bool]()
    failures = [Unusable("disk I/O error")] * 2

    def changed() -> None:
        if failures:
            raise failures.pop()
        told.append(bool(probing.outage.reason))
        stop.set()

    for failure in ("no answer", ""):
        probing.failure, stop = failure, Event()
        limit = Timer(5.0, stop.set)
        limit.start()
        while not stop.is_set():
            with suppress(Unusable):
                probes(probing, 0.001, stop, changed, lambda: None)
        limit.cancel()
    assert told == [True, False]


def test_one_that_was_never_started_is_not_probed() -> None:
    probing = Probing(boot="", failure="no answer")
    probe(probing)
    assert not probing.outage.reason


ONE, TWO, NODE = Address("10.0.0.1", 6379), Address("10.0.0.2", 6379), Address("10.1.0.1", 6379)


def test_an_endpoint_that_leads_nowhere_is_found_in_its_turn() -> None:
    up = {ONE, TWO, NODE}
    paths, routes = Paths(up.intersection), {ONE: (NODE,), TWO: (NODE,)}
    for _ in routes:
        paths.probe(lambda: routes)
    up.remove(ONE)
    with pytest.raises(Later, match="leads nowhere"):
        for _ in routes:
            paths.probe(lambda: routes)
    with pytest.raises(Later, match="leads nowhere"):
        paths.probe(lambda: routes)
    up.add(ONE)
    paths.probe(lambda: routes)


@pytest.mark.parametrize("reason", ["its node is dead", "it is no more", "it was never reached"])
def test_what_is_not_the_fault_of_the_gateway(reason: str) -> None:
    up, routes = {ONE, NODE}, {ONE: (NODE,)}
    paths = Paths(up.intersection)
    if reason == "it was never reached":
        up.remove(ONE)
    paths.probe(lambda: dict(routes))
    up.discard(ONE)
    if reason == "its node is dead":
        up.remove(NODE)
    if reason == "it is no more":
        del routes[ONE]
    for _ in range(3):
        paths.probe(lambda: dict(routes))


def test_dead_targets_are_not_the_fault_of_the_gateway() -> None:
    """New connections are led to one target after the other, and two of three are dead."""
    alive = Address("10.1.0.3", 6379)
    targets = (NODE, Address("10.1.0.2", 6379), alive)
    turns = cycle(targets)
    next(turns)

    def reached(tried: Sequence[Address]) -> set[Address]:
        return {address for address in tried if (next(turns) if address == ONE else address) == alive}

    paths = Paths(reached)
    for _ in range(6):
        paths.probe(lambda: {ONE: targets})


def test_connections_are_tried_at_once_and_not_for_long() -> None:
    with ExitStack() as opened:
        full, free = (opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0)) for _ in range(2))
        for _ in range(3):  # whoever comes afterwards is not answered
            waiting = opened.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(full.getsockname())
        silent, open_ = (Address(*each.getsockname()) for each in (full, free))
        refused = Address("127.0.0.1", 1)
        begin = time.monotonic()
        assert reached([silent, silent, silent, refused, open_]) == {open_}
        assert TIMEOUT <= time.monotonic() - begin < 2 * TIMEOUT


def test_after_a_probe_that_failed_nobody_asks_until_another_one_does_not() -> None:
    """Whoever asked would wait for seconds."""
    inner = MemoryGateway(answers=False)
    gateway = ProbedGateway(inner)
    with pytest.raises(Later):
        gateway.probe()
    inner.answers = True
    for deed in (gateway.routes, lambda: gateway.route({ONE: (NODE,)}), lambda: gateway.unroute(ONE)):
        with pytest.raises(Later):
            deed()
    gateway.probe()
    gateway.route({ONE: (NODE,)})
    assert gateway.routes() == {ONE: (NODE,)}


def test_a_directory_that_failed_to_answer_is_not_waited_for() -> None:
    directory = RemoteDirectory(Address("127.0.0.1", 1), patience=FAR)
    with pytest.raises(Later):
        directory.probe()
    begin = time.monotonic()
    with pytest.raises(Later):
        directory.withdraw(11211)
    assert time.monotonic() - begin < FAR / 2


def test_a_pretend_gateway_whose_container_hangs_leads_nobody() -> None:
    gateway = MemoryGateway(hangs=lambda: True)
    with pytest.raises(Later):
        gateway.probe()
    with pytest.raises(ConnectionRefusedError):
        gateway.connect(ONE)

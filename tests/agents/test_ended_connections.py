"""The end of a process is noticed by the end of a connection to it, and proven by a connection that is refused."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cachewright.agents.engines.dial import KEEPALIVE, Dial, dial, refusing
from cachewright.agents.loop.connections import BRIEF, Connections
from cachewright.agents.memory.machine import Machine
from cachewright.agents.planning.containers import Blueprint, State
from cachewright.agents.planning.labels import INSTANCE
from cachewright.agents.planning.world import Condition, condition
from cachewright.agents.reconcile.observe import Asking, observe
from cachewright.agents.reconcile.turns import Priority, Rest, Turn, Until
from cachewright.controlplane.model.cache import Address, Cache, Key, Kind
from tests.agents.test_loaded import eventually, running
from tests.house import MODES, PATIENCE, House, house

KEY = Key("000000000000", "us-east-1", Kind.REPLICATION_GROUP, "rg")
STEPS = 200  # of a tenth of a second at most


@contextmanager
def listening(port: int = 0) -> Iterator[tuple[socket.socket, Address]]:
    """Somebody who listens."""
    with closing(socket.create_server(("127.0.0.1", port))) as server:
        yield server, Address(*server.getsockname())


@dataclass
class Watch:
    """Connections, with what they told and a clock that is put forward."""

    told: list[Key] = field(default_factory=list)
    now: float = 0.0

    def __post_init__(self) -> None:
        self.connections = Connections(dial, self.told.append, lambda: self.now)

    def accepted(self, server: socket.socket) -> socket.socket:
        """The other end of a connection that has been made, and is an old one by now."""
        server.settimeout(0)
        for _ in range(STEPS):
            self.connections.step(0.1)
            try:
                accepted, _ = server.accept()
            except BlockingIOError:
                continue
            self.connections.step(0.1)
            self.now += 2 * BRIEF
            return accepted
        raise AssertionError("nobody connects")

    def until_told(self) -> None:
        """Wait for news."""
        for _ in range(STEPS):
            if self.told:
                return
            self.connections.step(0.1)
        raise AssertionError("nothing is told")


def test_the_end_of_a_process_is_told_once() -> None:
    watch = Watch()
    with listening() as (server, address):
        watch.connections.keep(KEY, [address])
        accepted = watch.accepted(server)
    accepted.close()
    watch.until_told()
    for _ in range(10):
        watch.now += 60.0
        watch.connections.step(0.0)
    assert watch.told == [KEY]


def test_a_connection_that_a_node_ends_by_itself_is_made_again_and_not_told() -> None:
    watch = Watch()
    with listening() as (server, address):
        watch.connections.keep(KEY, [address])
        watch.accepted(server).close()
        watch.accepted(server).close()
    assert watch.told == []


def test_what_a_node_says_is_no_end() -> None:
    watch = Watch()
    with listening() as (server, address):
        watch.connections.keep(KEY, [address])
        accepted = watch.accepted(server)
        accepted.send(b"-ERR something\r\n")
        watch.connections.step(1.0)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert watch.told == []


def test_a_node_that_comes_back_is_watched_again() -> None:
    watch = Watch()
    with listening() as (server, address):
        watch.connections.keep(KEY, [address])
        watch.accepted(server).close()
        accepted = watch.accepted(server)
    accepted.close()
    watch.until_told()
    with listening(address.port) as (server, _):
        watch.connections.keep(KEY, [address])
        accepted = watch.accepted(server)
    watch.told.clear()
    accepted.close()
    watch.until_told()


def test_a_cache_that_is_gone_is_not_told_of() -> None:
    watch = Watch()
    with listening() as (server, address):
        watch.connections.keep(KEY, [address])
        accepted = watch.accepted(server)
        watch.connections.keep(KEY, [])
        watch.connections.step(1.0)
        accepted.settimeout(1.0)
        assert accepted.recv(1) == b""
    assert watch.told == []


@contextmanager
def real() -> Iterator[tuple[Dial, Address, Address]]:
    """How one connects, where somebody listens, where nobody does."""
    with listening() as (_, there):
        with listening() as (_, gone):
            pass
        yield dial, there, gone


@contextmanager
def pretended() -> Iterator[tuple[Dial, Address, Address]]:
    """The same on a pretend machine."""
    machine = Machine()
    machine.create(Blueprint("one", "image", ("redis-server",), "10.0.0.1", 0, {}), {INSTANCE: "test"})
    machine.start("one")
    yield machine.dial, Address("10.0.0.1", 1), Address("10.0.0.2", 1)


@pytest.mark.parametrize("world", [real, pretended])
def test_only_a_refusal_is_one(world: Callable[[], AbstractContextManager[tuple[Dial, Address, Address]]]) -> None:
    with world() as (begin, there, gone):
        assert refusing(begin, [gone, there], 5.0) == {gone}


@pytest.fixture(params=MODES)
def home(tmp_path: Path, request: pytest.FixtureRequest) -> House:
    """A new house, whose endpoints are reached either way."""
    return house(tmp_path, MODES[request.param])


@pytest.fixture
def direct(tmp_path: Path) -> House:
    """A new house, whose nodes are reached at their own addresses."""
    return house(tmp_path)


def primary(home: House) -> str:
    """Who leads."""
    return home.cache(Kind.REPLICATION_GROUP, "rg").status.shards["0001"].primary


def look(home: House, cache: Cache, node: str) -> Condition:
    """How a node looks now."""
    world = observe(home.tools(), cache, "", Asking(home.pool, home.clock), lambda _: False).seen()
    return condition(world.at(node), cache.status.nodes[node])


def test_a_failover_needs_no_container_event(direct: House) -> None:
    cache = direct.group()
    direct.machine.crash(direct.container("rg-001.0001"))
    direct.reconcile(cache.key, Priority.BROKEN)
    assert primary(direct) == "rg-002.0001"
    direct.settle()
    assert {container.state for container in direct.containers()} == {State.RUNNING}


CAUSES: dict[str, Callable[[House], object]] = {
    "the primary has crashed": lambda home: home.machine.crash(home.container("rg-001.0001")),
    "it was asked for": lambda home: home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId="0001"),
}


@pytest.mark.parametrize("cause", CAUSES.values(), ids=CAUSES)
def test_the_candidate_leads_while_docker_does_not_answer(direct: House, cause: Callable[[House], object]) -> None:
    cache = direct.group()
    cause(direct)
    direct.machine.away = True
    direct.reconcile(cache.key, Priority.BROKEN)
    candidate = cache.status.nodes["rg-002.0001"].address
    assert direct.machine.processes.at(candidate.host).leader == ""
    assert direct.routes()[cache.status.endpoints["primary"]] == (candidate,)
    direct.machine.away = False
    direct.settle()
    assert primary(direct) == "rg-002.0001"


def test_a_failover_finds_another_node_where_one_has_gone_since_the_cache_came_to_rest(direct: House) -> None:
    cache = direct.group()
    direct.machine.remove(direct.container("rg-002.0001"))
    direct.call("TestFailover", ReplicationGroupId="rg", NodeGroupId="0001")
    direct.reconcile(cache.key, Priority.BROKEN)
    direct.settle()
    assert primary(direct) == "rg-003.0001"
    assert {container.state for container in direct.containers()} == {State.RUNNING}


def test_a_node_that_hangs_or_is_cut_off_refuses_nobody(direct: House) -> None:
    cache = direct.group()
    direct.machine.pause(direct.container("rg-001.0001"))
    assert look(direct, cache, "rg-001.0001") is Condition.PAUSED
    direct.machine.unpause(direct.container("rg-001.0001"))
    direct.machine.disconnect(direct.container("rg-001.0001"))
    assert look(direct, cache, "rg-001.0001") is Condition.SILENT


def test_a_refusal_of_a_published_port_says_nothing_of_a_node(home: House) -> None:
    cache = home.group()
    home.machine.crash(home.container("rg-001.0001"))
    expected = Condition.SILENT if home.published else Condition.REFUSING
    assert look(home, cache, "rg-001.0001") is expected


def test_nobody_is_rebuilt_because_of_a_refusal_alone(direct: House) -> None:
    direct.group()
    direct.machine.crash(direct.container("rg-003.0001"))
    begin = direct.clock.moment
    direct.settle()
    assert direct.clock.moment - begin > PATIENCE
    assert direct.cache(Kind.REPLICATION_GROUP, "rg").status.nodes["rg-003.0001"].life == 2


def test_the_agent_hears_of_a_crash_before_anything_else_tells(tmp_path: Path) -> None:
    with running(tmp_path, probe_interval=60.0, poll_interval=60.0) as plane:
        plane.create("rg")
        eventually(lambda: plane.available("rg"))
        address = plane.cache("rg").status.nodes["rg-001.0001"].address
        name = plane.machine.holder(address.host)
        assert name
        eventually(lambda: bool(plane.machine.processes.at(address.host).connections))
        plane.machine.crash(name)
        eventually(lambda: plane.led_by("rg", "rg-002.0001"))


def test_no_more_connections_are_kept_than_there_are_files_for() -> None:
    dialled: list[Address] = []

    def count(address: Address) -> socket.socket:
        dialled.append(address)
        return dial(address)

    connections = Connections(count, lambda _: None, most=2)
    with listening() as (_, one), listening() as (_, two), listening() as (_, three):
        connections.keep(KEY, [one, two, three])
        connections.step(0.1)
        assert len(dialled) == 2
        connections.keep(KEY, [])
        connections.keep(KEY, [three])
        connections.step(0.1)
        assert dialled[2:] == [three]
        connections.keep(KEY, [])
        connections.step(0.1)


def test_an_engine_that_does_not_listen_yet_is_asked_again_at_once(direct: House) -> None:
    direct.machine.boot_time = 3
    begun = direct.clock.moment
    direct.cluster()
    assert direct.clock.moment - begun < PATIENCE


def test_a_primary_that_is_rebooted_keeps_its_place_until_it_listens(direct: House) -> None:
    direct.group()
    direct.machine.boot_time = 3
    direct.call("RebootCacheCluster", CacheClusterId="rg-001", CacheNodeIdsToReboot=["0001"])
    direct.settle()
    assert primary(direct) == "rg-001.0001"


def test_a_node_that_refused_for_a_moment_is_asked_again(direct: House) -> None:
    """A firewall that refuses everything for a moment empties no cache."""
    cache = direct.cluster("one")
    process = direct.machine.processes.at(cache.status.nodes["one.0001"].address.host)
    process.data["key"] = "value"
    direct.machine.processes.end(process)
    memory: object = None
    refused = False
    for _ in range(100):
        outcome = direct.reconciler.reconcile(Turn(cache.key, memory, woken=memory is None, priority=Priority.BROKEN))
        if isinstance(outcome, Rest):
            break
        wait(outcome.work if isinstance(outcome, Until) else ())
        memory = outcome.memory
        if not refused and direct.cache(Kind.CACHE_CLUSTER, "one").status.nodes["one.0001"].silent_since:
            direct.machine.processes.begin(process)
            refused = True
    assert refused
    assert direct.machine.processes.at(process.address).data == {"key": "value"}
    assert direct.cache(Kind.CACHE_CLUSTER, "one").status.nodes["one.0001"].life == 1


def test_a_connection_asks_whether_the_other_end_is_the_same(direct: House) -> None:
    with listening() as (_, address), dial(address) as connection:
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == KEEPALIVE["TCP_KEEPIDLE"]

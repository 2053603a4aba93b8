"""What every driver of a cluster does, held by the pretend one and by real engines in containers."""

import socket
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from redis import Redis
from redis.cluster import RedisCluster
from redis.exceptions import MovedError

from cachewright.agents.engines.command_lines import command
from cachewright.agents.engines.driver import Driver, having
from cachewright.agents.engines.facets import ClusterMode as ClusterModeFacet
from cachewright.agents.engines.facets import Move
from cachewright.agents.engines.facets import Replication as ReplicationFacet
from cachewright.agents.engines.redis.acl_rules import AGENT, Credentials, everything
from cachewright.agents.engines.redis.cluster_options import STATE
from cachewright.agents.engines.redis.driver import RedisDriver
from cachewright.agents.engines.redis.fence import HELD_BLINDLY, PAUSES_WRITES_FROM
from cachewright.agents.engines.redis.nodes_conf import nodes_conf
from cachewright.agents.engines.redis.slots.arrival_limits import ROOM, Arrivals
from cachewright.agents.engines.redis.slots.key_transfer import KeyTransfer
from cachewright.agents.engines.redis.slots.preparation import MIGRATION_USER, TICKS
from cachewright.agents.engines.redis.slots.sentinel_key import awaited, sentinel_key
from cachewright.agents.engines.start import Start
from cachewright.agents.memory.cluster import keys_in
from cachewright.agents.memory.engines.driver import pretend_driver
from cachewright.agents.memory.machine import Machine
from cachewright.agents.memory.runtime import MemoryRuntime
from cachewright.agents.planning.cluster.nodes import NOWHERE, ClusterNode, cluster_node_id
from cachewright.agents.planning.containers import Blueprint, File
from cachewright.agents.planning.links import Link, Reach
from cachewright.agents.planning.sizing import Size
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.planning.world import Membership, Replication
from cachewright.agents.runtime.connection import Engine
from cachewright.agents.runtime.docker import DockerRuntime
from cachewright.agents.runtime.images import Images
from cachewright.agents.runtime.network import Network
from cachewright.agents.runtime.runtime import Runtime
from cachewright.controlplane.model.cache import Address, ClusterMode, Spec
from cachewright.controlplane.model.global_replication_groups import Membership as Member
from cachewright.controlplane.model.global_replication_groups import Role
from cachewright.controlplane.model.slots import EVERY, Ranges, difference, size, slot_of, split, union
from cachewright.controlplane.model.versions import Engine as EngineName
from cachewright.controlplane.model.versions import numbers, requested_version

MIB = 1 << 20
PORT = 6379
LIMIT = 10.0  # seconds that somebody is waited for who may never speak


@dataclass(frozen=True)
class World:
    """Nodes on a runtime, by number; their driver; and clients."""

    runtime: Runtime
    network: Network
    driver: Driver
    spec: Spec
    image: str
    version: tuple[int, ...]
    prefix: str
    write: Callable[[Address, Mapping[str, str]], None]
    read: Callable[[Address, Sequence[str]], list[str | None]]
    cluster_nodes: list[ClusterNode] = field(default_factory=list)

    def cluster_node(self, number: int, shard: int, follows: str = "", slots: Ranges = ()) -> ClusterNode:
        address = Address(str(self.network.first_node + number), PORT)
        return ClusterNode(
            self.id(number), address, follows, slots, shard + 1, cluster_node_id(self.prefix, str(shard))
        )

    def id(self, number: int) -> str:
        return cluster_node_id(self.prefix, f"node.{number}")

    def found(self, shards: int, replicas: int = 0) -> None:
        """Start a cluster: node 0 leads the first shard, its replicas are next, and so on."""
        for shard, slots in enumerate(split(shards)):
            first = len(self.cluster_nodes)
            self.cluster_nodes.append(self.cluster_node(first, shard, slots=slots))
            self.cluster_nodes.extend(self.cluster_node(first + 1 + n, shard, self.id(first)) for n in range(replicas))
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(self.launch, range(len(self.cluster_nodes))))
        self.agree()
        for number, cluster_node in enumerate(self.cluster_nodes):
            if cluster_node.follows:
                assert eventually(partial(self.hears, number, number - number % (replicas + 1)))

    def launch(self, number: int, cluster_nodes: Sequence[ClusterNode] = (), spec: Spec | None = None) -> None:
        """Start a node, or start it anew, with nothing in it."""
        spec = spec or self.spec
        text = nodes_conf(self.id(number), cluster_nodes or self.cluster_nodes, self.version)
        apart = any(cluster_node.apart for cluster_node in cluster_nodes)
        alone = any(cluster_node.alone for cluster_node in cluster_nodes)
        words = command(spec, Start(Size(400 * MIB, 700 * MIB), self.version, PORT, apart=apart, alone=alone))
        name, address = f"{self.prefix}-{number}", str(self.network.first_node + number)
        files = (File(STATE, text, mode=0o600),) if spec.clustered else ()
        self.driver.disconnect(self.reach(number).address)
        self.runtime.launch(Blueprint(name, self.image, words, address, 700 * MIB, {"n": str(number)}, files))

    @property
    def replication(self) -> ReplicationFacet:
        return having(self.driver.replication, self.spec.engine, "replication")

    @property
    def cluster_mode(self) -> ClusterModeFacet:
        return having(self.driver.cluster_mode, self.spec.engine, "cluster mode")

    def reach(self, number: int) -> Reach:
        return Reach(Address(str(self.network.first_node + number), PORT))

    def kill(self, number: int) -> None:
        self.runtime.kill(f"{self.prefix}-{number}")

    def membership(self, number: int) -> Membership | None:
        answer = self.driver.look(self.reach(number))
        return answer.membership if answer else None

    def place(self, number: int) -> Replication | None:
        answer = self.driver.look(self.reach(number))
        return answer.replication if answer else None

    def follows(self, replica: int, primary: int) -> bool:
        """Whether a replica has everything that its primary has."""
        target, place = self.place(primary), self.place(replica)
        if target is None or place is None or place.follows != self.reach(primary).address:
            return False
        return place.linked and place.offset >= target.offset

    def hears(self, replica: int, primary: int) -> bool:
        """Whether a replica, which is roused, is sent everything that its primary writes."""
        place = self.place(replica)
        if place is None or not place.linked:
            return False
        self.replication.request_ack(self.reach(replica), self.reach(primary))
        leader = self.place(primary)
        return leader is not None and self.reach(replica).address.host in leader.heard

    def serving(self, viewer: int, number: int) -> Ranges:
        """The slots that a node serves, as another one sees it."""
        view = self.membership(viewer)
        return view.peers[self.id(number)].slots if view and self.id(number) in view.peers else ()

    def agree(self, *numbers: int) -> None:
        """Wait until nodes know each other, take requests, and all slots are served."""
        chosen = numbers or tuple(range(len(self.cluster_nodes)))
        assert eventually(lambda: all(self._content(self.membership(number), chosen) for number in chosen))

    def _content(self, view: Membership | None, numbers: Sequence[int]) -> bool:
        if view is None or not view.serves or not {self.id(number) for number in numbers} <= set(view.peers):
            return False
        return union(*(peer.slots for peer in view.peers.values())) == EVERY

    def slot_move(self, source: int, target: int, slots: Ranges) -> Move:
        ids = (self.id(source), self.id(target))
        return Move(self.reach(source), self.reach(target), self.reach(target).address, slots, ids)

    def move(self, source: int, target: int, slots: Ranges) -> None:
        """Move all of them, in as many attempts as it takes."""
        while slots:
            arrived = self.cluster_mode.migrate_slots(self.slot_move(source, target, slots))
            assert arrived
            assert not difference(arrived, slots)
            slots = difference(slots, arrived)


def _pretend(prefix: str, version: str = "7.1.0") -> World:
    machine = Machine()
    runtime = MemoryRuntime(prefix, machine)

    def owner(address: Address, key: str) -> str:
        member = machine.processes.at(address.host).member
        assert member
        return next(member.known[name].address.host for name, slots in member.served().items() if keys_in([key], slots))

    def write(address: Address, pairs: Mapping[str, str]) -> None:
        for key, value in pairs.items():
            machine.processes.write(owner(address, key), key, value)

    def read(address: Address, keys: Sequence[str]) -> list[str | None]:
        return [machine.processes.at(owner(address, key)).data.get(key) for key in keys]

    driver, spec = pretend_driver(machine, EngineName.REDIS), _spec(EngineName.REDIS, version)
    image, build = f"redis:{version}", numbers(version)[:2]
    return World(runtime, runtime.open_network(), driver, spec, image, build, prefix, write, read)


def _docker(engine: EngineName, version: str) -> Callable[[str], World]:
    def made(prefix: str) -> World:
        docker = Engine()
        row = requested_version(engine, version)
        image = Images(docker).find(row.engine, row.version, row.family, row.upstream)
        build = tuple(int(part) for part in image.build.rpartition(" ")[2].split(".")[:2])
        runtime, driver = DockerRuntime(prefix, docker), RedisDriver(lambda: Credentials("", Path()))
        network, spec = runtime.open_network(), _spec(engine, row.described)
        return World(runtime, network, driver, spec, image.reference, build, prefix, _write, _read)

    return made


def _spec(engine: EngineName, version: str) -> Spec:
    return Spec(engine, version, "cache.t3.small", PORT, "", (), cluster_mode=ClusterMode.ENABLED)


def _client(address: Address) -> RedisCluster:
    return RedisCluster(address.host, address.port, decode_responses=True)


def _write(address: Address, pairs: Mapping[str, str]) -> None:
    with _client(address) as client:
        for key, value in pairs.items():
            client.set(key, value)


def _read(address: Address, keys: Sequence[str]) -> list[str | None]:
    """Wherever the node sends who asks; not every one tells clients of all slots."""
    with Redis(address.host, address.port, decode_responses=True) as client:
        return [_value(client, key) for key in keys]


def _value(client: Redis, key: str) -> str | None:
    try:
        value: Any = client.get(key)
    except MovedError as moved:
        return _read(Address(moved.host, moved.port), [key])[0]
    return str(value) if value is not None else None


ENGINES = [
    pytest.param(_docker(EngineName.REDIS, "6.0"), id="redis6", marks=pytest.mark.docker),
    pytest.param(_docker(EngineName.REDIS, "7.1"), id="redis7", marks=pytest.mark.docker),
    pytest.param(_docker(EngineName.VALKEY, "8.0"), id="valkey8", marks=pytest.mark.docker),
]
NARROW = {"proto-max-bulk-len": str(MIB)}
WIDE = {name: str(ROOM[name]) for name in NARROW}
PAIRS = {f"key:{number}": str(number) for number in range(300)}


def _made(make: Callable[[str], World]) -> Iterator[World]:
    made = make(f"cwcl-{uuid.uuid4().hex[:8]}")
    yield made
    made.runtime.raze()


PRETENDED = [
    pytest.param(_pretend, id="pretend"),
    pytest.param(partial(_pretend, version="6.0.5"), id="pretend-redis6"),
]


@pytest.fixture(params=[*PRETENDED, *ENGINES])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Any engine."""
    yield from _made(request.param)


@pytest.fixture(params=ENGINES)
def real(request: pytest.FixtureRequest) -> Iterator[World]:
    """An engine that runs."""
    yield from _made(request.param)


def eventually(what: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Whether it comes true in time."""
    pause, deadline = threading.Event(), monotonic() + seconds
    while not (true := what()) and monotonic() < deadline:
        pause.wait(0.02)
    return true


def test_nodes_that_begin_with_a_file_know_everybody(world: World) -> None:
    world.found(2, replicas=1)
    for number in range(4):
        view = world.membership(number)
        assert view
        assert view.id == world.id(number)
        assert {name: (peer.leads, peer.follows, peer.slots) for name, peer in view.peers.items()} == {
            cluster_node.id: (not cluster_node.follows, cluster_node.follows, cluster_node.slots)
            for cluster_node in world.cluster_nodes
        }
        assert not view.opened
    assert eventually(lambda: world.follows(1, 0) and world.follows(3, 2))
    everybody = {cluster_node.id for cluster_node in world.cluster_nodes}
    for number in range(4):
        assert eventually(partial(_tells_of, world, number, everybody))


def _tells_of(world: World, number: int, wanted: set[str]) -> bool:
    view = world.membership(number)
    return view is not None and view.listed == wanted and view.tells_own_slots


def test_a_primary_that_takes_over_from_nobody_serves_at_once(world: World) -> None:
    absent = replace(world.cluster_node(0, 0, slots=EVERY), id="d" * 40, address=NOWHERE)
    world.cluster_nodes.extend([absent, *(world.cluster_node(number, 0, absent.id) for number in (0, 1))])
    for number in (0, 1):
        world.launch(number)
    assert all(eventually(lambda n=number: world.membership(n) is not None) for number in (0, 1))  # type: ignore[misc]
    world.replication.promote(world.reach(0))
    view = world.membership(0)
    assert view
    assert view.serves
    assert view.peers[view.id].slots == EVERY
    assert eventually(lambda: world.follows(1, 0))
    for number in (0, 1):
        world.cluster_mode.cluster_forget(world.reach(number), [absent.id])
    world.agree(0, 1)


def apart(world: World) -> None:
    """A cluster of nodes 0 and 1, and nodes 2 and 3, which follow them shard by shard and are kept apart."""
    world.found(2)
    first, second = world.cluster_nodes
    for number, other, upstream in ((2, 3, first), (3, 2, second)):
        own, fellow = (world.cluster_node(n, n - 2, slots=world.cluster_nodes[n - 2].slots) for n in (number, other))
        outside = [replace(one, slots=(), apart=True, shard=own.shard) for one in (first, second)]
        file = [replace(own, follows=upstream.id), replace(fellow, apart=True), *outside]
        world.launch(number, file)
    assert all(eventually(partial(world.follows, number, number - 2)) for number in (2, 3))


def unnamed(world: World, number: int) -> set[str]:
    """Whom a replica that serves slots does not tell clients of: before Redis 6.2 itself."""
    return {world.id(number)} if world.version < (6, 2) else set()


def test_who_is_kept_apart_copies_another_cluster_and_serves_its_slots(world: World) -> None:
    apart(world)
    world.write(world.reach(0).address, PAIRS)
    for number in (2, 3):
        assert eventually(partial(world.follows, number, number - 2))
        view = world.membership(number)
        assert view
        assert (view.serves, view.apart) == (True, True)
        assert view.listed == {world.id(2), world.id(3)} - unnamed(world, number)
        assert [world.serving(number, one) for one in (2, 3)] == [one.slots for one in world.cluster_nodes]
        assert view.peers[world.id(5 - number)].apart
    assert not any(
        peer.apart for view in (world.membership(0), world.membership(1)) if view for peer in view.peers.values()
    )


def test_who_is_kept_apart_follows_somebody_else_of_whom_it_knows(world: World) -> None:
    apart(world)
    slots = world.cluster_nodes[0].slots
    for upstream in (1, 0):
        world.cluster_mode.cluster_follow(world.reach(2), world.id(upstream), slots)
        assert eventually(partial(world.follows, 2, upstream))
        assert world.serving(2, 2) == slots
    with pytest.raises(Later):
        world.cluster_mode.cluster_follow(world.reach(0), world.id(1), slots)
    assert world.serving(0, 0) == slots


def test_who_was_kept_apart_joins_others_once_it_leads(world: World) -> None:
    apart(world)
    world.write(world.reach(0).address, PAIRS)
    assert all(eventually(partial(world.follows, number, number - 2)) for number in (2, 3))
    for number in (2, 3):
        world.replication.promote(world.reach(number))
        world.cluster_mode.cluster_forget(world.reach(number), [world.id(0), world.id(1)])
    for number in (2, 3):
        world.cluster_mode.cluster_join(world.reach(number), [world.reach(5 - number).address])
    world.agree(2, 3)
    for number in (2, 3):
        assert eventually(partial(_is_ordinary, world, number))
    assert world.read(world.reach(2).address, list(PAIRS)) == list(PAIRS.values())
    world.write(world.reach(2).address, {"own": "x"})
    assert world.read(world.reach(0).address, ["own"]) == [None]


def test_a_replica_takes_over_from_one_that_began_anew_to_copy_somebody_who_is_gone(world: World) -> None:
    apart(world)
    own, fellow = (world.cluster_node(n, n - 2, slots=world.cluster_nodes[n - 2].slots) for n in (2, 3))
    kept = [replace(own, apart=True), replace(fellow, apart=True), world.cluster_node(4, 0, own.id)]
    world.launch(4, kept)
    world.write(world.reach(0).address, PAIRS)
    assert eventually(lambda: world.follows(2, 0) and world.follows(4, 2))
    for number in (0, 2):
        world.kill(number)
    outside = [replace(one, slots=(), apart=True) for one in world.cluster_nodes]
    world.launch(2, [replace(own, follows=world.id(0)), replace(fellow, apart=True), *outside])
    assert eventually(lambda: _waits(world, 2) and _waits(world, 4))
    for number in (4, 3):
        world.replication.promote(world.reach(number))
    assert eventually(lambda: world.serving(4, 4) == own.slots)
    leader = replace(world.cluster_node(4, 0, slots=own.slots), epoch=9)
    world.launch(2, [replace(own, follows=leader.id, slots=()), leader, replace(fellow, apart=True)])
    world.cluster_mode.cluster_forget(world.reach(3), [world.id(0), world.id(1)])
    for number, others in ((2, (3, 4)), (3, (2, 4)), (4, (2, 3))):
        assert eventually(lambda n=number: world.membership(n) is not None)  # type: ignore[misc]
        world.cluster_mode.cluster_join(world.reach(number), [world.reach(other).address for other in others])
    world.agree(2, 3, 4)
    assert eventually(lambda: world.follows(2, 4))
    assert world.read(world.reach(4).address, list(PAIRS)) == list(PAIRS.values())
    world.write(world.reach(4).address, {"own": "x"})


def _waits(world: World, number: int) -> bool:
    """Whether a replica answers that reaches nobody whom it could copy."""
    place = world.place(number)
    return place is not None and not (place.leads or place.linked)


def test_who_is_kept_apart_with_all_slots_answers_reads_and_serves_once_it_leads(world: World) -> None:
    world.found(1)
    first, own = world.cluster_nodes[0], world.cluster_node(1, 0, slots=EVERY)
    file = [replace(own, follows=first.id), replace(first, slots=(), apart=True, shard=own.shard)]
    world.launch(1, file, replace(world.spec, datastore=Member("world", Role.SECONDARY)))
    assert eventually(partial(world.follows, 1, 0))
    world.write(world.reach(0).address, PAIRS)
    assert eventually(partial(world.follows, 1, 0))
    view = world.membership(1)
    assert view
    assert (view.serves, view.alone, view.apart) == (False, True, True)
    assert view.listed == {world.id(1)} - unnamed(world, 1)
    assert view.tells_own_slots is bool(view.listed)
    assert world.read(world.reach(1).address, list(PAIRS)) == list(PAIRS.values())
    world.replication.promote(world.reach(1))
    world.cluster_mode.cluster_forget(world.reach(1), [world.id(0)])
    world.agree(1)
    world.cluster_mode.cluster_join(world.reach(1), [])
    world.write(world.reach(1).address, {"own": "x"})
    view = world.membership(1)
    assert view
    assert (view.serves, view.alone, view.apart) == (True, False, False)
    assert set(view.peers) == {world.id(1)}
    assert world.read(world.reach(0).address, ["own"]) == [None]


def _is_ordinary(world: World, number: int) -> bool:
    view = world.membership(number)
    if view is None or view.apart or set(view.peers) != {world.id(2), world.id(3)}:
        return False
    return all(peer.heard and not peer.apart for peer in view.peers.values())


def test_a_replica_comes_back_with_nothing_and_gets_everything(world: World) -> None:
    world.found(2, replicas=1)
    world.write(world.reach(0).address, PAIRS)
    world.kill(1)
    world.launch(1)
    assert eventually(lambda: world.follows(1, 0))
    world.agree()


def test_a_primary_says_whom_it_sends_everything(world: World) -> None:
    world.found(1, replicas=2)
    assert _heard(world) == {world.reach(number).address.host for number in (1, 2)}
    world.kill(1)
    assert eventually(lambda: _heard(world) == {world.reach(2).address.host})
    world.launch(1)
    assert eventually(lambda: world.hears(1, 0))


def _heard(world: World) -> frozenset[str]:
    place = world.place(0)
    return place.heard if place else frozenset()


def test_a_node_that_announces_another_address_is_known_and_heard_there(world: World) -> None:
    """Nobody is there: other nodes would find it at an address of the other family."""
    world.found(1, replicas=1)
    replica, elsewhere = world.reach(1), str(world.network.first_node + 9)
    world.cluster_mode.cluster_announce_host(replica, elsewhere)

    def is_known() -> bool:
        views = (world.membership(0), world.membership(1))
        return all(view and view.peers[world.id(1)].address.host == elsewhere for view in views)

    assert eventually(is_known)
    world.cluster_mode.cluster_announce_host(replica, replica.address.host)
    assert eventually(partial(world.follows, 1, 0))
    assert eventually(partial(world.hears, 1, 0))


def test_a_replica_that_has_told_another_address_tells_the_right_one(world: World) -> None:
    world.found(1, replicas=1)
    primary, replica, elsewhere = world.reach(0), world.reach(1), str(world.network.first_node + 9)

    def is_heard(host: str) -> bool:
        world.replication.request_ack(replica, primary, host)
        place = world.place(0)
        return place is not None and place.heard == {host}

    assert eventually(partial(is_heard, elsewhere))
    assert eventually(partial(is_heard, replica.address.host))
    assert eventually(partial(world.follows, 1, 0))


def test_a_replica_takes_over_from_a_dead_primary_which_comes_back_as_its_replica(world: World) -> None:
    world.found(2, replicas=1)
    world.write(world.reach(0).address, PAIRS)
    assert eventually(lambda: world.follows(1, 0))
    world.kill(0)
    world.replication.promote(world.reach(1))
    world.replication.promote(world.reach(1))
    assert all(eventually(lambda n=number: world.serving(n, 1) == split(2)[0]) for number in (1, 2, 3))  # type: ignore[misc]
    swapped = [
        replace(world.cluster_nodes[0], follows=world.id(1), slots=()),
        replace(world.cluster_nodes[1], follows="", epoch=9),
    ]
    world.launch(0, [swapped[0], replace(swapped[1], slots=split(2)[0]), *world.cluster_nodes[2:]])
    assert eventually(lambda: world.follows(0, 1))
    world.agree()
    assert world.read(world.reach(2).address, list(PAIRS)) == list(PAIRS.values())


def test_a_hand_over_turns_the_former_primary_into_a_replica(world: World) -> None:
    world.found(1, replicas=1)
    world.write(world.reach(0).address, PAIRS)
    assert eventually(lambda: world.follows(1, 0))
    hears = world.replication.switchover(world.reach(0), world.reach(1))
    assert hears == (world.version >= PAUSES_WRITES_FROM)
    assert eventually(lambda: world.serving(1, 1) == EVERY)
    world.replication.shut_down(world.reach(0)) if hears else world.kill(0)
    assert eventually(lambda: world.driver.look(world.reach(0)) is None)
    assert world.read(world.reach(1).address, list(PAIRS)) == list(PAIRS.values())


def candidate_that_dies(door: socket.socket) -> None:
    """Says once that it has received everything, and then nothing any more."""
    connection, _ = door.accept()
    with closing(connection):
        connection.recv(1024)
        connection.settimeout(LIMIT)
        lines = (
            *("role:slave", "master_host:a", "master_port:1", "master_link_status:up"),
            *("master_sync_in_progress:0", "slave_repl_offset:99999", "connected_slaves:0", "master_repl_offset:1", ""),
        )
        told = "\r\n".join(lines)
        connection.sendall(f"${len(told)}\r\n{told}\r\n".encode())
        connection.recv(1024)
    door.close()


def test_writes_go_on_at_once_after_a_hand_over_that_is_given_up(real: World) -> None:
    real.found(1)
    with ThreadPoolExecutor(1) as pool, socket.create_server(("127.0.0.1", 0)) as door:
        candidate = Reach(Address(*door.getsockname()))
        died = pool.submit(candidate_that_dies, door)
        with pytest.raises(Later, match="cannot switch over"):
            real.replication.switchover(real.reach(0), candidate)
        died.result(5.0)
    begun = monotonic()
    real.write(real.reach(0).address, {"key": "value"})
    assert monotonic() - begun < HELD_BLINDLY / 1000 + 1.0
    real.replication.resume_writes(real.reach(0))


def test_nodes_meet_join_and_part(world: World) -> None:
    world.found(2)
    world.launch(2, [world.cluster_node(2, 0)])
    assert eventually(lambda: world.membership(2) is not None)
    world.cluster_mode.cluster_meet(world.reach(2), [world.reach(0).address, world.reach(1).address])
    assert eventually(lambda: all(len(_peers(world, number)) == 3 for number in range(3)))
    world.cluster_mode.cluster_replicate(world.reach(2), world.id(0))
    assert eventually(lambda: world.follows(2, 0))
    world.kill(2)
    for _ in range(2):
        for number in range(2):
            world.cluster_mode.cluster_forget(world.reach(number), [world.id(2)])
    assert all(_peers(world, number) == {world.id(0), world.id(1)} for number in range(2))


def _peers(world: World, number: int) -> set[str]:
    view = world.membership(number)
    return set(view.peers) if view else set()


def test_slots_of_a_lost_node_are_served_by_another(world: World) -> None:
    world.found(2)
    world.kill(1)
    world.cluster_mode.assign_slots(world.reach(0), split(2)[1])
    assert world.serving(0, 0) == EVERY


def test_slots_move_with_their_keys(world: World) -> None:
    world.found(2)
    world.write(world.reach(0).address, PAIRS)
    world.move(0, 1, ((0, 3999),))
    assert eventually(lambda: all(world.serving(number, 1) == ((0, 3999), *split(2)[1]) for number in range(2)))
    assert all(view and not view.opened for view in map(world.membership, range(2)))
    assert world.read(world.reach(0).address, list(PAIRS)) == list(PAIRS.values())


def test_a_move_that_was_begun_is_finished(real: World) -> None:
    real.found(2)
    real.write(real.reach(0).address, PAIRS)
    source, target = (Redis(real.reach(number).address.host, PORT) for number in range(2))
    for slot in range(0, 1000, 2):
        target.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", real.id(0))
        source.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", real.id(1))
    target.execute_command("CLUSTER", "SETSLOT", 0, "NODE", real.id(1))
    view = real.membership(0)
    assert view
    assert size(view.opened) > 400
    real.move(0, 1, ((0, 999),))
    assert eventually(lambda: all(real.serving(number, 1) == ((0, 999), *split(2)[1]) for number in range(2)))
    assert all(view and not view.opened for view in map(real.membership, range(2)))
    assert real.read(real.reach(0).address, list(PAIRS)) == list(PAIRS.values())


def test_slots_are_taken_with_the_herald_and_not_without(real: World) -> None:
    real.found(2)
    source, target = (Redis(real.reach(number).address.host, PORT) for number in range(2))
    key = sentinel_key(5)
    for client, words in ((target, ("IMPORTING", real.id(0))), (source, ("MIGRATING", real.id(1)))):
        for slot in (4, 5):
            client.execute_command("CLUSTER", "SETSLOT", slot, *words)
    stale = target.pipeline(transaction=False)
    stale.execute_command("ASKING").execute_command("RPUSH", key, "from an earlier attempt").execute()
    with awaited(target, [4, 5], real.id(1)) as arrival:
        assert eventually(lambda: bool(_waiting(target)))
        target.execute_command("CLIENT", "UNBLOCK", *_waiting(target))
        assert not arrival.happened()
    assert real.serving(1, 1) == split(2)[1]
    if real.version >= (8,):
        return  # it waits for its replicas, and is told by the agent
    with awaited(target, [4, 5], real.id(1)) as arrival:
        source.execute_command("CLUSTER", "SETSLOT", 5, "STABLE")
        source.rpush(key, 1)
        host = real.reach(1).address.host
        source.execute_command("MIGRATE", host, PORT, "", 0, 5000, "KEYS", key)
        assert arrival.happened()
    assert real.serving(1, 1) == union(((4, 5),), split(2)[1])
    assert target.keys("*") == []


@pytest.mark.parametrize("real", ENGINES[:2], indirect=True)
def test_the_source_says_where_slots_have_gone_without_having_been_told(real: World) -> None:
    real.found(2)
    source, target = (Redis(real.reach(number).address.host, PORT) for number in range(2))
    transfer = KeyTransfer(real.slot_move(0, 1, ((4, 6),)), source, target, ("", ""), opens=True)
    for slot in (4, 5, 6):
        target.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", real.id(0))
    assert transfer.run([6], sentinel_key(6)) == "went"  # nobody waits for it there
    assert real.serving(0, 0) == split(2)[0]
    assert source.keys("*") == []
    with awaited(target, [4, 5], real.id(1)) as arrival:
        assert transfer.run([4, 5], sentinel_key(5)) == "taken"
        assert real.serving(0, 1) == real.serving(1, 1) == union(((4, 5),), split(2)[1])
        assert arrival.happened()
    assert source.keys("*") == []
    assert target.keys("*") == [sentinel_key(6).encode()]


def test_without_memory_for_a_sentinel_key_slots_move_all_the_same(real: World) -> None:
    real.found(2)
    real.write(real.reach(0).address, PAIRS)
    with Redis(real.reach(0).address.host, PORT) as client:
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", 1)
    real.move(0, 1, ((0, 999),))
    assert real.serving(1, 1) == ((0, 999), *split(2)[1])
    assert real.read(real.reach(1).address, list(PAIRS)) == list(PAIRS.values())


def _waiting(client: Redis) -> list[int]:
    """Who waits for a key."""
    return [int(one["id"]) for one in client.client_list() if "b" in one["flags"]]


def test_slots_that_stayed_open_are_closed(real: World) -> None:
    real.found(2)
    source, target = (Redis(real.reach(number).address.host, PORT) for number in range(2))
    source.execute_command("CLUSTER", "SETSLOT", 5, "MIGRATING", real.id(1))
    target.execute_command("CLUSTER", "SETSLOT", 5, "IMPORTING", real.id(0))
    for number in range(2):
        assert _opened(real, number) == ((5, 5),)
        real.cluster_mode.stabilize_slots(real.reach(number), ((5, 5),))
        assert _opened(real, number) == ()
    assert real.serving(0, 0) == split(2)[0]


def _opened(world: World, number: int) -> Ranges:
    view = world.membership(number)
    assert view
    return view.opened


def test_clients_that_know_both_ends_see_no_failure(real: World) -> None:
    real.found(2, replicas=1)
    written, stop = list[str](), threading.Event()

    def work() -> None:
        with _client(real.reach(0).address) as client:
            while not stop.is_set():
                key = f"written:{len(written)}"
                client.set(key, key)
                written.append(key)
                assert client.get(written[len(written) // 2]) == written[len(written) // 2]

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        try:
            assert eventually(lambda: len(written) > 200)
            real.move(0, 2, ((0, 2047),))
        finally:
            stop.set()
        working.result()
    assert real.read(real.reach(0).address, written) == written


def test_slots_move_between_nodes_that_want_a_login(real: World) -> None:
    real.found(2)
    real.write(real.reach(0).address, PAIRS)
    for number in range(2):
        with Redis(real.reach(number).address.host, PORT) as client:
            client.execute_command("ACL", "SETUSER", AGENT, "on", ">secret", *everything(real.version))
            client.execute_command("ACL", "SETUSER", "default", "resetpass", ">other")
    driver = RedisDriver(lambda: Credentials("secret", Path()))
    ends = [replace(real.reach(number), login=True) for number in range(2)]
    going: Ranges = ((0, 999),)
    while left := difference(going, _slots(driver, ends[1], real.id(1))):
        driver.cluster_mode.migrate_slots(replace(real.slot_move(0, 1, left), source=ends[0], target=ends[1]))
    with RedisCluster(ends[0].address.host, PORT, password="other", decode_responses=True) as client:
        assert [client.get(key) for key in PAIRS] == list(PAIRS.values())
    with Redis(ends[1].address.host, PORT, password="other", decode_responses=True) as client:
        assert sorted(client.execute_command("ACL", "USERS")) == [AGENT, "default"]


def test_what_a_move_left_behind_is_seen_and_taken_back(real: World) -> None:
    real.found(1)
    login, user = real.version >= (6,), f"{MIGRATION_USER}-{real.id(0)}"
    with Redis(real.reach(0).address.host, PORT, decode_responses=True) as client:
        client.execute_command("CONFIG", "SET", "hz", TICKS[0])
        client.execute_command("ACL", "SETUSER", AGENT, "on", ">secret", *everything(real.version))
        client.execute_command("ACL", "SETUSER", user, "on")
        driver = RedisDriver(lambda: Credentials("secret", Path()))
        end = replace(real.reach(0), login=login)
        assert _is_prepared(driver, end)
        client.config_set("proto-max-bulk-len", ROOM["proto-max-bulk-len"])
        driver.cluster_mode.end_migration(end, NARROW)
        assert client.config_get("proto-max-bulk-len") == NARROW
        assert not _is_prepared(driver, end)
        assert client.config_get("hz") == {"hz": "10"}
        assert user not in client.execute_command("ACL", "USERS")


@pytest.mark.parametrize("before", ["proto-max-bulk-len", ""], ids=["left wide", "narrow"])
def test_limits_are_as_desired_after_a_move_whatever_they_were(real: World, before: str) -> None:
    real.found(2)
    real.write(real.reach(0).address, PAIRS)
    with Redis(real.reach(1).address.host, PORT, decode_responses=True) as target:
        target.config_set("proto-max-bulk-len", ROOM[before] if before else NARROW["proto-max-bulk-len"])
        real.cluster_mode.migrate_slots(replace(real.slot_move(0, 1, ((0, 99),)), limits=NARROW))
        assert target.config_get("proto-max-bulk-len") == NARROW
        assert target.config_get("hz") == {"hz": "10"}


def test_two_sources_leave_each_other_room(real: World) -> None:
    real.found(2)
    move, arrivals = replace(real.slot_move(0, 1, ()), limits=NARROW), Arrivals()
    with Redis(real.reach(1).address.host, PORT, decode_responses=True) as target:
        with arrivals.made_room(target, move):
            with arrivals.made_room(target, move):
                assert target.config_get("proto-max-bulk-len") == WIDE
            assert target.config_get("proto-max-bulk-len") == WIDE
        assert target.config_get("proto-max-bulk-len") == NARROW


def _is_prepared(driver: Driver, node: Reach) -> bool:
    answer = driver.look(node)
    assert answer
    assert answer.membership
    return answer.membership.prepared


def test_a_source_is_not_silent_for_longer_than_the_patience(real: World) -> None:
    """Its target hangs: it takes connections and never answers."""
    real.found(2)
    patience, slot = 1.5, next(slot for slot in map(slot_of, PAIRS) if slot < 8192)
    real.write(real.reach(0).address, PAIRS)
    with Redis(real.reach(0).address.host, PORT) as client, _hanging(real) as address, ThreadPoolExecutor(1) as pool:
        move = replace(real.slot_move(0, 1, ((slot, slot),)), address=address, patience=patience)
        moving = pool.submit(real.cluster_mode.migrate_slots, move)
        longest = 0.0
        while not moving.done():
            begun = monotonic()
            client.ping()
            longest = max(longest, monotonic() - begun)
    assert isinstance(moving.exception(), Later)
    assert 0.5 < longest < patience


@pytest.mark.parametrize("real", ENGINES[:1], indirect=True)
@pytest.mark.parametrize("end", ["source", "target"])
@pytest.mark.parametrize("fate", ["gone", "hangs"])
def test_an_end_that_does_not_answer_keeps_nobody_for_long(real: World, end: str, fate: str) -> None:
    """Whoever moves slots of a group does nothing else for it: a failover would have to wait."""
    real.found(2)
    with _hanging(real) as hanging, ThreadPoolExecutor(1) as pool:
        lost = Reach(hanging) if fate == "hangs" else real.reach(7)
        move = real.slot_move(0, 1, ((0, 99),))
        move = replace(move, source=lost) if end == "source" else replace(move, target=lost, address=lost.address)
        moving = pool.submit(real.cluster_mode.migrate_slots, move)
        assert isinstance(moving.exception(timeout=20), Later)


@pytest.mark.parametrize("real", ENGINES[:2], indirect=True)
def test_a_sentinel_key_that_does_not_arrive_goes_by_itself(real: World) -> None:
    real.found(2)
    with Redis(real.reach(0).address.host, PORT) as client, _hanging(real) as address:
        with pytest.raises(Later, match="IOERR"):
            real.cluster_mode.migrate_slots(replace(real.slot_move(0, 1, ((5, 5),)), address=address, patience=0.5))
        assert 0 < client.pttl(sentinel_key(5)) < 60_000


@contextmanager
def _hanging(world: World) -> Iterator[Address]:
    """Where somebody takes connections and never says a word, within reach of the nodes."""
    with socket.create_server((str(world.network.host), 0)) as door:
        yield Address(str(world.network.host), door.getsockname()[1])


def _slots(driver: Driver, node: Reach, identifier: str) -> Ranges:
    answer = driver.look(node)
    assert answer
    assert answer.membership
    return answer.membership.peers[identifier].slots


@pytest.mark.parametrize("real", ENGINES[1:2], indirect=True)
def test_a_key_that_is_too_large_stays_and_everything_else_moves(real: World) -> None:
    real.found(2)
    with _client(real.reach(0).address) as client:
        client.setrange("key:7", 257 * MIB, "x")
        slot = client.keyslot("key:7")
    source = 0 if slot < 8192 else 1
    arrived = real.cluster_mode.migrate_slots(real.slot_move(source, 1 - source, ((slot - 1, slot + 1),)))
    assert arrived == ((slot - 1, slot - 1), (slot + 1, slot + 1))
    with pytest.raises(Never, match=f"cannot move slot {slot}: its key key:7 takes 257 MB"):
        real.cluster_mode.migrate_slots(real.slot_move(source, 1 - source, ((slot, slot),)))


def test_a_replica_that_waits_for_the_kernel_is_idle(real: World) -> None:
    """Nobody has the address of its primary yet."""
    real.launch(0, spec=replace(real.spec, cluster_mode=ClusterMode.DISABLED))
    assert eventually(lambda: real.place(0) is not None)
    with Redis(real.reach(0).address.host, PORT) as client:
        client.execute_command("REPLICAOF", real.reach(7).address.host, PORT)
        assert eventually(lambda: client.execute_command("ROLE")[3] == b"connecting")
        place = real.place(0)
    assert place
    assert place.idle


@pytest.mark.parametrize("wanted", [True, False])
def test_a_copy_is_loaded_as_it_comes_where_that_is_wanted(real: World, wanted: bool) -> None:
    for number in range(2):
        real.launch(number, spec=replace(real.spec, cluster_mode=ClusterMode.DISABLED))
    assert eventually(lambda: all(map(real.place, range(2))))
    real.replication.replicate_from(real.reach(1), Link(real.reach(0).address, diskless_load=wanted))
    assert eventually(lambda: real.follows(1, 0))
    with Redis(real.reach(1).address.host, PORT, decode_responses=True) as client:
        found = client.config_get("repl-diskless-load")
    assert found == ({"repl-diskless-load": "on-empty-db" if wanted else "disabled"} if real.version >= (6,) else {})


def test_a_cluster_grows_out_of_a_node_that_runs_without_cluster_mode(real: World) -> None:
    real.launch(0, spec=replace(real.spec, cluster_mode=ClusterMode.DISABLED))
    assert eventually(lambda: real.place(0) is not None)
    with Redis(real.reach(0).address.host, PORT) as client:
        client.mset(PAIRS)
    real.launch(1, [real.cluster_node(0, 0, slots=EVERY), real.cluster_node(1, 0, real.id(0))])
    assert eventually(lambda: real.follows(1, 0))
    assert real.membership(0) is None
    real.replication.switchover(real.reach(0), real.reach(1))
    assert eventually(lambda: real.serving(1, 1) == EVERY)
    real.kill(0)
    real.cluster_mode.cluster_forget(real.reach(1), [real.id(0)])
    assert real.read(real.reach(1).address, list(PAIRS)) == list(PAIRS.values())

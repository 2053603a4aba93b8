"""The whole agent with its threads, on the pretend machine: nothing waits for what takes its time."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import pytest

from cachewright.agents.agent import Agent
from cachewright.agents.backends import Backend, PretendImages, instance_of, pretend
from cachewright.agents.loop.agent_lanes import AT_A_TIME
from cachewright.agents.memory.engines.driver import PretendRedis
from cachewright.agents.memory.engines.nodes import PretendNodes
from cachewright.agents.memory.gateway import MemoryGateway
from cachewright.agents.memory.machine import Machine
from cachewright.agents.memory.runtime import MemoryRuntime
from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.planning.images import Image
from cachewright.agents.planning.labels import GATEWAY, NODE
from cachewright.agents.planning.links import NOBODY, Reach
from cachewright.agents.planning.pulse import Inquiry, Pulse
from cachewright.agents.planning.verdicts import Never
from cachewright.agents.planning.world import Answer
from cachewright.agents.runtime.network import Network
from cachewright.agents.system.secrets import DirectorySecrets
from cachewright.agents.system.shared import boots_told
from cachewright.controlplane.api.dispatch import Dispatch
from cachewright.controlplane.model.cache import Address, Cache, Key, Kind
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.versions import Engine
from cachewright.controlplane.settings import RuntimeKind, Settings
from cachewright.controlplane.store.database import Store
from tests.house import ACCOUNT, REGION, Anybody

LIMIT = 30.0  # seconds; whatever takes longer waits for what does not end


@dataclass
class Gate:
    """Where calls wait, while it is closed for them."""

    closed: Callable[[str], bool] = lambda _: False
    opened: Event = field(default_factory=Event)
    waiting: list[str] = field(default_factory=list)

    def pass_through(self, name: str) -> None:
        if not self.opened.is_set() and self.closed(name):
            self.waiting.append(name)
            self.opened.wait()  # `running` opens every gate in the end


class SlowImages(PretendImages):
    """Images that are found when the gate lets them."""

    def __init__(self, gate: Gate) -> None:
        self.gate, self.found = gate, list[str]()

    def find(self, engine: str, version: str, family: str, upstream: str) -> Image:
        self.gate.pass_through(family)
        self.found.append(family)
        return super().find(engine, version, family, upstream)


class SlowRuntime(MemoryRuntime):
    """Containers that start when the gate lets them."""

    def __init__(self, instance: str, machine: Machine, gate: Gate) -> None:
        super().__init__(instance, machine)
        self.gate, self.networks_opened = gate, 0
        self.leaders: dict[str, tuple[str, ...]] = {}  # whom nodes were launched to follow

    def open_network(self, preferred: str = "", *, ipv6: bool = True) -> Network:
        self.networks_opened += 1
        return super().open_network(preferred, ipv6=ipv6)

    def launch(self, blueprint: Blueprint) -> None:
        self.gate.pass_through(blueprint.name)
        if "--replicaof" in blueprint.command:
            told = blueprint.command.index("--replicaof")
            self.leaders[blueprint.labels[NODE]] = blueprint.command[told + 1 : told + 3]
        super().launch(blueprint)


class SlowEngines(PretendRedis):
    """Engines that answer when the gate lets them."""

    def __init__(self, nodes: PretendNodes, gate: Gate) -> None:
        super().__init__(nodes)
        self.gate = gate

    def look(self, node: Reach) -> Answer | None:
        self.gate.pass_through(node.address.host)
        return super().look(node)

    def pulses(self, inquiries: Sequence[Inquiry]) -> Sequence[Pulse | None]:
        said = zip(inquiries, super().pulses(inquiries), strict=True)
        return [None if self.gate.closed(one.node.address.host) else pulse for one, pulse in said]


@dataclass
class Plane:
    """A control plane that runs, with a gate before each thing that may take its time."""

    path: Path
    options: dict[str, Any]
    images: Gate = field(default_factory=Gate)
    launches: Gate = field(default_factory=Gate)
    looks: Gate = field(default_factory=Gate)

    def __post_init__(self) -> None:
        settings = Settings(data_dir=self.path, runtime=RuntimeKind.MEMORY, **self.options)
        self.store = Store(settings.database)
        self.store.prepare()
        self.machine, instance = Machine(), instance_of(self.store)
        self.runtime = SlowRuntime(instance, self.machine, self.launches)
        self.source = SlowImages(self.images)
        self.agent = Agent(self.store, settings, instance, self.backend(instance), now)
        self.dispatch = Dispatch(self.store, ("a", "b", "c"), now, Random(7))

    def backend(self, instance: str) -> Backend:
        plain = pretend(instance, DirectorySecrets(self.path, now), self.machine)
        gateway = plain.gateway(Address("", 0))
        assert isinstance(gateway, MemoryGateway)
        self.gateway, self.directory = gateway, plain.directory(Address("", 0), "")
        slow = {
            e: SlowEngines(PretendNodes(self.machine, e, gateway), self.looks) for e in (Engine.REDIS, Engine.VALKEY)
        }
        return replace(plain, runtime=self.runtime, images=self.source, drivers={**plain.drivers, **slow})

    def create(self, name: str, engine: str = "redis", nodes: int = 2, region: str = REGION) -> None:
        self.dispatch(
            "CreateReplicationGroup",
            {
                "ReplicationGroupId": name,
                "ReplicationGroupDescription": "d",
                "CacheNodeType": "cache.t3.micro",
                "Engine": engine,
                "NumCacheClusters": nodes,
                "AutomaticFailoverEnabled": nodes > 1,
            },
            Anybody(region=region),
        )

    def fail_over(self, name: str) -> None:
        self.dispatch("TestFailover", {"ReplicationGroupId": name, "NodeGroupId": "0001"}, Anybody())

    def cache(self, name: str) -> Cache:
        with self.store.read() as transaction:
            cache = transaction.caches.get(Key(ACCOUNT, REGION, Kind.REPLICATION_GROUP, name))
        assert cache
        return cache

    def available(self, name: str) -> bool:
        return self.cache(name).phase is Phase.AVAILABLE

    def led_by(self, name: str, node: str) -> bool:
        """Whether a group is whole again after a failover to a node."""
        cache = self.cache(name)
        return cache.phase is Phase.AVAILABLE and cache.status.shards["0001"].primary == node

    def open(self) -> None:
        for gate in (self.images, self.launches, self.looks):
            gate.opened.set()


def now() -> datetime:
    return datetime.now(UTC)


def eventually(so: Callable[[], bool]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + LIMIT
    while not so():
        assert time.monotonic() < deadline, "it never is"
        time.sleep(0.005)


@contextmanager
def running(directory: Path, **options: Any) -> Iterator[Plane]:
    plane = Plane(directory, options)
    plane.agent.start()
    try:
        yield plane
    finally:
        plane.open()
        plane.agent.stop()
        plane.store.close()


def test_a_replica_that_is_launched_with_its_primary_follows_nobody_until_that_answers(tmp_path: Path) -> None:
    with running(tmp_path) as plane:
        plane.create("rg", nodes=2)
        eventually(lambda: plane.available("rg"))
        assert plane.runtime.leaders == {"rg-002.0001": (NOBODY.host, str(NOBODY.port))}
        count = {"ReplicationGroupId": "rg", "NewReplicaCount": 2, "ApplyImmediately": True}
        plane.dispatch("IncreaseReplicaCount", count, Anybody())
        eventually(lambda: "rg-003.0001" in plane.runtime.leaders and plane.available("rg"))
        primary = plane.cache("rg").status.nodes["rg-001.0001"].address
        assert plane.runtime.leaders["rg-003.0001"] == (primary.host, str(primary.port))


def test_a_failover_while_40_nodes_wait_for_an_image(tmp_path: Path) -> None:
    with running(tmp_path) as plane:
        plane.create("rg")
        eventually(lambda: plane.available("rg"))
        plane.images.closed = lambda family: family.startswith("valkey")
        for number in range(10):
            plane.create(f"new-{number}", engine="valkey", nodes=4)
        eventually(lambda: len(plane.images.waiting) > 0)
        plane.fail_over("rg")
        eventually(lambda: plane.led_by("rg", "rg-002.0001"))
        assert len(plane.images.waiting) == 1  # one job for all
        assert not any(family.startswith("valkey") for family in plane.source.found)
        plane.open()
        eventually(lambda: all(plane.available(f"new-{number}") for number in range(10)))
        assert [family for family in plane.source.found if family.startswith("valkey")] == plane.images.waiting


def test_a_failover_while_8_caches_are_silent(tmp_path: Path) -> None:
    with running(tmp_path, probe_interval=0.05) as plane:
        names = [f"rg-{number}" for number in range(9)]
        for name in names:
            plane.create(name)
        eventually(lambda: all(map(plane.available, names)))
        silent = {node.address.host for name in names[1:] for node in plane.cache(name).status.nodes.values()}
        plane.looks.closed = silent.__contains__
        eventually(lambda: set(plane.looks.waiting) == silent)  # pings have found out, and nobody's look has ended
        plane.fail_over("rg-0")
        eventually(lambda: plane.led_by("rg-0", "rg-0-002.0001"))
        assert sorted(plane.looks.waiting) == sorted(silent)


def test_the_patience_ends_while_a_look_goes_on(tmp_path: Path) -> None:
    with running(tmp_path, probe_interval=0.05, patience=1.0) as plane:
        plane.create("rg")
        eventually(lambda: plane.available("rg"))
        primary = plane.cache("rg").status.nodes["rg-001.0001"].address.host
        plane.machine.processes.at(primary).reached = False
        eventually(lambda: plane.cache("rg").status.nodes["rg-001.0001"].silent_since is not None)
        plane.looks.closed = primary.__eq__
        eventually(lambda: plane.cache("rg").status.shards["0001"].primary == "rg-002.0001")
        assert primary in plane.looks.waiting
        assert not plane.looks.opened.is_set()


def test_a_failover_while_500_caches_are_created(tmp_path: Path) -> None:
    with running(tmp_path) as plane:
        plane.create("rg")
        eventually(lambda: plane.available("rg"))
        plane.launches.closed = lambda name: "-new" in name
        for number in range(250):
            for region in ("eu-west-1", "eu-west-3"):  # each has its quota
                plane.create(f"new{number}", nodes=1, region=region)
        eventually(lambda: len(plane.launches.waiting) > 0)
        plane.fail_over("rg")
        eventually(lambda: plane.led_by("rg", "rg-002.0001"))
        assert len(plane.launches.waiting) <= AT_A_TIME
        assert not [name for name in plane.runtime.containers() if "-new" in name.name]


def test_stopping_while_things_wait_ends_at_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running(tmp_path, probe_interval=0.05) as plane, caplog.at_level(logging.INFO):
        plane.create("rg")
        eventually(lambda: plane.available("rg"))
        plane.images.closed = lambda family: family.startswith("valkey")
        plane.looks.closed = lambda _: True
        plane.create("new", engine="valkey")
        eventually(lambda: bool(plane.images.waiting and plane.looks.waiting))
        begin = time.monotonic()
        plane.agent.stop()
        assert time.monotonic() - begin < 1.5
        assert "a bug in Cachewright" not in caplog.text


def test_what_is_impossible_is_not_tried_again_with_every_patrol(tmp_path: Path) -> None:
    with running(tmp_path, poll_interval=0.01) as plane:
        attempts = []

        def refused(blueprint: Blueprint) -> Never | None:
            if "-rg-" not in blueprint.name:
                return None
            attempts.append(blueprint.name)
            return Never("it cannot be")

        eventually(lambda: bool(plane.runtime.containers(GATEWAY)))
        looks = plane.runtime.networks_opened
        eventually(lambda: plane.runtime.networks_opened > looks + 1)  # everything was made due by a new gateway
        plane.machine.refusal = refused
        plane.create("rg", nodes=2)
        eventually(lambda: plane.cache("rg").phase is Phase.FAILED)
        looks = plane.runtime.networks_opened
        eventually(lambda: plane.runtime.networks_opened > looks + 50)  # as often as the patrol goes round
        assert len(attempts) == 2


@pytest.mark.parametrize(
    ("gateway", "directory", "told"),
    [("", "", ""), ("g 1", "", "g 1"), ("g 1", "d 2", "g 1 d 2"), ("", "d 2", "")],
)
def test_without_a_gateway_nobody_is_told(gateway: str, directory: str, told: str) -> None:
    assert boots_told(gateway, directory) == told

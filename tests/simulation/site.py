"""The whole: a database, a machine of many hosts, agents that come and go, and who watches that they keep apart."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from math import inf
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select

from cachewright.agents.backends import Backend, pretend
from cachewright.agents.loop.sources import key_of
from cachewright.agents.memory.machine import Machine
from cachewright.agents.memory.runtime import MemoryRuntime
from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.planning.labels import CACHE, LIFE, NODE
from cachewright.agents.system.secrets import DirectorySecrets
from cachewright.controlplane.api.dispatch import Dispatch
from cachewright.controlplane.model.cache import Cache, Key, Kind
from cachewright.controlplane.model.hosts import Host
from cachewright.controlplane.model.snapshots import Due
from cachewright.controlplane.store.cache_rows import named
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.tables import caches
from tests.house import REGION, TRIO, Anybody
from tests.simulation.database import Time, Way
from tests.simulation.process import INSTANCE, Process

PER_ACCOUNT = 90  # groups of three nodes: AWS allows 300 nodes
TURN = 0.0005  # seconds that a turn takes
NOTICED = 7.0  # seconds after which everybody has noticed whatever happened
LONGEST = 600.0  # seconds in which everything has come to rest


class Deeds(MemoryRuntime):
    """The container engines as one agent has them, watched."""

    def __init__(self, machine: Machine, told: Callable[[str, str], None]) -> None:
        super().__init__(INSTANCE, machine)
        self.told = told

    def launch(self, blueprint: Blueprint) -> None:
        """See Runtime."""
        self.told(blueprint.labels.get(CACHE, ""), "")
        super().launch(blueprint)
        self.told(blueprint.labels.get(CACHE, ""), f"{blueprint.labels[NODE]} {blueprint.labels[LIFE]}")

    def remove(self, name: str) -> None:
        """See Runtime."""
        self.told((self.machine.labels_of(name) or {}).get(CACHE, ""), "")
        super().remove(name)


@dataclass(slots=True)
class Site:
    """Everything; one thread, one clock."""

    directory: Path
    watched: bool = True  # whether it is seen who acts on what, which the database is asked for
    time: Time = field(default_factory=Time)
    machine: Machine = field(default_factory=Machine)
    chance: Random = field(default_factory=lambda: Random(7))
    agents: list[Process] = field(default_factory=list)
    begun: Counter[tuple[str, str]] = field(default_factory=Counter)  # lives of nodes, by cache
    trespasses: list[str] = field(default_factory=list)  # deeds on a cache that was another agent's
    _names: "count[int]" = field(default_factory=count)
    store: Way = field(init=False)
    _backend: Backend = field(init=False)

    def __post_init__(self) -> None:
        self.store = self._way()
        self.store.prepare()
        self._backend = pretend(INSTANCE, DirectorySecrets(self.directory, self.time.now), self.machine)

    def tell_hosts(self, number: int) -> None:
        """So many hosts are there, in three zones; before any agent."""
        for n in range(number):
            host = Host(f"h{n}", f"tcp://10.77.1.{n}:2375", "abc"[n % 3], f"10.77.1.{n}", 1 << 40)
            self.machine.add_host(host.name, host.memory, host.address)
            with self.store.write() as transaction:
                transaction.hosts.write(host)

    def add_agents(self, number: int) -> None:
        """So many more."""
        for _ in range(number):
            name = f"agent {next(self._names)}"
            runtime = Deeds(self.machine, partial(self._watch, name) if self.watched else lambda *_: None)
            backend = replace(self._backend, runtime=runtime)
            self.agents.append(Process(name, self._way(), self.directory, backend, self.machine, self.time))

    def kill(self, agent: Process) -> None:
        """SIGKILL."""
        self.agents.remove(agent)
        agent.end()

    def create(self, number: int) -> Key:
        """Ask for a group of three nodes in three zones."""
        key = key_of_group(number)
        self.call(key, "CreateReplicationGroup", **TRIO)
        return key

    def call(self, key: Key, operation: str, **params: Any) -> Mapping[str, Any]:
        """A request about a group."""
        dispatch = Dispatch(self.store, ("a", "b", "c"), self.time.now, self.chance)
        return dispatch(operation, {"ReplicationGroupId": key.id, **params}, Anybody(key.account))

    def cut(self, *, off: bool) -> None:
        """The database goes away, or is there again."""
        for way in (self.store, *(agent.way for agent in self.agents)):
            way.cut = off

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        end = self.time.passed + seconds
        while self._step(end):
            pass

    def settle(self) -> None:
        """Let time pass until everything has been noticed and is as desired, and every cache is a living agent's."""
        self.run(NOTICED)
        self.until(self.rests)

    def until(self, done: Callable[[], bool]) -> None:
        """Let time pass until it is so, asked whenever nobody has anything to do at the moment."""
        end = self.time.passed + LONGEST
        while not done():
            while self._due():
                self._step(end)
            assert self._step(end), f"not so after {LONGEST} s"

    def refresh(self) -> None:
        """Nothing of what everybody does from time to time is due for a moment."""
        for agent in self.agents:
            agent.refresh()
        while self._due():
            self._step(inf)

    def is_settled(self) -> bool:
        """Whether every cache is as desired, as far as is known."""
        with self.store.read() as transaction:
            return not transaction.caches.keys(unsettled=True)

    def rests(self) -> bool:
        """Whether it is, and every cache a living agent's."""
        tokens = {agent.member.standing.token for agent in self.agents} - {""}
        with self.store.read() as transaction:
            return transaction.members.caches_of().keys() <= tokens and self.is_settled()

    def caches(self) -> list[Cache]:
        """Every one."""
        with self.store.read() as transaction:
            return transaction.caches.all()

    def owner(self, key: Key) -> str:
        """The token of the agent that works on a cache."""
        with self.store.read() as transaction:
            cache = transaction.caches.get(key)
        return cache.ownership.owner if cache else ""

    def close(self) -> None:
        """Give everything back."""
        for agent in list(self.agents):
            self.kill(agent)
        self.store.close()

    def _due(self) -> list[Process]:
        return [one for one in self.agents if not one.held and one.due <= self.time.passed]

    def _step(self, end: float) -> bool:
        """One thing that is due, or the time until then; whether the end is not there yet."""
        if due := self._due():
            self.chance.choice(due).step()
            self.time.passed += TURN
        else:
            self.time.passed = min([end, *(one.due for one in self.agents if not one.held)])
        return self.time.passed < end

    def _way(self) -> Way:
        way = Way(f"sqlite:///{self.directory / 'site.db'}")
        way.wake(self._committed)
        return way

    def _committed(self, due: set[Due]) -> None:
        for agent in self.agents:
            if not agent.way.cut:
                agent.words.append(due)

    def _watch(self, name: str, cache: str, life: str) -> None:
        """An agent acts on a container of a cache, or has begun a life of a node."""
        agent = next(one for one in self.agents if one.member.name == name)
        whose = select(caches.c.owner).where(*named(key)) if (key := key_of(cache)) else None
        with Store.read(agent.way) as transaction:
            owner = transaction.connection.execute(whose).scalar() if whose is not None else None
        if owner not in (None, agent.member.standing.token):
            self.trespasses.append(f"{name} on {cache}")
        if life:
            self.begun[cache, life] += 1


def key_of_group(number: int) -> Key:
    """The groups are in as many accounts as they need."""
    return Key(f"{number // PER_ACCOUNT:012}", REGION, Kind.REPLICATION_GROUP, f"rg{number}")

"""Several agents at one PostgreSQL and one machine: caches are shared out, and whoever is gone is missed by nobody."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

import pytest

from cachewright.agents.agent import Agent
from cachewright.agents.backends import Backend, instance_of, pretend
from cachewright.agents.memory.machine import Machine
from cachewright.agents.memory.runtime import MemoryRuntime
from cachewright.agents.planning.containers import Blueprint, State
from cachewright.agents.planning.labels import LIFE, NODE
from cachewright.agents.reconcile.claims import Shared
from cachewright.agents.system.secrets import DirectorySecrets
from cachewright.controlplane.api.dispatch import Dispatch
from cachewright.controlplane.membership import Membership
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.membership import Role
from cachewright.controlplane.settings import RuntimeKind, Settings
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.members import Register
from tests.contract import postgresql
from tests.contract.conftest import server
from tests.contract.cut import Way, way
from tests.e2e.waiting import until
from tests.house import Anybody

__all__ = ["server"]  # fixtures

GROUPS = [f"rg{number}" for number in range(6)]


def now() -> datetime:
    return datetime.now(UTC)


class Counting(MemoryRuntime):
    """Counts how often each life of each node begins."""

    def __init__(self, instance: str, machine: Machine, begun: Counter[tuple[str, str]]) -> None:
        super().__init__(instance, machine)
        self.begun = begun

    def launch(self, blueprint: Blueprint) -> None:
        self.begun[blueprint.labels.get(NODE, blueprint.name), blueprint.labels.get(LIFE, "")] += 1
        super().launch(blueprint)


@dataclass
class Process:
    """What a process with the role of an agent is made of, and its own way to the database."""

    way: Way
    store: Store
    member: Membership
    agent: Agent

    @property
    def caches(self) -> int:
        with self.store.read() as transaction:
            return transaction.members.caches_of().get(self.member.standing.token, 0)

    def leave(self) -> None:
        self.agent.stop()
        self.member.stop()


@dataclass
class Site:
    """One machine, one database, and as many agents as are wanted."""

    server: Path
    directory: Path
    until_the_end: ExitStack
    begun: Counter[tuple[str, str]] = field(default_factory=Counter)
    numbers: Iterator[int] = field(default_factory=count)
    machine: Machine = field(default_factory=Machine)

    def __post_init__(self) -> None:
        self.url = postgresql.new_database(self.server)
        self.store = self.until_the_end.enter_context(_closing(Store(self.url)))
        self.store.prepare()
        self.store.work_together()
        self.instance = instance_of(self.store)
        self.backend = self._backend()
        self.dispatch = Dispatch(self.store, ("a", "b", "c"), now, Random(7))

    def _backend(self) -> Backend:
        plain = pretend(self.instance, DirectorySecrets(self.directory, now), self.machine)
        return replace(plain, runtime=Counting(self.instance, self.machine, self.begun))

    def agent(self, clock: Callable[[], datetime] = now) -> Process:
        """Another one, whose machine's clock may be off."""
        path = self.until_the_end.enter_context(way(self.server))
        store = self.until_the_end.enter_context(_closing(Store(path.url(self.url))))
        store.work_together()
        member = Membership(Register(path.url(self.url)), Role.AGENT, clock, f"agent {next(self.numbers)}")
        settings = Settings(data_dir=self.directory, runtime=RuntimeKind.MEMORY)
        claims = Shared(member.name, lambda: member.standing)
        agent = Agent(store, settings, self.instance, self.backend, member.now, claims)
        member.follow(agent.moved)
        member.start()
        agent.start()
        made = Process(path, store, member, agent)
        self.until_the_end.callback(made.leave)
        self.until_the_end.callback(path.mend)
        return made

    def create(self, *names: str) -> None:
        wanted = {"CacheNodeType": "cache.t3.micro", "NumCacheClusters": 2, "AutomaticFailoverEnabled": True}
        for name in names:
            params = {"ReplicationGroupId": name, "ReplicationGroupDescription": "d", "Engine": "redis", **wanted}
            self.dispatch("CreateReplicationGroup", params, Anybody())

    def caches(self) -> list[Cache]:
        with self.store.read() as transaction:
            return transaction.caches.all()

    def rest(self) -> bool:
        """Whether all is as it was desired."""
        return all(cache.phase is Phase.AVAILABLE for cache in self.caches())

    def owned_by(self, process: Process) -> Cache:
        token = process.member.standing.token
        return next(cache for cache in self.caches() if cache.ownership.owner == token)

    def now(self, cache: Cache) -> Cache:
        return next(one for one in self.caches() if one.key == cache.key)

    def kill_primary(self, cache: Cache) -> str:
        primary = self.now(cache).status.shards["0001"].primary
        found = self.backend.runtime.containers()
        self.machine.kill(next(one.name for one in found if one.labels.get(NODE) == primary))
        return primary

    def failed_over(self, cache: Cache, before: str) -> bool:
        seen = self.now(cache)
        return seen.phase is Phase.AVAILABLE and seen.status.shards["0001"].primary != before

    def nothing_twice(self) -> None:
        assert max(self.begun.values()) == 1, self.begun
        running = Counter(
            one.labels[NODE]
            for one in self.backend.runtime.containers()
            if NODE in one.labels and one.state is State.RUNNING
        )
        assert sorted(running) == sorted(node.name for cache in self.caches() for node in cache.spec.nodes)
        assert set(running.values()) == {1}


class _closing:  # noqa: N801 - as contextlib's
    def __init__(self, store: Store) -> None:
        self.store = store

    def __enter__(self) -> Store:
        return self.store

    def __exit__(self, *_: object) -> None:
        self.store.close()


@pytest.fixture
def site(server: Path, tmp_path: Path) -> Iterator[Site]:
    """A machine and a database without agents."""
    with ExitStack() as until_the_end:
        yield Site(server, tmp_path, until_the_end)


def test_caches_are_shared_out_and_go_to_who_comes_and_from_who_leaves(site: Site) -> None:
    first, second = site.agent(), site.agent(lambda: now() + timedelta(hours=1))
    site.create(*GROUPS)
    until("all are there", site.rest)
    assert first.caches + second.caches == len(GROUPS)
    assert min(first.caches, second.caches) > 0
    third = site.agent(lambda: now() - timedelta(hours=1))
    until("all are somebody's again", lambda: first.caches + second.caches + third.caches == len(GROUPS))
    first.leave()
    second.leave()
    until("the last one has all", lambda: third.caches == len(GROUPS))
    cache = site.owned_by(third)
    before = site.kill_primary(cache)
    until("another node leads", lambda: site.failed_over(cache, before))
    site.nothing_twice()


def test_an_agent_that_is_cut_off_is_missed_by_nobody_and_does_nothing(site: Site) -> None:
    agents = [site.agent(), site.agent()]
    site.create(*GROUPS)
    until("all are there", site.rest)
    lost = next(agent for agent in agents if agent.caches)
    cache = site.owned_by(lost)
    lost.way.cut()
    before = site.kill_primary(cache)
    until("another agent has seen to it", lambda: site.failed_over(cache, before))
    site.nothing_twice()
    lost.way.mend()
    until("it takes part again", lambda: lost.member.standing.token and lost.caches + other(agents, lost).caches == 6)
    before = site.kill_primary(cache)
    until("another node leads", lambda: site.failed_over(cache, before))
    site.nothing_twice()


def test_a_database_that_was_away_costs_time_and_nothing_else(site: Site) -> None:
    agents = [site.agent(), site.agent()]
    site.create(*GROUPS)
    until("all are there", site.rest)
    for agent in agents:
        agent.way.cut()
    until("nobody is a member", lambda: not any(agent.member.standing.token for agent in agents))
    cache = site.caches()[0]
    before = site.kill_primary(cache)
    for agent in agents:
        agent.way.mend()
    until("another node leads", lambda: site.failed_over(cache, before))
    until("all are somebody's", lambda: sum(agent.caches for agent in agents) == len(GROUPS))
    site.nothing_twice()


def other(agents: list[Process], one: Process) -> Process:
    return next(agent for agent in agents if agent is not one)

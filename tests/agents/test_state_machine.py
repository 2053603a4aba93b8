"""Random requests and random faults, in any order: whatever happens, what is promised holds."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cachewright.agents.planning.containers import State
from cachewright.controlplane.model.cache import Address, Cache, Key, Kind
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.lifecycle import Phase
from tests.agents.test_reconcile import assert_sound
from tests.house import ACCOUNT, REGION, House, house

GROUP = Key(ACCOUNT, REGION, Kind.REPLICATION_GROUP, "rg")
NODES = st.sampled_from([f"rg-00{number}.0001" for number in range(1, 5)])
FAULTS: dict[str, Callable[[House, str], None]] = {
    "kill": lambda home, name: home.machine.kill(name),
    "pause": lambda home, name: home.machine.pause(name),
    "remove": lambda home, name: home.machine.remove(name),
}


class Life(RuleBasedStateMachine):
    """One replication group, from its creation to its end and again."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = TemporaryDirectory()
        self.home = house(Path(self.directory.name))
        self.told: dict[str, Address] = {}
        self.hasty = False  # does not let everything come to rest before the next request

    def teardown(self) -> None:
        """Whatever has happened: left alone, it comes to rest and is sound; deleted, nothing is left."""
        self.home.settle()
        if cache := self.cache():
            assert_sound(self.home, cache)
            self.request("DeleteReplicationGroup", ReplicationGroupId="rg")
            self.home.settle()
        assert self.home.containers() == []
        self.home.pool.shutdown()
        self.home.store.close()
        self.directory.cleanup()

    def cache(self) -> Cache | None:
        """The group as it is remembered."""
        with self.home.store.read() as transaction:
            return transaction.caches.get(GROUP)

    def request(self, operation: str, **params: Any) -> None:
        """A request, sooner or later after the one before. It may be refused; a refusal changes nothing."""
        if not self.hasty:
            self.settle()
        self.hasty = False
        before = self.cache()
        try:
            self.home.call(operation, **params)
        except Fault:
            assert self.cache() == before

    @initialize(nodes=st.integers(2, 4))
    def begin(self, nodes: int) -> None:
        self.create(nodes, failover=True)

    @rule()
    def hurry(self) -> None:
        self.hasty = True

    @rule(nodes=st.integers(1, 4), failover=st.booleans())
    def create(self, nodes: int, failover: bool) -> None:
        self.request(
            "CreateReplicationGroup", ReplicationGroupId="rg", ReplicationGroupDescription="d", Engine="redis",
            CacheNodeType="cache.t3.micro", NumCacheClusters=nodes, AutomaticFailoverEnabled=failover and nodes > 1,
        )  # fmt: skip

    @rule()
    def delete(self) -> None:
        self.request("DeleteReplicationGroup", ReplicationGroupId="rg")

    @rule()
    def fail_over(self) -> None:
        self.request("TestFailover", ReplicationGroupId="rg", NodeGroupId="0001")

    @rule(node=NODES)
    def reboot(self, node: str) -> None:
        self.request("RebootCacheCluster", CacheClusterId=node.partition(".")[0], CacheNodeIdsToReboot=["0001"])

    @rule(count=st.integers(0, 3), more=st.booleans())
    def count_replicas(self, count: int, more: bool) -> None:
        operation = "IncreaseReplicaCount" if more else "DecreaseReplicaCount"
        self.request(operation, ReplicationGroupId="rg", NewReplicaCount=count, ApplyImmediately=True)

    @rule(node_type=st.sampled_from(["cache.t3.micro", "cache.t3.small", "cache.m5.large"]), now=st.booleans())
    def modify(self, node_type: str, now: bool) -> None:
        self.request("ModifyReplicationGroup", ReplicationGroupId="rg", CacheNodeType=node_type, ApplyImmediately=now)

    @rule(enabled=st.booleans())
    def switch_failover(self, enabled: bool) -> None:
        self.request(
            "ModifyReplicationGroup", ReplicationGroupId="rg", AutomaticFailoverEnabled=enabled, ApplyImmediately=True
        )

    @rule(node=NODES)
    def promote(self, node: str) -> None:
        primary = node.partition(".")[0]
        self.request("ModifyReplicationGroup", ReplicationGroupId="rg", PrimaryClusterId=primary, ApplyImmediately=True)

    @rule(timeout=st.sampled_from(["0", "20", "30"]), renamed=st.booleans())
    def tune(self, timeout: str, renamed: bool) -> None:
        """Other values of the parameter group: one that nodes take at once, one that waits for their next start."""
        cache = self.cache()
        if cache and not cache.deleting:
            values = (*((("rename-commands", "KEYS ALL"),) if renamed else ()), ("timeout", timeout))
            with self.home.store.write() as transaction:
                transaction.caches.write_specs([(cache.key, replace(cache.spec, parameters=values))])

    @rule(node=NODES, fault=st.sampled_from(sorted(FAULTS)))
    def break_node(self, node: str, fault: str) -> None:
        running = [c for c in self.home.containers() if c.labels.get("cachewright.node") == node]
        for container in running:
            if container.state is State.RUNNING and "cachewright.role" not in container.labels:
                FAULTS[fault](self.home, container.name)

    @rule()
    def break_everything(self) -> None:
        for container in self.home.containers():
            if container.state is State.RUNNING:
                self.home.machine.kill(container.name)

    @rule()
    def crash_agent(self) -> None:
        self.home.restart()

    @rule()
    def look_away(self) -> None:
        """The container engine is gone for one look."""
        self.home.machine.away = True
        self.home.reconcile(GROUP)
        self.home.machine.away = False

    @rule()
    def work(self) -> None:
        self.home.reconcile(GROUP)

    @precondition(lambda self: self.cache() is not None)
    @rule()
    def settle(self) -> None:
        self.home.settle()
        if cache := self.cache():
            assert_sound(self.home, cache)
            self.check_values(cache)

    def check_values(self, cache: Cache) -> None:
        """Every node has what a running node can be told."""
        wanted = dict(cache.spec.parameters).get("timeout", "0")
        for node in cache.status.nodes.values():
            assert self.home.machine.processes.at(node.address.host).configuration["timeout"] == wanted

    @invariant()
    def one_primary_at_most(self) -> None:
        """Of the containers that clients may have been told of."""
        cache = self.cache()
        if cache is None or cache.status.phase in (Phase.CREATING, Phase.FAILED, Phase.DELETING):
            return
        leading = [name for name in cache.status.nodes if self.takes_writes(cache, name)]
        assert len(leading) <= 1, leading

    def takes_writes(self, cache: Cache, name: str) -> bool:
        try:
            process = self.home.machine.processes.at(cache.status.nodes[name].address.host)
        except ConnectionError:
            return False
        return not process.leader and "fenced" not in process.settings

    @invariant()
    def told_addresses_stay(self) -> None:
        cache = self.cache()
        if cache is None:
            self.told = {}
            return
        now = {name: node.address for name, node in cache.status.nodes.items()} | dict(cache.status.endpoints)
        assert all(now[name] == address for name, address in self.told.items() if name in now)
        self.told = now


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestLife = Life.TestCase

"""Random requests and faults for a group in cluster mode: it always comes to rest with every slot served."""

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
from tests.agents.test_cluster_mode import assert_whole, membership, sharded
from tests.agents.test_state_machine import FAULTS
from tests.house import ACCOUNT, REGION, house

GROUP = Key(ACCOUNT, REGION, Kind.REPLICATION_GROUP, "rg")
SHARDS = st.sampled_from(["0001", "0002", "0003", "0004"])


class Shards(RuleBasedStateMachine):
    """One group whose shards come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = TemporaryDirectory()
        self.home = house(Path(self.directory.name))
        self.told: dict[str, Address] = {}

    def teardown(self) -> None:
        """Left alone, everything comes to rest and is sound."""
        self.home.settle()
        assert_whole(self.home, self.cache())
        self.home.pool.shutdown()
        self.home.store.close()
        self.directory.cleanup()

    def cache(self) -> Cache:
        """The group as it is remembered."""
        return self.home.cache(GROUP.kind, GROUP.id)

    def request(self, operation: str, **params: Any) -> None:
        """A request, which may be refused; a refusal changes nothing."""
        before = self.cache()
        try:
            self.home.call(operation, ReplicationGroupId="rg", **params)
        except Fault:
            assert self.cache() == before

    @initialize(shards=st.integers(1, 3), replicas=st.integers(0, 2))
    def begin(self, shards: int, replicas: int) -> None:
        sharded(self.home, shards, replicas)

    @rule(count=st.integers(1, 4))
    def reshard(self, count: int) -> None:
        here = [shard.id for shard in self.cache().spec.shards]
        going = {"NodeGroupsToRemove": here[count:]} if count < len(here) else {}
        self.request("ModifyReplicationGroupShardConfiguration", NodeGroupCount=count, ApplyImmediately=True, **going)

    @rule(shard=SHARDS)
    def fail_over(self, shard: str) -> None:
        self.request("TestFailover", NodeGroupId=shard)

    @rule(count=st.integers(0, 2), more=st.booleans())
    def count_replicas(self, count: int, more: bool) -> None:
        self.request(f"{'Increase' if more else 'Decrease'}ReplicaCount", NewReplicaCount=count, ApplyImmediately=True)

    @rule(node_type=st.sampled_from(["cache.t3.micro", "cache.t3.small"]))
    def modify(self, node_type: str) -> None:
        self.request("ModifyReplicationGroup", CacheNodeType=node_type, ApplyImmediately=True)

    @rule(number=st.integers(0, 11), fault=st.sampled_from(sorted(FAULTS)))
    def break_node(self, number: int, fault: str) -> None:
        running = [container for container in self.home.containers() if container.state is State.RUNNING]
        if running:
            FAULTS[fault](self.home, running[number % len(running)].name)

    @rule()
    def crash_agent(self) -> None:
        self.home.restart()

    @rule()
    def work(self) -> None:
        """A short while: a poke ends it at the next rest."""
        self.home.reconcile(GROUP)

    @rule()
    def settle(self) -> None:
        self.home.settle()
        assert_whole(self.home, self.cache())

    @invariant()
    @precondition(lambda self: hasattr(self, "home"))
    def told_addresses_stay(self) -> None:
        with self.home.store.read() as transaction:
            cache = transaction.caches.get(GROUP)
        if cache is None:
            return
        now = {name: node.address for name, node in cache.status.nodes.items()} | dict(cache.status.endpoints)
        assert all(now[name] == address for name, address in self.told.items() if name in now)
        self.told = now

    @invariant()
    def one_primary_at_most_in_a_shard(self) -> None:
        with self.home.store.read() as transaction:
            cache = transaction.caches.get(GROUP)
        if cache is None or cache.status.phase is Phase.CREATING:
            return
        for known in cache.status.shards.values():
            leading = [node.name for node in known.members if self._takes_writes(cache, node.name)]
            assert len(leading) <= 1, leading

    def _takes_writes(self, cache: Cache, name: str) -> bool:
        if name not in cache.status.nodes:
            return False
        try:
            process = self.home.machine.processes.at(cache.status.nodes[name].address.host)
        except ConnectionError:
            return False
        if process.leader or "fenced" in process.settings:
            return False
        view = membership(self.home, cache, name)
        return bool(view.peers[view.id].slots)


Shards.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestShards = Shards.TestCase

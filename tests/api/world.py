"""The API over a real store, with an agent that is a few lines long: it makes every spec come true at once."""

import itertools
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cachewright.controlplane.api.dispatch import Dispatch
from cachewright.controlplane.model.buckets import ObjectName, ObjectVersion, Refusal
from cachewright.controlplane.model.cache import Address, Cache, Key, Kind, NodeStatus, ShardStatus, Status
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.lifecycle import NodePhase, Phase
from cachewright.controlplane.model.nouns import Noun, Resource
from cachewright.controlplane.model.questions import NoEngines
from cachewright.controlplane.model.quotas import Quotas
from cachewright.controlplane.model.tags import Tags
from cachewright.controlplane.model.usage import Usage
from cachewright.controlplane.model.vpcs import SecurityGroups, Silent, Subnets, VpcSubnet
from cachewright.controlplane.store.database import Store

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
_ACCOUNTS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever asks."""

    account: str
    region: str = "us-east-1"


@cache
def shared_store() -> Store:
    """One store for all tests of a process; every test has an account of its own in it."""
    directory = tempfile.TemporaryDirectory(prefix="cachewright-tests-")
    store = Store(f"sqlite:///{Path(directory.name) / 'api.db'}")
    store.prepare()
    _DIRECTORIES.append(directory)
    return store


KEY = "arn:aws:kms:us-east-1:000000000000:key/k"
_DIRECTORIES: list[tempfile.TemporaryDirectory[str]] = []  # removed when the process ends


Looks = Mapping[str, ObjectVersion | Refusal]


@dataclass(frozen=True, slots=True)
class Full(NoEngines):
    """Engines that only tell how full they are, the same for every cache; and buckets."""

    nodes: Mapping[str, Usage]
    looks: Looks = field(default_factory=dict)
    vpcs: "Vpcs | Silent | None" = None

    def usage(self, _cache: Cache) -> Mapping[str, Usage]:
        """What the test says."""
        return self.nodes

    def kms_key(self, key: str, region: str) -> str:
        """There is one key, in one region."""
        return "" if (key, region) == (KEY, "us-east-1") else f"cannot use the key {key}: it does not exist"

    def objects(self, names: Sequence[ObjectName]) -> Mapping[ObjectName, ObjectVersion | Refusal]:
        """What the test says."""
        return {name: self.looks[str(name)] for name in names if str(name) in self.looks}

    def subnets(self, names: Sequence[str], _region: str) -> Subnets:
        """What the test says."""
        vpcs = self.vpcs
        return {name: vpcs.subnets[name] for name in names if name in vpcs.subnets} if isinstance(vpcs, Vpcs) else vpcs

    def security_groups(self, names: Sequence[str], _region: str) -> SecurityGroups:
        """What the test says."""
        vpcs = self.vpcs
        return {name: vpcs.groups[name] for name in names if name in vpcs.groups} if isinstance(vpcs, Vpcs) else vpcs


@dataclass(frozen=True, slots=True)
class Vpcs:
    """All that an EC2 knows."""

    subnets: Mapping[str, VpcSubnet] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """An account with nothing in it, and a clock that only moves when it is told to."""

    caller: Caller = field(default_factory=lambda: Caller(f"{next(_ACCOUNTS):012}"))
    now: datetime = START
    store: Store = field(default_factory=shared_store)
    usage: Mapping[str, Usage] = field(default_factory=dict)  # how full nodes are
    looks: dict[str, ObjectVersion | Refusal] = field(default_factory=dict)  # by name: what is seen of objects
    vpcs: Vpcs | Silent | None = None  # None: there is no EC2
    quotas: Quotas = field(default_factory=Quotas)
    random: Random = field(default_factory=lambda: Random(7))

    def ask(self, operation: str, **params: Any) -> dict[str, Any]:
        """The answer to an operation."""
        engines = Full(self.usage, self.looks, self.vpcs)
        dispatch = Dispatch(self.store, ("a", "b", "c"), lambda: self.now, self.random, engines, quotas=self.quotas)
        return dispatch(operation, params, self.caller)

    def refusal(self, operation: str, **params: Any) -> tuple[str, str]:
        """The shape and the message of the fault with which an operation is refused."""
        with pytest.raises(Fault) as refused:
            self.ask(operation, **params)
        return refused.value.shape, refused.value.message

    def cluster(self, name: str, **params: Any) -> dict[str, Any]:
        """A new Redis cluster, unless the parameters say otherwise."""
        usual = {"CacheClusterId": name, "Engine": "redis", "CacheNodeType": "cache.t3.micro"}
        answer: dict[str, Any] = self.ask("CreateCacheCluster", **usual | params)["CacheCluster"]
        return answer

    def group(self, name: str, **params: Any) -> dict[str, Any]:
        """A new Valkey group, unless the parameters say otherwise."""
        usual = {"ReplicationGroupId": name, "ReplicationGroupDescription": "of a test", "Engine": "valkey"}
        usual |= {"CacheNodeType": "cache.t3.micro"}
        answer: dict[str, Any] = self.ask("CreateReplicationGroup", **usual | params)["ReplicationGroup"]
        return answer

    def shown_cluster(self, name: str) -> dict[str, Any]:
        """A cache cluster as DescribeCacheClusters shows it, with its nodes."""
        (shown,) = self.ask("DescribeCacheClusters", CacheClusterId=name, ShowCacheNodeInfo=True)["CacheClusters"]
        return dict(shown)

    def shown_group(self, name: str) -> dict[str, Any]:
        """A replication group as DescribeReplicationGroups shows it."""
        (shown,) = self.ask("DescribeReplicationGroups", ReplicationGroupId=name)["ReplicationGroups"]
        return dict(shown)

    def cache(self, name: str) -> Cache:
        """What is remembered of a cache cluster or replication group."""
        with self.store.read() as transaction:
            found = (transaction.caches.get(self._key(kind, name)) for kind in Kind)
            return next(cache for cache in found if cache)

    def tags(self, noun: Noun, name: str) -> Tags:
        """What is remembered of the tags of a resource."""
        with self.store.read() as transaction:
            return transaction.tags.of(Resource(self.caller.account, self.caller.region, noun, name))

    def report(self, name: str, status: Status) -> None:
        """Write a report."""
        cache = self.cache(name)
        with self.store.write() as transaction:
            transaction.caches.write_status(cache, status, settled=False)

    def settle(self, name: str) -> None:
        """Make the spec come true: everything runs, every reboot and failover is done."""
        self.report(name, fulfilled(self.cache(name), self.now))

    def phase(self, name: str, phase: Phase) -> None:
        """Say that a cache is in some phase."""
        self.report(name, replace(self.cache(name).status, phase=phase))

    def node_phase(self, name: str, node: str, phase: NodePhase) -> None:
        """Say that one node of a cache is in some phase."""
        status = self.cache(name).status
        self.report(name, replace(status, nodes={**status.nodes, node: replace(status.nodes[node], phase=phase)}))

    def gone(self, name: str) -> None:
        """Nothing of the cache is left."""
        cache = self.cache(name)
        with self.store.write() as transaction:
            transaction.caches.remove(cache)

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def _key(self, kind: Kind, name: str) -> Key:
        return Key(self.caller.account, self.caller.region, kind, name)


def fulfilled(cache: Cache, now: datetime) -> Status:
    """The report of a cache that is as desired: addresses by the order of the nodes, failovers swap the roles."""
    spec = cache.spec
    nodes = {
        node.name: NodeStatus(Address(f"10.0.0.{number}", spec.port), NodePhase.AVAILABLE, reboots=node.reboots)
        for number, node in enumerate(spec.nodes, 1)
    }
    volume = "volume" if spec.durable else ""
    nodes = {name: replace(node, created_at=now, volume=volume) for name, node in nodes.items()}
    shards, endpoints = {}, {}
    if cache.key.kind is Kind.SERVERLESS_CACHE:
        endpoints = {"primary": Address("10.0.1.1", spec.port), "reader": Address("10.0.1.1", spec.port + 1)}
    elif not spec.replicates:
        endpoints = {"configuration": Address("10.0.1.1", spec.port)}
    elif cache.key.kind is Kind.REPLICATION_GROUP:
        endpoints = {"primary": Address("10.0.1.1", spec.port), "reader": Address("10.0.1.2", spec.port)}
        if spec.clustered:
            endpoints["configuration"] = Address("10.0.1.3", spec.port)
    if spec.replicates and cache.key.kind is not Kind.CACHE_CLUSTER:
        for shard in spec.shards:
            leader = shard.nodes[shard.failovers % len(shard.nodes)]
            members = shard.nodes if spec.clustered else ()
            shards[shard.id] = ShardStatus(leader.name, "", shard.failovers, slots=shard.slots, members=members)
    return Status(Phase.AVAILABLE, cache.generation, nodes, shards, endpoints, version=spec.version)

"""Nodes that are started before anybody asks for them: made as those of the last cache of their engine and version,
each at an address of its own. Whoever creates such a cache gets one of them with its address.
"""

import logging
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import IPv4Address
from threading import Condition, Event
from time import monotonic

from cachewright.agents.planning.actions import Launch
from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.planning.images import need_of
from cachewright.agents.planning.labels import WARM, warm_prefix
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.addresses import AHEAD, NODES, node_range
from cachewright.agents.reconcile.blueprints import Blueprints
from cachewright.agents.runtime.runtime import Runtime
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import (
    Address,
    Cache,
    ClusterMode,
    Key,
    Kind,
    Node,
    NodeStatus,
    Shard,
    Spec,
    Status,
    Transit,
)
from cachewright.controlplane.model.fingerprints import fingerprints_of
from cachewright.controlplane.model.pending import Change, Pending
from cachewright.controlplane.model.schedule import Schedule
from cachewright.controlplane.model.versions import DEFAULT_PORT, Engine, EngineVersion
from cachewright.controlplane.model.vpcs import IPV4
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.leases import Exhausted

USUAL = "cache.t4g.small"  # the node type until somebody asks for another one
_EPOCH = datetime(2025, 1, 1, tzinfo=UTC)  # no container is made from when a cache was
_NODE = Node(AHEAD, "0001", "")

_IN_VAIN = 30.0  # seconds until what could never be done is tried again
_YIELD = 0.5  # seconds that a cache which was given a node has for itself
_PAUSE = 1.0  # seconds between two looks when nobody has taken any

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Warm:
    """One that runs and is nobody's."""

    blueprint: Blueprint
    shape: Spec


@dataclass(slots=True, eq=False)
class WarmPool:
    """Implements `StartedAhead`. Safe to share among threads."""

    store: Store
    wanted: Mapping[EngineVersion, int]  # how many of each there are to be
    restricted: bool  # whether caches that come are so
    _shapes: dict[EngineVersion, Spec] = field(default_factory=dict)
    _idle: deque[Warm] = field(default_factory=deque)
    _given: dict[str, Warm] = field(default_factory=dict)  # by address: caches have it, and have not launched yet
    _changed: Condition = field(default_factory=Condition)
    _taken_at: float = -_YIELD  # when the last one was given

    def __post_init__(self) -> None:
        self._shapes = {row: _usual(row, restricted=self.restricted) for row in self.wanted}

    def take(self, spec: Spec) -> str:
        """See StartedAhead. What is asked for is what is started from now on."""
        shape = shape_of(spec)
        if shape is None or spec.release not in self._shapes:
            return ""
        with self._changed:
            self._shapes[spec.release] = shape
            self._changed.notify_all()
            found = next((warm for warm in self._idle if warm.shape == shape), None)
            if found is None:
                return ""
            self._idle.remove(found)
            self._given[found.blueprint.address] = found
            self._taken_at = monotonic()
            return found.blueprint.name

    def launch(self, runtime: Runtime, blueprint: Blueprint) -> None:
        """See StartedAhead."""
        with self._changed:
            warm = self._given.pop(blueprint.address, None)
        if warm:
            name, labels = warm.blueprint.name, warm.blueprint.labels
            try:
                if replace(blueprint, name=name, labels=labels) == warm.blueprint:
                    return runtime.adopt(name, blueprint)
            except Later as verdict:
                log.info("cannot adopt %s: %s", name, verdict.reason)
            runtime.remove(name)
        return runtime.launch(blueprint)

    def clear(self, tools: Tools) -> None:
        """Remove what an earlier run has left, and what is nobody's of this one."""
        with self._changed:
            self._idle.clear()
            self._given.clear()
        for container in tools.runtime.containers(WARM):
            tools.runtime.remove(container.name)
        with self.store.write() as transaction:
            transaction.leases.release(AHEAD)
            transaction.facts.write(AHEAD, "")

    @property
    def is_needed(self) -> bool:
        """Whether anything is to be started, or may have been left by an earlier run."""
        with self.store.read() as transaction:
            return bool(self.wanted or transaction.facts.read(AHEAD))

    def fill(self, tools: Tools) -> bool:
        """Start one that is missing, and remove one that is of no use any more; whether there was anything to do."""
        with self._changed:
            shape, unlike = self._missing(), next((warm for warm in self._idle if not self._is_wanted(warm)), None)
            if unlike:
                self._idle.remove(unlike)
        if unlike:
            self._remove(tools, unlike.blueprint.name)
        if shape:
            self._start(tools, shape)
        return bool(unlike or shape)

    def _start(self, tools: Tools, shape: Spec) -> None:
        name = f"{warm_prefix(tools.instance)}{secrets.token_hex(6)}"
        try:
            blueprint = self._blueprint(tools, shape, name)
            tools.runtime.launch(blueprint)
        except (Later, Never, Exhausted):
            self._remove(tools, name)
            raise
        with self._changed:
            self._idle.append(Warm(blueprint, shape))

    def _remove(self, tools: Tools, name: str) -> None:
        tools.runtime.remove(name)
        with self.store.write() as transaction:
            transaction.leases.release(AHEAD, name)

    def await_change(self, seconds: float) -> None:
        """Until somebody has taken one, or has asked for something else."""
        with self._changed:
            if not self._missing() and all(map(self._is_wanted, self._idle)):
                self._changed.wait(seconds)

    @property
    def holds_back(self) -> float:
        """Seconds until the next one may be started: whoever was given one a moment ago goes first."""
        return max(0.0, self._taken_at + _YIELD - monotonic())

    def wake(self) -> None:
        """Somebody who waits looks again."""
        with self._changed:
            self._changed.notify_all()

    def _missing(self) -> Spec | None:
        for row, count in self.wanted.items():
            shape = self._shapes[row]
            if sum(warm.shape == shape for warm in self._idle) < count:
                return shape
        return None

    def _is_wanted(self, warm: Warm) -> bool:
        return self._shapes[warm.shape.release] == warm.shape

    def _blueprint(self, tools: Tools, shape: Spec, name: str) -> Blueprint:
        """What a node of such a cache is made from, but for whose it is."""
        need = need_of(shape)
        image = tools.images.find(need.engine, need.version, need.family, need.upstream)
        with self.store.write() as transaction:
            transaction.facts.write(AHEAD, name)  # before there is anything that another run would have to remove
            number = transaction.leases.take(NODES, node_range(tools.network), AHEAD, name)
        made, address = fingerprints_of(shape), Address(str(IPv4Address(number)), shape.port)
        node = NodeStatus(address, fingerprint=made.fingerprint, transit=made.transit, login=made.login)
        key = Key("000000000000", "us-east-1", Kind.CACHE_CLUSTER, AHEAD)
        cache = Cache(key, AHEAD, _EPOCH, 1, deleting=False, spec=shape, status=Status(nodes={_NODE.name: node}))
        blueprint = Blueprints(tools, cache, cache.status).node(Launch(_NODE.name, image))
        return replace(blueprint, name=name, labels=WARM)


def keep(pool: WarmPool, tools: Callable[[], Tools], stop: Event) -> None:
    """Keep it filled until the end."""
    while pool.is_needed and not stop.is_set():
        try:
            pool.clear(tools())
            while pool.wanted and not stop.is_set():
                if pause := pool.holds_back:
                    stop.wait(pause)
                elif not pool.fill(tools()):
                    pool.await_change(_PAUSE)
        except (Later, Never, Exhausted) as verdict:
            log.info("cannot start a node ahead: %s", verdict)
            stop.wait(verdict.delay if isinstance(verdict, Later) else _IN_VAIN)
    stop.wait()


def shape_of(spec: Spec) -> Spec | None:
    """A spec without what no container of a single node is made from; None for one whose nodes are not started ahead:
    they know others, or have files of their cache's own.
    """
    alone = len(spec.nodes) == 1 and spec.cluster_mode is ClusterMode.DISABLED
    bare = spec.transit is Transit.OFF and not (spec.seed or spec.durable or spec.at_rest or spec.logs or spec.updates)
    if not (alone and bare and spec.network_type == IPV4 and not spec.origins):
        return None
    shards = (Shard("0001", (_NODE,)),)
    return replace(
        spec,
        shards=shards,
        automatic_failover=False,
        multi_az=False,
        schedule=Schedule(),
        pending=Pending(),
        change=Change(),
        released=(),
    )


def _usual(row: EngineVersion, *, restricted: bool) -> Spec:
    """What is asked for most often."""
    shards = (Shard("0001", (_NODE,)),)
    return Spec(
        row.engine,
        row.described,
        USUAL,
        DEFAULT_PORT[row.engine],
        row.default_group,
        shards,
        restricted=restricted and row.engine is not Engine.MEMCACHED,
    )

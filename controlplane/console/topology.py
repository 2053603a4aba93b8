"""What Cachewright shows of itself: every cache with its nodes, and where its endpoints lead."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cachewright.controlplane.model import slots
from cachewright.controlplane.model.cache import Cache, ClusterMode, Node, Shard, Transit
from cachewright.controlplane.model.changes import owners, progress
from cachewright.controlplane.model.described import cluster_mode_shown, node_phase, role
from cachewright.controlplane.model.questions import Engines
from cachewright.controlplane.model.usage import Usage


@dataclass(frozen=True, slots=True)
class NodeSeen:
    """A node. `role` is primary or replica; empty before that is decided, and when nothing replicates."""

    name: str
    role: str
    phase: str
    address: str  # host:port; empty before it has one
    build: str  # the engine that really runs: `redis 7.0.15`
    zone: str
    keys: int = 0  # that it holds, in cluster mode
    used: int = 0  # bytes that they take, in cluster mode


@dataclass(frozen=True, slots=True)
class ShardSeen:
    """A shard: AWS's node group."""

    id: str
    nodes: tuple[NodeSeen, ...]
    slots: str = ""  # that it serves, as AWS writes them; none without cluster mode


@dataclass(frozen=True, slots=True)
class EndpointSeen:
    """An address that stays while what is behind it moves; `leads_to` are addresses of nodes."""

    name: str
    address: str
    leads_to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CacheSeen:
    """A cache cluster or a replication group. `version` is the one that was asked for, as AWS describes it."""

    account: str
    region: str
    kind: str
    id: str
    phase: str
    reason: str  # why it is not as desired; empty when it is
    notes: tuple[str, ...]  # where this machine differs from AWS's
    engine: str
    version: str
    node_type: str
    shards: tuple[ShardSeen, ...]
    endpoints: tuple[EndpointSeen, ...]
    cluster_mode: str = ClusterMode.DISABLED.value
    moved: float | None = None  # per cent of the slots that have to move; None: none has to
    encrypted: bool = False  # clients have to come with TLS


@dataclass(frozen=True, slots=True)
class Topology:
    """Every cache of every account and region, by name."""

    caches: tuple[CacheSeen, ...]


def topology(caches: Iterable[Cache], engines: Engines) -> Topology:
    """What is remembered, for people and tools, and how full the nodes are in cluster mode."""
    return Topology(tuple(_cache(cache, engines) for cache in sorted(caches, key=lambda cache: cache.key)))


def _cache(cache: Cache, engines: Engines) -> CacheSeen:
    key, spec, status = cache.key, cache.spec, cache.status
    return CacheSeen(
        account=key.account,
        region=key.region,
        kind=key.kind.value,
        id=key.id,
        phase=cache.phase.value,
        reason=cache.reason,
        notes=status.notes,
        engine=spec.engine.value,
        version=spec.version,
        node_type=spec.node_type,
        shards=_shards(cache, engines.usage(cache) if cache.spec.clustered else {}),
        endpoints=tuple(
            EndpointSeen(name, str(address), tuple(map(str, status.routes.get(name, ()))))
            for name, address in status.endpoints.items()
            if name not in status.nodes
        ),
        cluster_mode=cluster_mode_shown(cache).value,
        moved=progress(cache),
        encrypted=spec.transit is Transit.REQUIRED,
    )


def _shards(cache: Cache, usage: Mapping[str, Usage]) -> tuple[ShardSeen, ...]:
    served = owners(cache)
    return tuple(
        ShardSeen(
            shard.id,
            tuple(_node(cache, shard, node, usage.get(node.name)) for node in shard.nodes),
            slots.written(served.get(shard.id, ())),
        )
        for shard in cache.shards
    )


def _node(cache: Cache, shard: Shard, node: Node, usage: Usage | None) -> NodeSeen:
    seen = cache.status.nodes.get(node.name)
    return NodeSeen(
        name=node.name,
        role=role(cache, shard, node),
        phase=node_phase(cache, node).value,
        address=str(cache.status.shown_address(node.name)) if seen else "",
        build=seen.build if seen else "",
        zone=node.zone,
        keys=usage.keys if usage else 0,
        used=usage.used if usage else 0,
    )

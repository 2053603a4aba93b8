"""What Cachewright shows of itself: every cache with its nodes, and where its endpoints lead."""

from collections.abc import Iterable, Mapping

from cachewright.controlplane.console.seen import CacheSeen, EndpointSeen, NodeSeen, ShardSeen, Topology
from cachewright.controlplane.model import slots
from cachewright.controlplane.model.cache import Address, Cache, Node, Shard, Transit
from cachewright.controlplane.model.changes import owners, progress
from cachewright.controlplane.model.described import cluster_mode_shown, node_phase, role
from cachewright.controlplane.model.questions import Engines
from cachewright.controlplane.model.usage import Usage


def topology(caches: Iterable[Cache], engines: Engines) -> Topology:
    """What is remembered, for people and tools, and how full the nodes are in cluster mode."""
    return Topology(tuple(cache_seen(cache, engines) for cache in sorted(caches, key=lambda cache: cache.key)))


def cache_seen(cache: Cache, engines: Engines) -> CacheSeen:
    """One of them."""
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
            _endpoint(cache, name, address) for name, address in status.endpoints.items() if name not in status.nodes
        ),
        cluster_mode=cluster_mode_shown(cache).value,
        moved=progress(cache),
        encrypted=spec.transit is Transit.REQUIRED,
        login="user" if spec.user_group else "token" if spec.auth.required else "",
    )


def _endpoint(cache: Cache, name: str, address: Address) -> EndpointSeen:
    route, discovery = cache.status.routes.get(name, ()), cache.status.discovery
    if discovery and name == "configuration":  # it leads to the directory, which tells of these
        return EndpointSeen(name, str(address), tuple(map(str, route)), discovery.live)
    nodes = tuple(node for node, seen in cache.status.nodes.items() if seen.address in route)
    return EndpointSeen(name, str(address), tuple(map(str, route)), nodes)


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
        host=seen.host if seen else "",
    )

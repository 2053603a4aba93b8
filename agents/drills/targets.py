"""Whom a drill means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cachewright.controlplane.model.cache import Cache, Kind, Node, Shard
from cachewright.controlplane.model.drills import NoSuchTarget, Order, Unfit, is_region, is_zone


@dataclass(frozen=True, slots=True)
class Hit:
    """A cache, and the nodes of it that are meant."""

    cache: Cache
    nodes: tuple[str, ...]


def hits(caches: Iterable[Cache], order: Order) -> tuple[Hit, ...]:
    """The nodes that an order means; NoSuchTarget or Unfit when it means none, or cannot be meant."""
    mine = [cache for cache in caches if not cache.deleting and order.account in ("", cache.key.account)]
    if is_zone(order.target):
        return tuple(hit for cache in mine if (hit := _in_zone(cache, order.target)).nodes)
    if is_region(order.target):
        return tuple(_all_of(cache) for cache in mine if cache.key.region == order.target)
    name, _, part = order.target.partition("/")
    found = _part(mine, name, part) if part else _whole(mine, name)
    if not found:
        raise NoSuchTarget(f"cannot find {order.target}: no node, shard, group or cluster has that name")
    if len(found) > 1:
        places = ", ".join(f"{hit.cache.key.account} in {hit.cache.key.region}" for hit in found)
        raise Unfit(f"cannot tell which {order.target} is meant: there is one of {places}; name the account")
    return tuple(found)


def _in_zone(cache: Cache, zone: str) -> Hit:
    return Hit(cache, tuple(node.name for node in cache.spec.nodes if node.zone == zone))


def _all_of(cache: Cache) -> Hit:
    return Hit(cache, tuple(node.name for node in cache.spec.nodes))


def _part(caches: Sequence[Cache], name: str, part: str) -> list[Hit]:
    """`cluster/node`, else `group/shard`."""
    nodes = [
        Hit(cache, (node.name,))
        for cache in caches
        for node in cache.spec.nodes
        if (node.cluster, node.id) == (name, part)
    ]
    shards = ((cache, shard) for cache in _groups(caches, name) for shard in cache.spec.shards if shard.id == part)
    return nodes or [Hit(cache, (_primary(cache, shard),)) for cache, shard in shards]


def _whole(caches: Sequence[Cache], name: str) -> list[Hit]:
    """The primary of a group, else the only node of a cluster."""
    groups = [Hit(cache, (_primary(cache, _only_shard(cache)),)) for cache in _groups(caches, name)]
    return groups or [
        Hit(cache, (_only_node(nodes),))
        for cache in caches
        if (nodes := [node for node in cache.spec.nodes if node.cluster == name])
    ]


def _groups(caches: Sequence[Cache], name: str) -> list[Cache]:
    """Groups of that name, and the serverless cache, whose nodes have no other."""
    return [cache for cache in caches if cache.key.kind is not Kind.CACHE_CLUSTER and cache.key.id == name]


def _only_shard(cache: Cache) -> Shard:
    if len(cache.spec.shards) > 1:
        raise Unfit(f"cannot tell which primary of {cache.key.id} is meant: name a shard, {cache.key.id}/0001 for one")
    return cache.spec.shards[0]


def _only_node(nodes: Sequence[Node]) -> str:
    if len(nodes) > 1:
        cluster = nodes[0].cluster
        raise Unfit(f"cannot tell which node of {cluster} is meant: name one, {cluster}/{nodes[0].id} for one")
    return nodes[0].name


def _primary(cache: Cache, shard: Shard) -> str:
    known = cache.status.shards.get(shard.id)
    if not known or not known.primary:
        raise Unfit(f"cannot find the primary of {cache.key.id}: it is {cache.phase.value}")
    return known.primary

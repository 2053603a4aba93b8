"""Who serves in a shard right now: the desired nodes, and those that are needed until the spec can be fulfilled.

A node that left the spec keeps leading until another one has everything that it has. A node that has nobody beside
it gets a surge node while it is rebuilt, so that its data outlives it; the API never shows one.
"""

from collections.abc import Iterator
from dataclasses import replace

from cachewright.agents.planning.nodes.lifecycle import fits
from cachewright.controlplane.model.cache import Cache, Node, Shard, ShardStatus
from cachewright.controlplane.model.fingerprints import fingerprints_of
from cachewright.controlplane.model.lifecycle import UNBORN
from cachewright.controlplane.model.names import node_id, shard_member_id

SURGE = "surge"  # in place of AWS's four digits


def with_extras(cache: Cache) -> Cache:
    """The cache as the agent works on it: every shard with its extras."""
    if cache.deleting or not cache.spec.replicates:
        return cache
    shards = (replace(shard, nodes=(*shard.nodes, *_extras(cache, shard))) for shard in cache.spec.shards)
    return replace(cache, spec=replace(cache.spec, shards=(*shards, *_departing(cache))))


def is_surge(name: str) -> bool:
    """Whether a node stands in for another one."""
    return name.endswith((f".{SURGE}", ".understudy"))  # its name in version 0.1


def departing(cache: Cache, interim: Cache) -> frozenset[str]:
    """The nodes of shards that left the spec: each keeps its place until the slots have left."""
    gone = interim.spec.shards[len(cache.spec.shards) :]  # they stand behind those that stay
    return frozenset(node.name for shard in gone for node in shard.nodes)


def _departing(cache: Cache) -> Iterator[Shard]:
    """Shards that left the spec, for as long as they serve slots; those that only begin with a file of a snapshot that
    has more shards leave as soon as it is loaded.
    """
    staying = {shard.id for shard in cache.spec.shards}
    for identifier, known in cache.status.shards.items():
        if identifier not in staying and known.slots:
            yield Shard(identifier, known.members, known.failovers, known.promotions)
    if cache.spec.seed and not cache.status.shards:
        zone = cache.spec.nodes[0].zone
        for shard in (file.shard for file in cache.spec.seed.files if file.shard not in staying):
            yield Shard(shard, (Node(shard_member_id(cache.key.id, shard, 1), node_id(1), zone),))


def _extras(cache: Cache, shard: Shard) -> Iterator[Node]:
    known = cache.status.shards.get(shard.id, ShardStatus())
    desired = {node.name for node in shard.nodes}
    names = [name for name in (known.primary, known.old_primary) if name not in desired and name in cache.status.nodes]
    only = shard.nodes[0]
    surge = Node(only.cluster, SURGE, only.zone)
    if len(shard.nodes) == 1 and _outdated(cache, only):
        names.append(surge.name)
    for name in dict.fromkeys(names):
        cluster, _, identifier = name.rpartition(".")
        yield Node(cluster, identifier, only.zone)


def _outdated(cache: Cache, node: Node) -> bool:
    known = cache.status.nodes.get(node.name)
    born = cache.status.phase not in UNBORN
    return born and known is not None and not fits(known, fingerprints_of(cache.spec))

"""Who serves in a shard right now: the wished nodes, and those that are needed until the wish can be fulfilled.

A node that is wished away keeps leading until another one has everything that it has. A node that has nobody beside
it gets an understudy while it is rebuilt, so that its data outlives it; the API never shows one.
"""

from collections.abc import Iterator
from dataclasses import replace

from cachewright.controlplane.model.cache import Cache, Node, Shard, ShardStatus
from cachewright.controlplane.model.fingerprints import make_of
from cachewright.controlplane.model.lifecycle import Phase

UNDERSTUDY = "understudy"  # in place of AWS's four digits
UNBORN = frozenset({Phase.CREATING, Phase.FAILED})


def staffed(cache: Cache) -> Cache:
    """The cache as the agent works on it: every shard with its whole crew."""
    if cache.deleting or not cache.spec.replicates:
        return cache
    shards = (replace(shard, nodes=(*shard.nodes, *_extras(cache, shard))) for shard in cache.spec.shards)
    return replace(cache, spec=replace(cache.spec, shards=(*shards, *_departing(cache))))


def is_understudy(name: str) -> bool:
    """Whether a node stands in for another one."""
    return name.endswith(f".{UNDERSTUDY}")


def departing(cache: Cache, crew: Cache) -> frozenset[str]:
    """The nodes of shards that are wished away: each keeps its place until the slots have left."""
    gone = crew.spec.shards[len(cache.spec.shards) :]  # they stand behind those that stay
    return frozenset(node.name for shard in gone for node in shard.nodes)


def _departing(cache: Cache) -> Iterator[Shard]:
    """Shards that are wished away, for as long as they serve slots."""
    staying = {shard.id for shard in cache.spec.shards}
    for identifier, known in cache.status.shards.items():
        if identifier not in staying and known.slots:
            yield Shard(identifier, known.members, known.failovers, known.promotions)


def _extras(cache: Cache, shard: Shard) -> Iterator[Node]:
    known = cache.status.shards.get(shard.id, ShardStatus())
    wished = {node.name for node in shard.nodes}
    names = [name for name in (known.primary, known.former) if name not in wished and name in cache.status.nodes]
    only = shard.nodes[0]
    understudy = Node(only.cluster, UNDERSTUDY, only.zone)
    if len(shard.nodes) == 1 and _outdated(cache, only):
        names.append(understudy.name)
    for name in dict.fromkeys(names):
        cluster, _, identifier = name.rpartition(".")
        yield Node(cluster, identifier, only.zone)


def _outdated(cache: Cache, node: Node) -> bool:
    known = cache.status.nodes.get(node.name)
    born = cache.status.phase not in UNBORN
    return born and known is not None and known.recipe != make_of(cache.spec).recipe

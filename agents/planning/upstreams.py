"""Where the primaries of a cache find whom they follow outside of it, and how late everything arrives from there."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from cachewright.agents.planning.cluster.nodes import ClusterNode, id_of
from cachewright.agents.planning.delays import Delays
from cachewright.agents.planning.links import NOBODY, Link, link
from cachewright.controlplane.model.cache import Address, Cache, Shard, ShardStatus
from cachewright.controlplane.model.changes import desired_owners
from cachewright.controlplane.model.slots import parsed


def upstreams(cache: Cache, group: Cache | None, delays: Delays) -> Mapping[str, Link]:
    """By shard id; empty for a cache that follows nobody. `group` is the replication group that it follows: whoever was
    chosen there is followed at once, because it leads soon. As long as nobody is known, nobody is followed, and nobody
    takes writes either.
    """
    wanted = cache.spec.upstream
    if wanted is None:
        return {}
    if wanted.migrates:
        guarded = wanted if wanted.guarded else None
        source = Link(Address(wanted.host, wanted.port), diskless_load=True, source=guarded)  # it may hold much
        return dict.fromkeys((shard.id for shard in cache.spec.shards), source)
    delay = delays.between(cache.key.region, wanted.region)
    return {shard.id: _primary(cache, shard.id, group, delay) for shard in shards_of(cache)}


def cluster_nodes(cache: Cache, groups: Iterable[Cache | None]) -> Mapping[str, tuple[ClusterNode, ...]]:
    """By shard id, who may lead the shard that the cache's own shard follows, as the cache's nodes are told of them in
    cluster mode: that they are primaries without slots. Nodes of all groups that it may have to follow are known, so
    that it goes on where it was when another one of them leads.
    """
    found: dict[str, tuple[ClusterNode, ...]] = {}
    for group in groups if cache.spec.clustered else ():
        if group and group.spec.clustered:
            for shard in shards_of(group):
                found[shard.id] = (*found.get(shard.id, ()), *_candidates(group, shard))
    return found


def has_same_slots(cache: Cache, group: Cache | None) -> bool:
    """Whether the shards of the group that a cache follows serve the slots that both specs say: none is on its way."""
    if group is None:
        return False
    wanted, specs = desired_owners(cache.spec), desired_owners(group.spec)
    served = {name: parsed(known.slots) for name, known in group.status.shards.items()}
    return wanted == specs == served


def shards_of(cache: Cache) -> tuple[Shard, ...]:
    """Those of the spec, and those that left it and are there yet."""
    known = cache.status.shards.items()
    staying = {shard.id for shard in cache.spec.shards}
    gone = (Shard(name, status.members) for name, status in known if name not in staying)
    return (*cache.spec.shards, *gone)


def _candidates(group: Cache, shard: Shard) -> Iterator[ClusterNode]:
    status = group.status
    leader = status.shards.get(shard.id, ShardStatus())
    for name in dict.fromkeys((*(node.name for node in shard.nodes), leader.primary)):
        if known := status.nodes.get(name):
            awaited = leader.upstream is not None or known.answered < known.life
            yield ClusterNode(id_of(group, status, name), known.address, apart=True, awaited=awaited)


def _primary(cache: Cache, shard: str, group: Cache | None, delay: int) -> Link:
    chosen = group.status.shards.get(shard, ShardStatus()).primary if group else ""
    primary = group.status.nodes.get(chosen) if group else None
    own = cache.status.shards.get(shard, ShardStatus()).primary
    known = cache.status.nodes.get(own) or next(iter(cache.status.nodes.values()), None)
    return replace(link(known, primary), delay=delay) if known and primary else Link(NOBODY)

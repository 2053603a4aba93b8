"""Where the primaries of a cache find whom they follow outside of it."""

from collections.abc import Mapping

from cachewright.agents.planning.links import NOBODY, Link, link
from cachewright.controlplane.model.cache import Address, Cache, ShardStatus


def upstreams(cache: Cache, source: Cache | None) -> Mapping[str, Link]:
    """By shard id; empty for a cache that follows nobody. `source` is the replication group that it follows: whoever
    was chosen there is followed at once, because it leads soon. As long as nobody is known, nobody is followed, and
    nobody takes writes either.
    """
    wanted = cache.spec.upstream
    if wanted is None:
        return {}
    if wanted.migrates:
        return {shard.id: Link(Address(wanted.host, wanted.port)) for shard in cache.spec.shards}
    return {shard.id: _primary(cache, shard.id, source) for shard in cache.spec.shards}


def _primary(cache: Cache, shard: str, source: Cache | None) -> Link:
    chosen = source.status.shards.get(shard, ShardStatus()).primary if source else ""
    primary = source.status.nodes.get(chosen) if source else None
    own = cache.status.shards.get(shard, ShardStatus()).primary
    known = cache.status.nodes.get(own) or next(iter(cache.status.nodes.values()), None)
    return link(known, primary) if known and primary else Link(NOBODY)

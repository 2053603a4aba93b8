"""Whom the primaries of a cache have to do with outside of it: whom each follows, whose place it takes, who takes its.

A global datastore fails over between two caches: the **successor** takes the place of the **predecessor**. Who is who
is in both specs. Until the successor leads it follows the predecessor, whose report says whether it leads still. The
predecessor waits until the report of the successor says that it follows nobody any more.
"""

from collections.abc import Iterable
from dataclasses import replace

from cachewright.agents.planning.delays import NEAR, Delays
from cachewright.agents.planning.links import NOBODY, Link, link, reach
from cachewright.agents.planning.upstreams import cluster_nodes, has_same_slots, shards_of, upstreams
from cachewright.agents.planning.world import Condition, Predecessor, World, condition
from cachewright.controlplane.model.cache import Cache, Key, Kind, ShardStatus, upstream_key
from cachewright.controlplane.model.global_replication_groups import Place

_NEW = ShardStatus(behind=True)  # of a shard of which nothing was reported yet


def other_of(cache: Cache) -> Key | None:
    """The name of the cache that decides about this one, too; None: there is none."""
    upstream, member = cache.spec.upstream, cache.spec.datastore
    if upstream:
        return None if upstream.migrates else upstream_key(cache.key, upstream)
    if member and member.succeeds and _follows(cache):
        return Key(cache.key.account, member.succeeds.region, Kind.REPLICATION_GROUP, member.succeeds.group)
    return None


def with_others(
    cache: Cache, world: World, other: Cache | None, delays: Delays = NEAR, fellows: Iterable[Cache] = ()
) -> World:
    """The world with them, when `other` is that cache; None when nothing is known of it. `delays`: how late everything
    arrives that regions send each other; nodes in cluster mode, whom a file tells by their own addresses whom to
    follow, are not made to follow later. `fellows`: whoever else is in its datastore, follows it or may lead one day.
    """
    delays = NEAR if cache.spec.clustered else delays
    if cache.spec.upstream is None:
        if other_of(cache):
            return _taking_over(cache, world, other, delays, fellows)
        return replace(world, outdated=_outdated(cache, fellows))
    if other and _succeeds(other, cache):
        return _giving_way(cache, world)
    links, nodes = upstreams(cache, other, delays), cluster_nodes(cache, (other, *fellows))
    return replace(world, upstreams=links, outside=nodes, slots_settled=has_same_slots(cache, other))


def _follows(cache: Cache) -> bool:
    """Whether a primary of a cache still follows somebody, as far as was reported."""
    return any(known.upstream for known in cache.status.shards.values())


def _succeeds(successor: Cache, predecessor: Cache) -> bool:
    """Whether a cache is about to take the place of another one."""
    member, place = successor.spec.datastore, Place(predecessor.key.region, predecessor.key.id)
    leads = successor.spec.upstream is None and member is not None and member.succeeds == place
    return leads and _follows(successor)


def _outdated(cache: Cache, fellows: Iterable[Cache]) -> frozenset[str]:
    """The shards of which a follower has something older, or nothing yet. One of which no node lives has nothing to go
    on with, and is not waited for.
    """
    followers = (one for one in fellows if one.spec.upstream and upstream_key(one.key, one.spec.upstream) == cache.key)
    return frozenset(
        shard.id
        for follower in followers
        if any(known.answered == known.life for known in follower.status.nodes.values())
        for shard in shards_of(follower)
        if follower.status.shards.get(shard.id, _NEW).behind
    )


def _giving_way(cache: Cache, world: World) -> World:
    """A predecessor goes on as it was, as long as it leads, and begins nothing: the successor holds its writes back in
    its own time. If it leads no more, it follows nobody until the successor leads; the report says so, and the
    successor is promoted, when nobody is in reach any more who might take writes.
    """
    waiting = {}
    for shard in cache.spec.shards:
        known = cache.status.shards.get(shard.id, ShardStatus())
        leads = _leads(cache, world, known.primary)
        if world.may_write(known.old_primary):
            continue
        if leads is False or (leads is None and known.upstream):
            waiting[shard.id] = Link(NOBODY)
    return replace(world, upstreams=waiting, yielding=True)


def _taking_over(cache: Cache, world: World, other: Cache | None, delays: Delays, fellows: Iterable[Cache]) -> World:
    """A successor follows the predecessor until it leads."""
    places, links = {}, {}
    for shard in cache.spec.shards:
        known = cache.status.shards.get(shard.id, ShardStatus())
        if known.upstream and not _leads(cache, world, known.primary):
            places[shard.id] = _predecessor(cache, shard.id, other, delays)
            links[shard.id] = Link(NOBODY) if (there := places[shard.id]) is None else there.link
    return replace(world, upstreams=links, outside=cluster_nodes(cache, (other, *fellows)), predecessors=places)


def _predecessor(cache: Cache, shard: str, other: Cache | None, delays: Delays) -> Predecessor | None:
    """The primary of the predecessor; None when there is none any more that could lead: it was reported to follow
    somebody, or to have ended, in which case its next life begins as a replica of nobody; or the group is a member of
    the datastore no more, and has nothing to give.
    """
    if other is None or not _is_fellow(cache, other):
        return None
    known = other.status.shards.get(shard, ShardStatus())
    node = other.status.nodes.get(known.primary)
    if node is None or known.upstream or node.answered < node.life:
        return None
    own = cache.status.nodes[cache.status.shards[shard].primary]
    there, delay = reach(other.status, known.primary), delays.between(cache.key.region, other.key.region)
    followed = replace(link(own, node), delay=delay)
    return Predecessor(other.key, known.primary, node, there, followed, settled=not known.old_primary)


def _is_fellow(cache: Cache, other: Cache) -> bool:
    """Whether another cache is in the same datastore, and not one that only has the name of a member that left."""
    own, its = cache.spec.datastore, other.spec.datastore
    return own is not None and its is not None and own.datastore == its.datastore


def _leads(cache: Cache, world: World, name: str) -> bool | None:
    """Whether a node takes writes; None when it does not say."""
    known, sight = cache.status.nodes.get(name), world.at(name)
    if known is None or condition(sight, known) is not Condition.LIVE or sight.answer is None:
        return None
    return sight.answer.replication.leads if sight.answer.replication else None

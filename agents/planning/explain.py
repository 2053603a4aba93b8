"""Why a cache is not as wished, or what is about to become of it, in sentences: from what was decided and written."""

from collections.abc import Collection, Iterator
from datetime import datetime

from cachewright.agents.planning.delays import NEAR, Delays
from cachewright.agents.planning.links import NOBODY
from cachewright.agents.planning.nodes.lifecycle import stillbirths
from cachewright.agents.planning.outages import Outages
from cachewright.agents.planning.placement import Sites
from cachewright.agents.planning.placement_reasons import no_room
from cachewright.controlplane.model.cache import Cache, Node, NodeStatus, ShardStatus
from cachewright.controlplane.model.lifecycle import NodePhase, Phase

AS_WISHED = "It is as wished."


def explain(
    cache: Cache,
    sites: Sites,
    zones_down: Collection[str],
    outages: Outages,
    now: datetime,
    delays: Delays = NEAR,
) -> tuple[str, ...]:
    """The sentences, the most general first; `AS_WISHED` alone when there is nothing to tell."""
    sentences = (*_sentences(cache, sites, zones_down, outages, now), *_late(cache, delays))
    return tuple(dict.fromkeys(sentences)) or (AS_WISHED,)


def _late(cache: Cache, delays: Delays) -> Iterator[str]:
    upstream = None if cache.spec.clustered else cache.spec.upstream
    if not upstream or cache.spec.clustered:
        return
    if delay := delays.between(cache.key.region, upstream.region):
        yield f"What {upstream.region} sends arrives {delay} ms later: a region was slowed down."


def _sentences(
    cache: Cache, sites: Sites, zones_down: Collection[str], outages: Outages, now: datetime
) -> Iterator[str]:
    status = cache.status
    if cache.deleting or status.phase is not Phase.AVAILABLE:
        since = f", for {_span(status.since, now)} by now" if status.since else ""
        yield f"It is {cache.phase}{since}."
    if status.phase is Phase.AVAILABLE and status.generation < cache.generation:
        yield "What was asked for last has not been seen fulfilled yet."
    yield from (reason for reason in (cache.unwritten, status.reason, outages.reason(status)) if reason)
    if not outages.directory:
        yield from outages.of_hosts(status)
    for shard in cache.spec.shards:
        known = status.shards.get(shard.id)
        if known and known.old_primary:
            left = f": it has what the shard held, and nobody is left whom {known.old_primary} could copy"
            why = left if _is_left(cache, known) else ""
            yield f"Node {known.primary} takes the place of {known.old_primary}{why}."
        if known and known.lost_since:
            yield f"Shard {shard.id} has had no primary for {_span(known.lost_since, now)}: failovers have a pace."
    for node in cache.spec.nodes:
        if node.name in status.nodes:
            yield from _of_a_node(cache, node, status.nodes[node.name], sites, now)
        else:
            yield f"Node {node.name} has no address yet."
        if node.zone in zones_down:
            yield f"Node {node.name} is not launched while {node.zone} is down."
    if all(node.name in status.nodes for node in cache.spec.nodes) and (reason := no_room(cache, status, sites)):
        yield reason


def _is_left(cache: Cache, known: ShardStatus) -> bool:
    """Whether a shard is to lead with what is left in it: nobody outside is followed any more."""
    followed = known.upstream is not None and cache.spec.upstream is None
    return followed and (known.upstream == NOBODY or cache.spec.datastore is None)


def _of_a_node(cache: Cache, node: Node, known: NodeStatus, sites: Sites, now: datetime) -> Iterator[str]:
    name = f"Node {node.name}"
    if known.silent_since:
        working = ", but works" if known.busy_since else ""
        yield f"{name} has not answered for {_span(known.silent_since, now)}{working}."
    elif known.astray_since:
        yield f"{name} has not followed its primary for {_span(known.astray_since, now)}."
    if known.phase is not NodePhase.AVAILABLE:
        tries = f" for the {stillbirths(known)}. time" if stillbirths(known) > 1 else ""
        yield f"{name} is {known.phase.name.lower()}{tries}."
    if not sites.hosts or not known.host:
        return
    if known.host in sites.silent:
        yield f"{name} is on host {known.host}, which does not answer: {sites.silent[known.host]}."
    if known.moving_to:
        yield f"{name} leaves host {known.host}, which is drained, for {known.moving_to}."
    elif known.host in sites.hosts and f"{cache.key.region}{sites.hosts[known.host].zone}" != node.zone:
        yield f"{name} is on host {known.host}, which is not in {node.zone}: none there had room as it came."


def _span(since: datetime, now: datetime) -> str:
    return f"{max(0, round((now - since).total_seconds()))} s"

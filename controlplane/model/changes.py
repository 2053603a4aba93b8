"""From one wish to the next."""

from collections.abc import Iterable
from dataclasses import replace

from controlplane.model.cache import Cache, Node, Shard, Spec
from controlplane.model.pending import Change, Pending


def applied(spec: Spec) -> Spec:
    """The wish with everything in it that waited for the maintenance window."""
    waits = spec.pending
    after = replace(
        spec,
        pending=Pending(),
        node_type=waits.node_type or spec.node_type,
        engine=waits.engine or spec.engine,
        version=waits.version or spec.version,
        parameter_group=waits.parameter_group or spec.parameter_group,
        automatic_failover=spec.automatic_failover if waits.automatic_failover is None else waits.automatic_failover,
        multi_az=spec.multi_az if waits.multi_az is None else waits.multi_az,
    )
    return promoting(after, waits.primary) if waits.primary else after


def noted(cache: Cache, spec: Spec, token: str = "") -> Spec:
    """The next wish of a cache, with a note of what is changed by it. `token` is AWS's AuthTokenStatus, if any."""
    before = cache.spec
    failover = before.automatic_failover != spec.automatic_failover
    transit = before.transit.value if before.transit is not spec.transit else ""
    return replace(spec, change=Change(cache.generation + 1, failover, transit, token))


def under_way(cache: Cache) -> Change:
    """What the agent is busy with; an empty change when it is not, or only heals what broke."""
    change = cache.spec.change
    return change if cache.status.generation < change.generation else Change()


def promoting(spec: Spec, cluster: str) -> Spec:
    """The wish with one more promotion by hand; without one when there is no such cache cluster any more."""
    shards = (_promoting(shard, cluster) for shard in spec.shards)
    return replace(spec, shards=tuple(shards))


def with_nodes(spec: Spec, nodes: Iterable[Node]) -> Spec:
    """The wish for other nodes in its only shard. What was said about nodes that are gone is forgotten."""
    (shard,) = spec.shards
    chosen = tuple(nodes)
    clusters = [node.cluster for node in chosen]
    options, waits = spec.options, spec.pending
    lost = bool(clusters) and options.snapshotting_cluster_id not in ("", *clusters)
    options = replace(
        options,
        member_tags=tuple(pair for pair in options.member_tags if pair[0] in clusters),
        snapshotting_cluster_id=clusters[-1] if lost else options.snapshotting_cluster_id,
    )
    waits = replace(waits, primary=waits.primary if waits.primary in clusters else "")
    return replace(spec, shards=(replace(shard, nodes=chosen),), options=options, pending=waits)


def _promoting(shard: Shard, cluster: str) -> Shard:
    for node in shard.nodes:
        if node.cluster == cluster:
            return replace(shard, promotions=shard.promotions + 1, heir=node.name)
    return shard

"""What users are told: the difference between two reports, in AWS's words.

Source of the texts: the ElastiCache user guide, "Event notifications", and the API reference of TestFailover.
"""

from collections.abc import Iterator

from cachewright.agents.planning.members import is_surge
from cachewright.agents.planning.outages import SERVED
from cachewright.agents.planning.serverless_events import serverless_events
from cachewright.controlplane.model.cache import Cache, Kind, Node, NodeStatus, ShardStatus, Status
from cachewright.controlplane.model.changes import current_change
from cachewright.controlplane.model.described import inherited
from cachewright.controlplane.model.events import CLUSTER, GROUP, SERVERLESS, Event
from cachewright.controlplane.model.lifecycle import UNBORN, NodePhase, Phase
from cachewright.controlplane.model.notifications import Notification
from cachewright.controlplane.model.versions import Engine

NO_PERSISTENCE = (
    "This cache cluster does not support persistence (ex: 'appendonly').  "
    "Please use a different instance type to enable persistence."
)


def events_between(cache: Cache, status: Status) -> tuple[Event, ...]:
    """The events between the report of `cache` and the next one."""
    if cache.key.kind is Kind.SERVERLESS_CACHE:
        return (*serverless_events(cache, status), *reason_told(cache, status))
    return (
        *_failovers(cache, status),
        *_nodes(cache, status),
        *_changes(cache, status),
        *_migrated(cache, status),
        *_birth(cache, status),
        *_death(cache, status),
        *reason_told(cache, status),
    )


def _failovers(cache: Cache, status: Status) -> Iterator[Event]:
    for shard in cache.spec.shards:
        before, after = cache.status.shards.get(shard.id), status.shards.get(shard.id)
        if not before or not after or _stood_in(before):
            continue
        done = before.old_primary not in ("", after.primary) and not after.old_primary
        found = before.primary and before.primary != after.primary and not (before.old_primary or after.old_primary)
        if done or found:
            old_primary = _cluster(before.old_primary if done else before.primary)
            message = f"Failover from primary node {old_primary} to replica node {_cluster(after.primary)} completed"
            yield Event(CLUSTER, old_primary, message, Notification.FAILED_OVER)
            yield Event(GROUP, cache.key.id, message)
        if done:
            yield _recovering(old_primary, _node(before.old_primary))


def _stood_in(shard: ShardStatus) -> bool:
    """Whether a change of primary is between a node and its surge node, which nobody shall hear of."""
    return is_surge(shard.old_primary) or is_surge(shard.primary)


def _nodes(cache: Cache, status: Status) -> Iterator[Event]:
    old_primaries = {shard.old_primary for shard in status.shards.values() if not _stood_in(shard)}
    why = f"Durability is {cache.spec.durability}" if cache.spec.durable else "CACHEWRIGHT_KEEP_DATA is on"
    for node in cache.spec.nodes:
        before, after = cache.status.nodes.get(node.name), status.nodes.get(node.name)
        if before and after and cache.status.phase is not Phase.CREATING:
            yield from _node_events(node, before, after, led=node.name in old_primaries, kept=why)


def _node_events(node: Node, before: NodeStatus, after: NodeStatus, *, led: bool, kept: str) -> Iterator[Event]:
    recovering = NodePhase.RECOVERING
    if after.phase is recovering and (before.life < after.life or before.phase is not recovering) and not led:
        yield _recovering(node.cluster, node.id)
    if after.rebooting_from and not before.rebooting_from:
        yield Event(CLUSTER, node.cluster, f"Cache node {node.id} shutdown")
    if before.rebooting_from and not after.rebooting_from and after.life == before.life:
        yield Event(CLUSTER, node.cluster, f"Cache node {node.id} restarted", Notification.NODES_REBOOTED)
        if after.volume:
            yield Event(CLUSTER, node.cluster, f"Cache node {node.id} has kept its data: {kept}.")
    if before.phase is recovering and after.phase is NodePhase.AVAILABLE:
        message = f"Finished recovery for cache nodes {node.id}"
        yield Event(CLUSTER, node.cluster, message, Notification.NODE_REPLACED)


def _recovering(cluster: str, node: str) -> Event:
    return Event(CLUSTER, cluster, f"Recovering cache nodes {node}", Notification.NODE_BEING_REPLACED)


def _changes(cache: Cache, status: Status) -> Iterator[Event]:
    """Members that came and went, and what the nodes are made of now."""
    if cache.status.phase in UNBORN or cache.deleting:
        return
    yield from _arrivals(cache, status)
    yield from _departures(cache, status)
    if status.generation >= cache.spec.change.generation:
        yield from _counts(cache)
    if cache.status.node_type not in ("", status.node_type):
        message = f"Succeeded applying modification to cache node type to {status.node_type}."
        for cluster in dict.fromkeys(node.cluster for node in cache.spec.nodes):
            yield Event(CLUSTER, cluster, message, Notification.CACHE_CLUSTER_SCALED)
        if cache.key.kind is Kind.REPLICATION_GROUP:
            yield Event(GROUP, cache.key.id, message, Notification.GROUP_SCALED)


def _migrated(cache: Cache, status: Status) -> Iterator[Event]:
    """That the group has left the source of its data, and takes writes."""
    followed, follows = (any(shard.upstream for shard in each.shards.values()) for each in (cache.status, status))
    if followed and not follows and current_change(cache).migrated:
        yield Event(GROUP, cache.key.id, f"Complete Migration successful for {cache.key.id}")


def _counts(cache: Cache) -> Iterator[Event]:
    """That there are as many nodes as the change under way asks for."""
    change = current_change(cache)
    if change.nodes:
        message = f"Finished modifying number of nodes from {change.nodes} to {len(cache.spec.nodes)}"
        added = Notification.NODES_ADDED if len(cache.spec.nodes) > change.nodes else None
        yield Event(CLUSTER, cache.key.id, message, added)
    if change.more_replicas:
        yield Event(GROUP, cache.key.id, "Finished increasing number of replicas", Notification.REPLICAS_INCREASED)


def _arrivals(cache: Cache, status: Status) -> Iterator[Event]:
    known = cache.status.nodes
    for node in cache.spec.nodes:
        after = status.nodes.get(node.name)
        before = known[node.name].phase if node.name in known else NodePhase.CREATING
        if before is NodePhase.CREATING and after and after.phase is NodePhase.AVAILABLE:
            if cache.spec.replicates:
                yield from _cluster_birth(cache, status, node.cluster)
            else:
                yield Event(CLUSTER, node.cluster, f"Added cache node {node.id} in availability zone {node.zone}")


def _departures(cache: Cache, status: Status) -> Iterator[Event]:
    for name in cache.status.nodes:
        if name not in status.nodes and not is_surge(name):
            removed = Event(CLUSTER, _cluster(name), f"Removed cache nodes {_node(name)}", Notification.NODES_REMOVED)
            yield _deleted(_cluster(name)) if cache.spec.replicates else removed


def _birth(cache: Cache, status: Status) -> Iterator[Event]:
    if cache.status.phase not in UNBORN or status.phase is not Phase.AVAILABLE:
        return
    for cluster in dict.fromkeys(node.cluster for node in cache.spec.nodes if not inherited(cache, node)):
        yield from _cluster_birth(cache, status, cluster)
    if cache.key.kind is Kind.REPLICATION_GROUP:
        created = f"Replication group {cache.key.id} created"
        yield Event(GROUP, cache.key.id, created, Notification.GROUP_CREATED)
        if cache.spec.automatic_failover:
            message = f"Automatic failover has been turned on for replication group {cache.key.id}"
            yield Event(GROUP, cache.key.id, message)
    for note in status.notes:
        yield Event(cache.key.kind.value, cache.key.id, note)


def _cluster_birth(cache: Cache, status: Status, cluster: str) -> Iterator[Event]:
    nodes = [node for node in cache.spec.nodes if node.cluster == cluster]
    yield Event(CLUSTER, cluster, "Cache cluster created", Notification.CACHE_CLUSTER_CREATED)
    if cache.spec.engine is not Engine.MEMCACHED:
        yield Event(CLUSTER, cluster, NO_PERSISTENCE)
    for node in nodes:
        yield Event(CLUSTER, cluster, f"Added cache node {node.id} in availability zone {node.zone}")
    builds = sorted({status.nodes[node.name].build for node in nodes})
    version = f"{cache.spec.engine} {cache.spec.version}"
    yield Event(CLUSTER, cluster, f"Cachewright runs {', '.join(builds)} in place of {version}.")


def _death(cache: Cache, status: Status) -> Iterator[Event]:
    if not cache.deleting or status.phase is not Phase.DELETING:
        return
    for cluster in dict.fromkeys(node.cluster for node in cache.spec.nodes):
        yield _deleted(cluster)
    if cache.key.kind is Kind.REPLICATION_GROUP:
        yield Event(GROUP, cache.key.id, f"Replication group {cache.key.id} deleted")


def _deleted(cluster: str) -> Event:
    return Event(CLUSTER, cluster, "Cache cluster deleted", Notification.CACHE_CLUSTER_DELETED)


def reason_told(cache: Cache, status: Status) -> Iterator[Event]:
    """Why it is not as desired, where the report before did not say so; and the end of an outage."""
    if status.phase is Phase.FAILED and cache.status.phase is not Phase.FAILED:
        yield from _creation_failed(cache)
    if status.reason and status.reason != cache.status.reason:
        yield Event(cache.key.kind.value, cache.key.id, status.reason)
    if cache.status.unserved and status.phase is Phase.AVAILABLE:
        yield Event(cache.key.kind.value, cache.key.id, SERVED)


def _creation_failed(cache: Cache) -> Iterator[Event]:
    """AWS knows one cause, the network, by which its status is called; the true one is told beside it."""
    seed, name = cache.spec.seed, cache.key.id
    if cache.key.kind is Kind.SERVERLESS_CACHE:
        yield Event(SERVERLESS, name, f"Failed to create cache {name}.")
    elif seed:
        first = cache.spec.nodes[0]
        message = f"Restore from {seed.name} failed for node {first.id}"
        yield Event(CLUSTER, first.cluster, message, Notification.RESTORE_FAILED)
    elif cache.key.kind is Kind.CACHE_CLUSTER:
        message = "Failed to create the cache cluster due to incompatible network state"
        yield Event(CLUSTER, name, message, Notification.CACHE_CLUSTER_FAILED)
    if cache.key.kind is Kind.REPLICATION_GROUP:
        message = f"Failed to create replication group {name} due to unsuccessful creation of its cache cluster(s)."
        yield Event(GROUP, name, message, Notification.GROUP_FAILED)


def _cluster(name: str) -> str:
    return name.rpartition(".")[0]


def _node(name: str) -> str:
    return name.rpartition(".")[2]

"""Caches made out of another cache's nodes: nothing is copied, the containers only change hands.

Both caches are written in one transaction: at no moment does a node belong to two caches, or to none.
"""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.model.cache import Cache, Kind, Node, Origin, ShardStatus, Spec, Status
from cachewright.controlplane.model.changes import with_nodes
from cachewright.controlplane.model.described import cluster_status
from cachewright.controlplane.model.faults import Fault, invalid_combination
from cachewright.controlplane.model.lifecycle import CLUSTER_STATUS, Phase
from cachewright.controlplane.model.nouns import CACHE_CLUSTER
from cachewright.controlplane.model.pending import Change, Pending
from cachewright.controlplane.store.saving import with_saving


def primary_for(context: Context, wanted: str) -> Cache:
    """The cache cluster that a new group shall be made out of. Faults: what cannot lead a group."""
    here = (context.caller.account, context.caller.region)
    cache = context.transaction.caches.holding(*here, wanted.lower(), lock=True)
    if cache is None:
        raise CACHE_CLUSTER.missing(wanted)
    if cache.key.kind is Kind.REPLICATION_GROUP:
        raise _unfit(f"Cache cluster {wanted.lower()} is already a member of replication group {cache.key.id}.")
    if not cache.spec.replicates:
        raise invalid_combination(f"Cache cluster {wanted.lower()} runs {cache.spec.engine}, which does not replicate.")
    if cluster_status(with_saving(context.transaction, cache), cache.nodes) != CLUSTER_STATUS[Phase.AVAILABLE]:
        raise _unfit(f"Cache cluster {wanted.lower()} is not in available state.")
    return cache


def taken_over(context: Context, group: Cache, cluster: Cache) -> Cache:
    """The group with the node of a cache cluster that ends hereby; the group is not written yet."""
    transaction = context.transaction
    transaction.leases.transfer(cluster.incarnation, group.incarnation)
    transaction.hosts.transfer(cluster.incarnation, group.incarnation)
    transaction.caches.remove(cluster)
    spec = replace(group.spec, origins=_origins(cluster), updates=cluster.spec.updates)
    return replace(group, spec=spec, status=replace(_report(cluster, *cluster.spec.nodes), phase=Phase.CREATING))


def retain(context: Context, group: Cache, node: Node) -> Cache:
    """The group without its primary, which becomes a cache cluster of its own."""
    caches = context.transaction.caches
    released = (*group.spec.released, node.name)
    rest = [other for other in group.spec.nodes if other != node]
    remainder = caches.write_spec(group, replace(with_nodes(group.spec, rest), released=released))
    caches.write_status(remainder, _without(group.status, node.name), settled=False)
    shown = replace(group.presentation, description="")
    cluster = context.new(Kind.CACHE_CLUSTER, node.cluster, _alone(group, node), shown)
    status = replace(_report(group, node), phase=Phase.AVAILABLE)
    caches.add(replace(cluster, created_at=group.status.nodes[node.name].created_at or context.now, status=status))
    context.transaction.leases.transfer(group.incarnation, cluster.incarnation, node.name)
    context.transaction.hosts.transfer(group.incarnation, cluster.incarnation, node.name)
    return remainder


def _origins(cache: Cache) -> tuple[Origin, ...]:
    return (*cache.spec.origins, Origin(cache.key.kind, cache.key.id, cache.incarnation))


def _alone(group: Cache, node: Node) -> Spec:
    """What the node is by itself: made as it was in its group, so that it runs on untouched."""
    (shard,) = group.spec.shards
    return replace(
        group.spec,
        shards=(replace(shard, nodes=(node,), failovers=0, promotions=0, candidate=""),),
        automatic_failover=False,
        multi_az=False,
        upstream=None,
        schedule=replace(group.spec.schedule, snapshotting_cluster_id=""),
        pending=Pending(),
        change=Change(),
        origins=_origins(group),
        released=(),
    )


def _report(cache: Cache, *nodes: Node) -> Status:
    """What is known about some nodes of a cache, the first of which leads."""
    names = [node.name for node in nodes]
    (shard,) = cache.spec.shards
    return Status(
        nodes={name: cache.status.nodes[name] for name in names},
        shards={shard.id: ShardStatus(names[0])},
        endpoints={name: address for name, address in cache.status.endpoints.items() if name in names},
        hosts={name: host for name, host in cache.status.hosts.items() if name in names},
        node_type=cache.status.node_type,
        version=cache.status.version,
    )


def _without(status: Status, name: str) -> Status:
    return replace(
        status,
        nodes={other: known for other, known in status.nodes.items() if other != name},
        endpoints={other: address for other, address in status.endpoints.items() if other != name},
    )


def _unfit(message: str) -> Fault:
    return Fault("InvalidCacheClusterStateFault", message)

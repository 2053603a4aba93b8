"""TestFailover: ask for another primary, as if the present one had failed."""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.replication_groups import view as group_view
from cachewright.controlplane.api.replication_groups.lookup import found
from cachewright.controlplane.model.cache import Cache, Shard, Spec
from cachewright.controlplane.model.described import node_phase
from cachewright.controlplane.model.events import GROUP, Event
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.lifecycle import NodePhase, Phase
from cachewright.controlplane.model.quotas import TEST_FAILOVERS


def test_failover(context: Context, params: Params) -> Answer:
    """Ask for a failover of a node group. The answer shows the group as it was: available, with the old roles."""
    cache = found(context, params["ReplicationGroupId"], lock=True)
    shard = _shard(cache, params["NodeGroupId"])
    _check_possible(cache, shard)
    _count(context, f"{cache.key.id}/{shard.id}")
    context.transaction.caches.write_spec(cache, _failing_over(cache.spec, shard))
    context.tell(Event(GROUP, cache.key.id, f"Test Failover API called for node group {shard.id}"))
    return {"ReplicationGroup": group_view.group(cache)}


def _shard(cache: Cache, wanted: str) -> Shard:
    for shard in cache.spec.shards:
        if shard.id == wanted.zfill(4):
            return shard
    raise Fault("NodeGroupNotFoundFault", f"Node group {wanted} not found in replication group {cache.key.id}.")


def _check_possible(cache: Cache, shard: Shard) -> None:
    if cache.phase is not Phase.AVAILABLE:
        raise Fault("InvalidReplicationGroupStateFault", f"Replication group {cache.key.id} is not in available state.")
    if not cache.spec.automatic_failover:
        raise Fault(
            "InvalidReplicationGroupStateFault",
            f"Automatic failover is not enabled for replication group {cache.key.id}.",
        )
    if len(shard.nodes) < 2:
        raise Fault("InvalidReplicationGroupStateFault", f"Node group {shard.id} has no replica to fail over to.")
    for node in cache.spec.nodes:
        if node_phase(cache, node) is not NodePhase.AVAILABLE:
            raise Fault(
                "TestFailoverNotAvailableFault",
                f"Cache cluster {node.cluster} of replication group {cache.key.id} has not recovered yet.",
            )


def _count(context: Context, node_group: str) -> None:
    here = (context.caller.account, context.caller.region)
    failovers = context.transaction.failovers
    context.quotas.check(TEST_FAILOVERS, failovers.count_others(*here, node_group, context.now) + 1)
    failovers.add(*here, node_group, context.now)


def _failing_over(spec: Spec, chosen: Shard) -> Spec:
    """The spec with one more failover of the chosen shard."""
    again = replace(chosen, failovers=chosen.failovers + 1)
    return replace(spec, shards=tuple(again if shard is chosen else shard for shard in spec.shards))

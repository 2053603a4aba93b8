"""Nodes that join a replication group and leave it."""

from collections.abc import Iterator, Sequence
from itertools import count, islice

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.model.cache import Cache, ClusterMode, Node, Shard
from cachewright.controlplane.model.changes import current_change
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.names import member_id, node_id, shard_member_id
from cachewright.controlplane.model.node_counts import quiet


def check_available(cache: Cache) -> None:
    """Fault when a group's nodes cannot be changed now."""
    if cache.phase is not Phase.AVAILABLE:
        raise Fault("InvalidReplicationGroupStateFault", f"Replication group {cache.key.id} is not in available state.")


def check_can_grow(cache: Cache) -> None:
    """Fault when a group cannot have more replicas now. It can while others come and nothing else is changed: several
    are asked for at the same time, and AWS tells of the first only when the last was taken.
    """
    if not (cache.phase is Phase.MODIFYING and current_change(cache).joining):
        check_available(cache)


def newcomers(context: Context, cache: Cache, shard: str, zones: Sequence[str]) -> tuple[Node, ...]:
    """A new node of a shard for each zone, with the next names that are free."""
    names = islice(_free(context, cache, shard), len(zones))
    return tuple(Node(name, node_id(1), zone) for name, zone in zip(names, zones, strict=True))


def quiet_zones(zones: Sequence[str], shard: Shard, more: int) -> tuple[str, ...]:
    """The zones for so many replicas: always one that has the fewest nodes of the shard so far."""
    return quiet(zones, [node.zone for node in shard.nodes], more)


def _free(context: Context, cache: Cache, shard: str) -> Iterator[str]:
    here = (context.caller.account, context.caller.region)
    leaving = {name.rpartition(".")[0] for name in cache.status.nodes}
    own = cache.spec.cluster_mode is ClusterMode.ENABLED
    for number in count(1):
        name = shard_member_id(cache.key.id, shard, number) if own else member_id(cache.key.id, number)
        if name not in leaving and context.transaction.caches.holding(*here, name) is None:
            yield name

"""Replicas that join a replication group and leave it, with cluster mode disabled."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count, islice

from controlplane.api.context import Context
from controlplane.model.cache import Cache, Node, Shard
from controlplane.model.faults import Fault
from controlplane.model.lifecycle import Phase
from controlplane.model.names import member_id, node_id


def check_available(cache: Cache) -> None:
    """Fault when a group's nodes cannot be changed now."""
    if cache.phase is not Phase.AVAILABLE:
        raise Fault("InvalidReplicationGroupStateFault", f"Replication group {cache.key.id} is not in available state.")


def only_shard(cache: Cache) -> Shard:
    """The shard of a group with cluster mode disabled."""
    (shard,) = cache.spec.shards
    return shard


def leader_of(cache: Cache) -> Node:
    """The node that leads the only shard; the first one while nobody was chosen."""
    shard = only_shard(cache)
    decided = cache.status.shards.get(shard.id)
    return next((node for node in shard.nodes if decided and node.name == decided.primary), shard.nodes[0])


def replicas_of(cache: Cache) -> list[Node]:
    """The other nodes, in order."""
    leader = leader_of(cache)
    return [node for node in only_shard(cache).nodes if node is not leader]


def newcomers(context: Context, cache: Cache, zones: Sequence[str]) -> list[Node]:
    """A new replica for each zone, with the next names that are free."""
    return [
        Node(name, node_id(1), zone)
        for name, zone in zip(islice(_free(context, cache), len(zones)), zones, strict=True)
    ]


def quiet_zones(context: Context, cache: Cache, more: int) -> list[str]:
    """The zones for so many replicas: always one that has the fewest nodes so far."""
    taken = Counter(node.zone for node in cache.spec.nodes)
    chosen: list[str] = []
    for _ in range(more):
        zone = min(context.zones, key=lambda zone: taken[zone])
        taken[zone] += 1
        chosen.append(zone)
    return chosen


def _free(context: Context, cache: Cache) -> Iterator[str]:
    here = (context.caller.account, context.caller.region)
    leaving = {name.rpartition(".")[0] for name in cache.status.nodes}
    for number in count(1):
        name = member_id(cache.key.id, number)
        if name not in leaving and context.transaction.caches.holding(*here, name) is None:
            yield name

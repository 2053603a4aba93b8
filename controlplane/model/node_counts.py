"""How many nodes a Memcached cluster has: what a request makes of those that are there and of the change that waits.

Source: the API reference of ModifyCacheCluster, NumCacheNodes, CacheNodeIdsToRemove and NewAvailabilityZones.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cachewright.controlplane.model.cache import Node
from cachewright.controlplane.model.faults import Fault, invalid_combination, invalid_value
from cachewright.controlplane.model.names import node_id
from cachewright.controlplane.model.pending import Resize


@dataclass(frozen=True, slots=True)
class Order:
    """What a request asks for."""

    count: int  # of nodes in the end
    leaving: tuple[str, ...] = ()  # the ids of nodes that are to be removed
    zones: Sequence[str] = ()  # of the nodes that it adds, as many as `added`


def check_count(count: int) -> None:
    """Fault when no cluster has so many nodes."""
    if count < 1:
        raise invalid_value(f"Invalid value {count} for NumCacheNodes. Must be at least 1")


def added(active: int, waits: Resize, count: int) -> int:
    """How many nodes a request for `count` adds to those that are there and those that wait to be added."""
    return max(0, count - active - len(waits.zones))


def next_resize(active: Sequence[str], waits: Resize, order: Order) -> Resize:
    """What waits after a request. `active` are the ids of the nodes that are there.

    Additions add up; everything else takes the place of what waited, and the number that is there cancels it.
    Faults: a number that does not exist, ids that do not fit the number, fewer additions than wait.
    """
    check_count(order.count)
    here, soon = len(active), len(active) + len(waits.zones)
    if order.count >= soon or order.count == here:
        _check_nobody_leaves(order)
        return Resize() if order.count == here else Resize((*waits.zones, *order.zones))
    coming = next_ids(active, len(waits.zones))
    _check_known((*active, *coming), order)
    return _removal(active, coming, order) if order.count < here else _fewer(active, coming, waits, order)


def resized(nodes: Sequence[Node], waits: Resize) -> tuple[Node, ...]:
    """The nodes once what waits is done. New ones have the numbers behind the highest one."""
    stay = [node for node in nodes if node.id not in waits.leaving]
    ids = next_ids([node.id for node in nodes], len(waits.zones))
    come = (Node(nodes[0].cluster, new, zone) for new, zone in zip(ids, waits.zones, strict=True))
    return (*stay, *come)


def next_ids(active: Sequence[str], more: int) -> list[str]:
    """The ids of so many nodes that are to be added."""
    highest = max(map(int, active))
    return [node_id(number) for number in range(highest + 1, highest + 1 + more)]


def quiet(zones: Sequence[str], taken: Sequence[str], more: int) -> tuple[str, ...]:
    """Zones for so many nodes, where nodes are in the `taken` ones: always one that has the fewest so far."""
    counts = Counter(taken)
    chosen: list[str] = []
    for _ in range(more):
        zone = min(zones, key=lambda zone: counts[zone])
        counts[zone] += 1
        chosen.append(zone)
    return tuple(chosen)


def _check_nobody_leaves(order: Order) -> None:
    if order.leaving:
        raise invalid_combination(
            "CacheNodeIdsToRemove can only be given when NumCacheNodes is less than the number of cache nodes."
        )


def _check_known(known: Sequence[str], order: Order) -> None:
    if unknown := sorted(set(order.leaving) - set(known)):
        raise invalid_value(f"Cache nodes not found: {', '.join(unknown)}")
    if len(set(order.leaving)) < len(order.leaving):
        raise invalid_value("CacheNodeIdsToRemove names a cache node twice.")


def _removal(active: Sequence[str], coming: Sequence[str], order: Order) -> Resize:
    """Nodes that are there go. Those that wait to be added never come, be they named (AWS counts them) or not."""
    leaving = tuple(node for node in order.leaving if node in active)
    named = len(order.leaving) - len(leaving)
    if len(leaving) != len(active) - order.count or named not in (0, len(coming)):
        raise _miscounted(len(active) + len(coming), order)
    return Resize(leaving=leaving)


def _fewer(active: Sequence[str], coming: Sequence[str], waits: Resize, order: Order) -> Resize:
    """Nodes that wait to be added, without those that are named."""
    if not order.leaving:
        raise invalid_combination(
            "The number of cache nodes that are pending creation cannot be decreased. Cancel the pending modification"
            " first by setting NumCacheNodes to the current number of cache nodes."
        )
    if set(order.leaving) & set(active):
        raise invalid_combination("Cache nodes cannot be removed while others are pending creation.")
    soon = len(active) + len(coming)
    if len(order.leaving) != soon - order.count:
        raise _miscounted(soon, order)
    return Resize(tuple(zone for node, zone in zip(coming, waits.zones, strict=True) if node not in order.leaving))


def _miscounted(soon: int, order: Order) -> Fault:
    """AWS's answer, as callers report it; `soon` is the number of nodes, with those that wait to be added."""
    return invalid_combination(
        "The number of CacheNodeIdsToRemove must match the number of nodes you are trying to remove, current number of"
        f" cache nodes is {soon}, requested number of cache nodes is {order.count} and CacheNodeIdsToRemove supplied"
        f" are {len(order.leaving)}"
    )

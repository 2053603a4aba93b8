"""What NodeGroupConfiguration says about the node groups of a new replication group."""

import re
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from cachewright.controlplane.model import slots
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.names import node_id, repeated
from cachewright.controlplane.model.zones import known, spread

Entry = Mapping[str, Any]

_NUMBER = re.compile(r"\d{1,4}", re.ASCII)


def group_number(wanted: str) -> str:
    """The id of a node group with all its digits; Fault when it is none."""
    if not _NUMBER.fullmatch(wanted):
        raise invalid_value(f"Invalid node group id {wanted}. It must have 1 to 4 digits.")
    return wanted.zfill(4)


def ids_of(entries: Sequence[Entry]) -> tuple[str, ...]:
    """An id for each entry: the one that it names, else the next number that is free."""
    named = [group_number(entry["NodeGroupId"]) if entry.get("NodeGroupId") else "" for entry in entries]
    if twice := repeated(filter(None, named)):
        raise invalid_value(f"Node group {twice} must be given once in NodeGroupConfiguration.")
    free = (name for name in map(node_id, count(1)) if name not in named)
    return tuple(name or next(free) for name in named)


def slots_of(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The slots of each entry, shared out equally if no entry names any."""
    texts = [entry.get("Slots") or "" for entry in entries]
    if not any(texts):
        return tuple(map(slots.written, slots.split(len(entries))))
    if not all(texts):
        raise invalid_combination("Slots must be given for every node group, or for none.")
    shares = [_parsed(text) for text in texts]
    if not slots.complete(shares):
        raise invalid_value("The slots of the node groups must cover 0-16383, and each slot only once.")
    return tuple(map(slots.written, shares))


def zones_for(entry: Entry, nodes: int, zones: Sequence[str]) -> tuple[str, ...]:
    """A zone for each node, the primary's first; those that are not named are chosen round and round."""
    first = known([entry.get("PrimaryAvailabilityZone") or zones[0]], zones)
    replicas = known(entry.get("ReplicaAvailabilityZones") or (), zones)
    if replicas and len(replicas) != nodes - 1:
        raise invalid_value("ReplicaAvailabilityZones must name one availability zone for each replica.")
    return (*first, *replicas) if replicas else spread(turned(zones, zones.index(first[0])), nodes)


def turned(zones: Sequence[str], start: int) -> tuple[str, ...]:
    """The zones round and round, from the one at `start` on."""
    start %= len(zones)
    return (*zones[start:], *zones[:start])


def _parsed(text: str) -> slots.Ranges:
    try:
        return slots.parsed(text)
    except ValueError:
        raise invalid_value(f"Invalid slots {text}. They must be within 0 and 16383, such as 0-8191.") from None

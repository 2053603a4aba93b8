"""How much memory a node gets: what its node type offers, as far as the machine carries it."""

from dataclasses import dataclass, replace

from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.node_types import MIB
from cachewright.controlplane.model.parameters import effective
from cachewright.controlplane.model.versions import Engine

GIB = 1024 * MIB
OVERHEAD = 96 * MIB  # of a container beside its items: code, connections, replication buffers
LEAST = 1  # MiB, whatever is reserved: to the engines 0 is no limit
SHARE = 2  # a node may use one half of the machine at most


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes for a node."""

    items: int  # what the engine may fill: `maxmemory`
    container: int  # what the container may use, `scratch` included
    note: str = ""  # what to tell when the machine is smaller than the node type
    scratch: int = 0  # of memory for the files that the engine writes; 0: they are on a disk


def size_of(spec: Spec, machine: int) -> Size:
    """The size of every node of a cache on a machine with that many bytes of memory."""
    size = _limited(spec, _of_disks(spec, machine))
    if not spec.in_memory:
        return size
    room = size.container - OVERHEAD  # a file is no larger than what it is of
    return replace(size, container=size.container + room, scratch=room)


def _limited(spec: Spec, size: Size) -> Size:
    """A serverless cache holds no more than its limit: it evicts keys with a time to live then, or refuses writes."""
    most = spec.limits.data_storage.maximum * GIB
    return replace(size, items=min(size.items, most)) if most else size


def _of_disks(spec: Spec, machine: int) -> Size:
    """The size of a node that may write files to a disk."""
    whole, offered = _memory(spec)
    carried = machine // SHARE - OVERHEAD
    if offered <= carried:
        # The reservation may change while the node runs, its container not.
        most = min(whole, carried)
        return Size(offered, most + most // 4 + OVERHEAD)
    note = (
        f"Node type {spec.node_type} offers {_gib(offered)} GiB for items; this machine has {_gib(machine)} GiB, "
        f"so each node may use {_gib(carried)} GiB."
    )
    return Size(carried, carried + OVERHEAD, note)


def _memory(spec: Spec) -> tuple[int, int]:
    """What the node type has, and what its parameters leave of it for items."""
    values = effective(spec)
    if spec.engine is Engine.MEMCACHED:
        whole = int(values["max_cache_memory"])
        return whole * MIB, max(whole - int(values["memcached_connections_overhead"]), LEAST) * MIB
    whole = int(values["maxmemory"])
    kept = int(values["reserved-memory"]) or whole * int(values["reserved-memory-percent"]) // 100
    return whole, max(whole - kept, LEAST * MIB)


def _gib(size: int) -> str:
    return f"{size / 1024**3:.1f}"

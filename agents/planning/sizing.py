"""How much memory a node gets: what its node type offers, as far as the machine carries it."""

from dataclasses import dataclass

from controlplane.model.cache import Spec
from controlplane.model.node_types import MIB, node_type

OVERHEAD = 96 * MIB  # of a container beside its items: code, connections, replication buffers
SHARE = 2  # a node may use one half of the machine at most


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes for a node."""

    items: int  # what the engine may fill: `maxmemory`
    container: int  # what the container may use
    note: str = ""  # what to tell when the machine is smaller than the node type


def size_of(spec: Spec, machine: int) -> Size:
    """The size of every node of a cache on a machine with that many bytes of memory."""
    offered = node_type(spec.node_type).usable(spec.engine)
    carried = machine // SHARE - OVERHEAD
    if offered <= carried:
        return Size(offered, offered + offered // 4 + OVERHEAD)
    note = (
        f"Node type {spec.node_type} offers {_gib(offered)} GiB for items; this machine has {_gib(machine)} GiB, "
        f"so each node may use {_gib(carried)} GiB."
    )
    return Size(carried, carried + OVERHEAD, note)


def _gib(size: int) -> str:
    return f"{size / 1024**3:.1f}"

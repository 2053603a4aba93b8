"""A node's place in its cluster: who it is there, and what it is told of the others before its first moment."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha1

from cachewright.controlplane.model.cache import Address, Cache, Status
from cachewright.controlplane.model.slots import EVERY, Ranges

NOWHERE = Address("127.0.0.1", 9)  # in a node's own container, where nobody listens: no word leaves it
NO_BUS = 9  # a port at which no node listens for others
BUS = 10000  # from the clients' port to the one where cluster nodes talk; downwards where it would not fit


@dataclass(frozen=True, slots=True)
class ClusterNode:
    """A node as it is written into the file with which another one begins."""

    id: str
    address: Address
    follows: str = ""  # the id of its primary; empty: it leads
    slots: Ranges = ()
    epoch: int = 0  # of its claim to the slots; the higher one wins
    shard: str = ""  # which nodes belong together, as engines since Redis 7.2 tell clients: 40 hexadecimal digits
    arriving: tuple[tuple[str, Ranges], ...] = ()  # slots that it is to have, by the ids of those who serve them yet
    apart: bool = False  # who begins with the file never talks to it: no right port of its bus is named there
    awaited: bool = False  # of another cluster: it is to lead there, or to begin, and does not yet
    name: str = ""  # what clients are told in place of its address, where the others do not hear that from itself

    @property
    def alone(self) -> bool:
        """Whether it serves all slots as a replica of another cluster's node."""
        return bool(self.follows) and self.slots == EVERY


@lru_cache(1 << 14)
def cluster_node_id(incarnation: str, node: str, joined: int = 0) -> str:
    """Who a node is in its cluster, in all its lives: 40 hexadecimal digits. One that `joined` again, in another
    generation of the spec, is somebody else: engines keep out for a minute whom they were told to forget.
    """
    place = f"{incarnation}/{node}/{joined}" if joined else f"{incarnation}/{node}"
    return sha1(place.encode(), usedforsecurity=False).hexdigest()


def id_of(cache: Cache, status: Status, node: str) -> str:
    """Who a node of a cache is in its cluster; KeyError for one that has no status."""
    return cluster_node_id(cache.incarnation, node, status.nodes[node].joined)


def bus_port(port: int) -> int:
    """Where a node that listens for clients on `port` listens for other nodes."""
    return port + BUS if port + BUS < 1 << 16 else port - BUS

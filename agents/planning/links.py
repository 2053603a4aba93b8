"""Where and how a replica reaches its primary."""

from dataclasses import dataclass

from cachewright.controlplane.model.cache import Address, NodeStatus, Status, Transit
from cachewright.controlplane.model.upstreams import Upstream

NOBODY = Address("127.0.0.1", 1)  # refuses every replica at once, which stays one: nobody listens there in a container
SHADOW_PORT = 1026  # where a node takes encrypted connections while its own port is taken by plain ones
METERING_PORT = 1027  # where the relay beside a node takes the connections of which it counts what they ask for
DELAYING_PORT = 1028  # where the relay beside a replica takes the connection that it leads on later


@dataclass(frozen=True, slots=True)
class Link:
    """Where a replica finds its primary, and how: REPLICAOF, and whether with TLS."""

    address: Address
    encrypted: bool = False
    diskless_load: bool = False  # who holds nothing loads a copy as it comes: its stream begins up to a second later
    source: Upstream | None = None  # of the user's, that is entered as it says; None: as `encrypted` says
    delay: int = 0  # milliseconds by which everything is to arrive later: it is led on by a relay beside the replica


@dataclass(frozen=True, slots=True)
class Reach:
    """How the agent itself connects to a node."""

    address: Address
    encrypted: bool = False
    login: bool = False  # with the agent's own login, and not as the default user

    def __str__(self) -> str:
        return str(self.address)


@dataclass(frozen=True, slots=True)
class Entry:
    """How one life of a node takes connections: what its container was started with, whatever is desired by now."""

    transit: Transit
    login: bool = False  # it knows the agent's login; an encrypted one always does


def reached_at(status: Status, name: str) -> Address:
    """Where the agent reaches a node: at its own address; where that cannot be reached, as clients do."""
    node = status.nodes[name]
    return node.address if node.recyclable else status.shown_address(name)


def reach(status: Status, name: str, entry: Entry | None = None) -> Reach:
    """How the agent connects to a node: as clients do, but for nodes on the way to encryption. There the port of the
    node belongs to a relay, which may not be there yet. `entry` is that of the life that runs, when another one was
    decided upon already.
    """
    node, shown = status.nodes[name], reached_at(status, name)
    entry = entry or Entry(node.transit, node.login)
    hidden = entry.transit is Transit.PREFERRED and shown == node.address
    encrypted = entry.transit is not Transit.OFF
    address = Address(shown.host, SHADOW_PORT) if hidden else shown
    return Reach(address, encrypted, entry.login or encrypted)


def addresses(status: Status, name: str) -> tuple[Address, ...]:
    """Every address at which the agent may have reached a node in one of its lives."""
    shown = reached_at(status, name)
    return (shown, Address(shown.host, SHADOW_PORT))


def door(address: Address) -> Address:
    """Where the relay beside a replica takes the connection that it leads on to `address`. For each address it is
    another one of the loopback network, so that whom a node follows is told by the node itself, as ever. All nodes are
    in one /16; a node is followed at its own port or at its shadow port.
    """
    hidden, (*_, third, fourth) = address.port == SHADOW_PORT, address.host.split(".")
    return Address(f"127.{2 if hidden else 1}.{third}.{fourth}", DELAYING_PORT)


def is_door(address: Address | None) -> bool:
    """Whether a replica that follows there does so by a relay."""
    return address is not None and address.port == DELAYING_PORT and address.host.startswith("127.")


def link(replica: NodeStatus, primary: NodeStatus) -> Link:
    """How a replica connects to its primary: encrypted as soon as both ends can; on the way to and from encryption some
    nodes still cannot.
    """
    if primary.transit is Transit.REQUIRED:
        return Link(primary.address, encrypted=True)
    if primary.transit is Transit.PREFERRED and replica.transit is not Transit.OFF:
        return Link(Address(primary.address.host, SHADOW_PORT), encrypted=True)
    return Link(primary.address)

"""Where and how a replica reaches its primary."""

from dataclasses import dataclass

from controlplane.model.cache import Address, NodeStatus, Status, Transit

SHADOW_PORT = 1026  # where a node takes encrypted connections while its own port is taken by plain ones


@dataclass(frozen=True, slots=True)
class Link:
    """A connection from a replica to its primary."""

    address: Address
    encrypted: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """How the agent itself reaches a node. A guarded node takes encrypted connections, and knows the agent's login."""

    address: Address
    guarded: bool = False

    def __str__(self) -> str:
        return str(self.address)


def reach(status: Status, name: str, transit: Transit | None = None) -> Reach:
    """The agent's way to a node: the way of everybody, but for nodes on the way to encryption. Their own port is in
    the hands of a relay, which may not be there yet. `transit` is that of the life that runs, when another one was
    decided upon already.
    """
    node, told = status.nodes[name], status.told(name)
    transit = transit or node.transit
    if transit is Transit.PREFERRED and told == node.address:
        return Reach(Address(told.host, SHADOW_PORT), guarded=True)
    return Reach(told, guarded=transit is not Transit.OFF)


def link(replica: NodeStatus, primary: NodeStatus) -> Link:
    """Encrypted as soon as both ends can; on the way to and from encryption some nodes still cannot."""
    if primary.transit is Transit.REQUIRED:
        return Link(primary.address, encrypted=True)
    if primary.transit is Transit.PREFERRED and replica.transit is not Transit.OFF:
        return Link(Address(primary.address.host, SHADOW_PORT), encrypted=True)
    return Link(primary.address)

"""Cachewright's network: a /16 in which every range has one use, and IPv6 addresses beside."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

CANDIDATES: tuple[IPv4Network, ...] = tuple(IPv4Network(f"10.{second}.0.0/16") for second in range(200, 250))


@dataclass(frozen=True, slots=True)
class Network:
    """A network of the engine and the uses of its addresses; they follow from the subnet alone."""

    name: str
    subnet: IPv4Network
    six: IPv6Network | None = None  # None: the engine has no IPv6, or had none when the network was made

    def twin(self, host: str) -> str:
        """The other address of whoever has this one: it is as far from the beginning of the IPv6 subnet as the IPv4
        address from that of the other. LookupError without IPv6.
        """
        if self.six is None:
            raise LookupError(f"the network {self.name} has no IPv6")
        if ":" in host:
            return str(self.subnet[int(IPv6Address(host)) - int(self.six[0])])
        return str(self.six[int(IPv4Address(host)) - int(self.subnet[0])])

    @property
    def endpoints6(self) -> str:
        """The twins of the virtual addresses, in CIDR notation; empty without IPv6."""
        return str(IPv6Network((self.twin(str(self.endpoints[0])), 114))) if self.six else ""

    @property
    def host(self) -> IPv4Address:
        """The engine's machine, as containers see it."""
        return self.subnet[1]

    @property
    def gateway(self) -> IPv4Address:
        """The gateway container's own address."""
        return self.subnet[2]

    @property
    def directory(self) -> IPv4Address:
        """The directory container's address."""
        return self.subnet[3]

    @property
    def first_node(self) -> IPv4Address:
        """The lowest address of a cache node."""
        return self.subnet[4 * 256]

    @property
    def last_node(self) -> IPv4Address:
        """The highest address of a cache node."""
        return self.subnet[128 * 256 - 1]

    @property
    def endpoints(self) -> IPv4Network:
        """Virtual addresses, which the gateway holds for endpoints that move."""
        return IPv4Network((self.subnet[128 * 256], 18))

    @property
    def guests(self) -> IPv4Network:
        """Where the engine chooses addresses for containers that join without asking for one."""
        return IPv4Network((self.subnet[192 * 256], 18))


def local_subnet(name: str) -> IPv6Network:
    """The unique local addresses (RFC 4193) of the network of that name: always the same, and like nobody else's."""
    return IPv6Network((b"\xfd" + sha256(name.encode()).digest()[:7] + bytes(8), 64))


def free_subnets(taken: Iterable[IPv4Network], preferred: str = "") -> Iterator[IPv4Network]:
    """The subnets that overlap none of `taken`, the preferred one first."""
    busy = tuple(taken)
    desired = (IPv4Network(preferred),) if preferred else ()
    for candidate in (*desired, *(subnet for subnet in CANDIDATES if subnet not in desired)):
        if not any(candidate.overlaps(other) for other in busy):
            yield candidate


def routes(table: str) -> tuple[IPv4Network, ...]:
    """The destinations in the text of Linux's `/proc/net/route`, but for the default route."""
    rows = [line.split() for line in table.splitlines()[1:]]
    destinations = [IPv4Network((_address(row[1]), str(_address(row[7])))) for row in rows if len(row) > 7]
    return tuple(destination for destination in destinations if destination.prefixlen)


def _address(little_endian_hex: str) -> IPv4Address:
    return IPv4Address(int.from_bytes(bytes.fromhex(little_endian_hex), "little"))

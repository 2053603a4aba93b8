"""What the kernel is told of routes, in the language of nft. Pure.

A route is a chain of its endpoint: it picks a mark in turn for each new connection, and the mark's target by
destination NAT. So a mark stands for the connections of one endpoint to one target: who knows it can end exactly
these. All packets but a connection's first are led by the kernel's connection tracking alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

Targets = Mapping[str, int]  # addresses ("10.200.4.0:6379"), each with its mark; in the order of their turns

# Seconds that an idle connection is remembered: 23 days, nearly the most that the kernel can count. Keepalive of either
# end begins anew.
PATIENCE = 2_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where the gateway stands on Cachewright's network."""

    address: str  # its own
    host: str  # the engine's machine
    endpoints: str  # the range that it answers for, in CIDR notation
    sources: str  # the range that connections to targets come from, "first-last"
    admin: int  # the port at which the host may tell it routes
    endpoints6: str = ""  # as `endpoints`, of IPv6; empty: there is none
    sources6: str = ""


def foundation(place: Place) -> str:
    """The table that is there before the first route. Connections that no route takes end at this kernel, which has
    nobody listening and resets them; so do packets of connections that were forgotten.
    """
    guard = f"""\
table ip gateway {{
    chain guard {{
        type filter hook input priority filter;
        ip daddr {place.address} tcp dport {place.admin} ip saddr != {place.host} reject with tcp reset
    }}
}}
"""
    six = _table("ip6", "ipv6_addr", place.endpoints6, place.sources6) if place.endpoints6 else ""
    return f"{_table('ip', 'ipv4_addr', place.endpoints, place.sources)}{guard}{six}"


def _table(family: str, kind: str, endpoints: str, sources: str) -> str:
    return f"""\
table {family} gateway {{
    ct timeout idle {{ protocol tcp; l3proto {family}; policy = {{ established : {PATIENCE} }}; }}
    map endpoints {{ type {kind} . inet_service : verdict; }}
    chain destinations {{
        type nat hook prerouting priority dstnat;
        {family} daddr . tcp dport vmap @endpoints
    }}
    chain sources {{
        type nat hook postrouting priority srcnat;
        ct status dnat snat to {sources}
    }}
    chain untracked {{
        type filter hook output priority raw;
        {family} saddr {endpoints} notrack
    }}
}}
"""


def route(endpoint: str, targets: Targets) -> str:
    """The commands that lead new connections to these targets, in turn; without any they are refused."""
    family, chain = family_of(endpoint), _chain(endpoint)
    place = f"{family} gateway {chain}"
    rules = "".join(f"add rule {place} {rule}\n" for rule in _rules(family, targets))
    element = f"add element {family} gateway endpoints {{ {_spaced(endpoint)} : goto {chain} }}\n"
    return f"add chain {place}\nflush chain {place}\n{rules}{element}"


def unroute(endpoint: str) -> str:
    """The commands that remove a route that is there."""
    table = f"{family_of(endpoint)} gateway"
    return f"delete element {table} endpoints {{ {_spaced(endpoint)} }}\ndelete chain {table} {_chain(endpoint)}\n"


def each_of(sources: str) -> Iterator[str]:
    """The addresses of a range, "first-last"."""
    first, last = (int(ip_address(end)) for end in sources.split("-"))
    return (str(type(ip_address(sources.split("-", maxsplit=1)[0]))(number)) for number in range(first, last + 1))


def family_of(address: str) -> str:
    """nft's word for the family of an address with a port: one of IPv6 is in brackets."""
    return "ip6" if address.startswith("[") else "ip"


def host_of(address: str) -> str:
    """An address without its port."""
    return address.rpartition(":")[0].strip("[]")


def _rules(family: str, targets: Targets) -> Iterator[str]:
    if targets:
        turns = ", ".join(f"{turn} : {mark}" for turn, mark in enumerate(targets.values()))
        places = ", ".join(f"{mark} : {_spaced(target)}" for target, mark in targets.items())
        yield 'ct timeout set "idle"'
        yield f"ct mark set numgen inc mod {len(targets)} map {{ {turns} }}"
        yield f"meta l4proto tcp dnat {family} to ct mark map {{ {places} }}"


def _spaced(address: str) -> str:
    return f"{host_of(address)} . {address.rpartition(':')[2]}"


def _chain(endpoint: str) -> str:
    return f"e{endpoint.strip('[').replace(']', '').replace(':', '_')}"

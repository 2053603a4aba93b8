"""What the kernel is told of routes, in the language of nft. Pure.

A route is a chain of its endpoint: it picks a mark in turn for each new connection, and the mark's target by
destination NAT. So a mark stands for the connections of one endpoint to one target: who knows it can end exactly
these. All packets but a connection's first are led by the kernel's connection tracking alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Targets = Mapping[str, int]  # addresses ("10.200.4.0:6379"), each with its mark; in the order of their turns

TABLE = "ip gateway"
# Seconds that an idle connection is remembered: 23 days, nearly the most that the kernel can count. Keepalive of either
# end begins anew.
PATIENCE = 2_000_000
SOURCES = 4  # addresses that connections seem to come from: each has 64,000 ports towards a target


@dataclass(frozen=True, slots=True)
class Place:
    """Where the gateway stands on Cachewright's network."""

    address: str  # its own
    host: str  # the engine's machine
    endpoints: str  # the range that it answers for, in CIDR notation
    sources: str  # the range that connections to targets come from, "first-last"
    admin: int  # the port at which the host may tell it routes


def foundation(place: Place) -> str:
    """The table that is there before the first route. Connections that no route takes end at this kernel, which has
    nobody listening and resets them; so do packets of connections that were forgotten.
    """
    return f"""\
table {TABLE} {{
    ct timeout idle {{ protocol tcp; l3proto ip; policy = {{ established : {PATIENCE} }}; }}
    map endpoints {{ type ipv4_addr . inet_service : verdict; }}
    chain destinations {{
        type nat hook prerouting priority dstnat;
        ip daddr . tcp dport vmap @endpoints
    }}
    chain sources {{
        type nat hook postrouting priority srcnat;
        ct status dnat snat to {place.sources}
    }}
    chain untracked {{
        type filter hook output priority raw;
        ip saddr {place.endpoints} notrack
    }}
    chain guard {{
        type filter hook input priority filter;
        ip daddr {place.address} tcp dport {place.admin} ip saddr != {place.host} reject with tcp reset
    }}
}}
"""


def route(endpoint: str, targets: Targets) -> str:
    """The commands that lead new connections to these targets, in turn; without any they are refused."""
    chain = _chain(endpoint)
    begin = f"add chain {TABLE} {chain}\nflush chain {TABLE} {chain}\n"
    rules = "".join(f"add rule {TABLE} {chain} {rule}\n" for rule in _rules(targets))
    return f"{begin}{rules}add element {TABLE} endpoints {{ {_spaced(endpoint)} : goto {chain} }}\n"


def unroute(endpoint: str) -> str:
    """The commands that remove a route that is there."""
    chain = _chain(endpoint)
    return f"delete element {TABLE} endpoints {{ {_spaced(endpoint)} }}\ndelete chain {TABLE} {chain}\n"


def _rules(targets: Targets) -> Iterator[str]:
    if targets:
        turns = ", ".join(f"{turn} : {mark}" for turn, mark in enumerate(targets.values()))
        places = ", ".join(f"{mark} : {_spaced(target)}" for target, mark in targets.items())
        yield 'ct timeout set "idle"'
        yield f"ct mark set numgen inc mod {len(targets)} map {{ {turns} }}"
        yield f"meta l4proto tcp dnat ip to ct mark map {{ {places} }}"


def _spaced(address: str) -> str:
    host, _, port = address.rpartition(":")
    return f"{host} . {port}"


def _chain(endpoint: str) -> str:
    return f"e{endpoint.replace(':', '_')}"

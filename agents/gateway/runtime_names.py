"""What is said to HAProxy's runtime API of the host names by which encrypted clients are led. Pure."""

from collections.abc import Mapping

from cachewright.agents.gateway.gateway import Names
from cachewright.agents.gateway.runtime_api import address
from cachewright.controlplane.model.cache import Address

NAMES = "/gateway/names.map"  # of the gateway of a host: which endpoint clients mean that name a host


def led(names: Names) -> dict[str, str]:
    """The map's entries of these host names."""
    return {name: str(endpoint) for endpoint, each in names.items() for name in each}


def names_in(answer: str) -> dict[str, str] | None:
    """The entries that the map of names has; None where there is no such map."""
    if answer.startswith("Unknown map"):
        return None
    return dict(line.split()[1:3] for line in answer.splitlines() if line)


def naming(held: Mapping[str, str], names: Names) -> list[str]:
    """The commands by which each of these endpoints goes by its names, and by no others."""
    wanted, endpoints = led(names), frozenset(map(str, names))
    gone = (name for name, endpoint in held.items() if endpoint in endpoints and name not in wanted)
    come = {name: endpoint for name, endpoint in wanted.items() if held.get(name) != endpoint}
    added = (f"{'set' if name in held else 'add'} map {NAMES} {name} {endpoint}" for name, endpoint in come.items())
    return [*(f"del map {NAMES} {name}" for name in gone), *added]


def of_names(held: Mapping[str, str]) -> Names:
    """Which names endpoints go by, as `naming` was told."""
    names: dict[Address, set[str]] = {}
    for name, endpoint in held.items():
        names.setdefault(address(endpoint), set()).add(name)
    return names

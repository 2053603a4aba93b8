"""A cluster's report as the directory is told of it."""

from cachewright.agents.directory.program.listing import Entry, Listing
from cachewright.controlplane.model.cache import Discovery, Status, Transit


def listing_of(status: Status, discovery: Discovery) -> Listing:
    """Who is listed, as callers are told, and who lives, where the directory itself reaches them."""
    return Listing(
        version=discovery.version,
        nodes=tuple(_entry(status, name) for name in discovery.nodes),
        targets=tuple((status.nodes[name].address.host, status.nodes[name].address.port) for name in discovery.live),
        encrypted=any(status.nodes[name].transit is not Transit.OFF for name in discovery.nodes),
    )


def _entry(status: Status, name: str) -> Entry:
    told = status.shown_address(name)
    return Entry(status.hosts.get(name, told.host), told.host, told.port)

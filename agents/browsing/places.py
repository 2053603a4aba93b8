"""Where the nodes of a cache are, as its clients reach them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cachewright.agents.planning.links import reach
from cachewright.controlplane.model.browsing import Refusal
from cachewright.controlplane.model.cache import Address, Cache, Transit


@dataclass(frozen=True, slots=True)
class Place:
    """A node or an endpoint that clients connect to. `shard` is that of a node."""

    name: str
    address: Address
    encrypted: bool
    shard: str = ""


def nodes(cache: Cache) -> Sequence[Place]:
    """Those that have an address, in order."""
    return [
        _node(cache, node.name, shard.id)
        for shard in cache.shards
        for node in shard.nodes
        if node.name in cache.status.nodes
    ]


def leading(cache: Cache) -> Sequence[Place]:
    """The primaries, which together hold everything; Refusal where there is none yet."""
    names = {shard.primary for shard in cache.status.shards.values()}
    if found := [each for each in nodes(cache) if each.name in names]:
        return found
    raise Refusal(f"{cache.key.id} has no primary yet")


def leader(cache: Cache, node: str) -> Place:
    """The primary of the shard of a node, whatever became of the node; without one, any."""
    every = leading(cache)
    shard = next((each.shard for each in nodes(cache) if each.name == node), "")
    return next((each for each in every if each.shard == shard), every[0])


def place(cache: Cache, name: str) -> Place:
    """The node or the endpoint of that name; Refusal without one."""
    if found := next((each for each in nodes(cache) if each.name == name), None):
        return found
    if name in cache.status.nodes or name not in cache.status.endpoints:
        raise Refusal(f"{cache.key.id} has no node and no endpoint {name or 'yet'}")
    encrypted = any(node.transit is Transit.REQUIRED for node in cache.status.nodes.values())
    return Place(name, cache.status.endpoints[name], encrypted)


def node_behind(cache: Cache, name: str) -> Place:
    """The node of that name, or one that leads, where it is an endpoint's; Refusal without one."""
    return next((each for each in nodes(cache) if each.name == name), None) or leading(cache)[0]


def own_door(cache: Cache, place: Place) -> Place:
    """Where Cachewright itself enters a node: on the way to encryption it does not go the way of plain clients."""
    node = node_behind(cache, place.name)
    way = reach(cache.status, node.name)
    return replace(node, address=way.address, encrypted=way.encrypted)


def at(cache: Cache, host: str, port: int) -> Place | None:
    """The node or, of a serverless cache, the endpoint that a redirection names; None: it names none of this cache, and
    nobody goes there.
    """
    for each in nodes(cache):
        known = cache.status.nodes[each.name].address
        if Address(host, port) in (each.address, known) or host in (known.host, cache.status.hosts.get(each.name)):
            return each
    ends = (name for name, address in cache.status.endpoints.items() if address == Address(host, port))
    return next((place(cache, name) for name in ends), None)


def _node(cache: Cache, name: str, shard: str) -> Place:
    known = cache.status.nodes[name]
    return Place(name, cache.status.shown_address(name), known.transit is Transit.REQUIRED, shard)

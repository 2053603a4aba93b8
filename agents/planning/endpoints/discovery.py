"""Who is listed at the configuration endpoint of a Memcached cluster, and under which version.

Source: ElastiCache user guide, "How Auto Discovery works" and "Adding Auto Discovery to your client library": nodes are
listed once they are available, leave the list before they are shut down, and stay on it while they are replaced. Every
node that comes or goes raises the version. So does one that moves to another host, where clients reach it at another
address: they take no list of a version that they have.
"""

from collections.abc import Mapping
from dataclasses import replace

from cachewright.agents.planning.actions import Action, PublishDiscovery, WithdrawDiscovery
from cachewright.agents.planning.world import Condition, World, condition
from cachewright.controlplane.model.cache import Address, Cache, Discovery, Status
from cachewright.controlplane.model.lifecycle import UNBORN


def next_discovery(cache: Cache, status: Status, world: World) -> Discovery | None:
    """The next list; None for a cache that has none."""
    if status.discovery is None:
        return None
    names = [node.name for node in cache.spec.nodes]
    known = frozenset(status.discovery.nodes)
    nodes = tuple(name for name in names if status.nodes[name].created_at)
    if status.phase in UNBORN and len(nodes) < len(names):
        nodes = status.discovery.nodes  # the first list is that of the whole cluster
    live = tuple(name for name in nodes if condition(world.at(name), status.nodes[name]) is Condition.LIVE)
    places = tuple(map(status.shown_address, nodes))
    changes = len(known.symmetric_difference(nodes)) + _moved(status.discovery, dict(zip(nodes, places, strict=True)))
    version = status.discovery.version + changes if known else min(changes, 1)
    return replace(status.discovery, version=version, nodes=nodes, live=live, places=places)


def _moved(before: Discovery, places: Mapping[str, Address]) -> int:
    """How many nodes are reached elsewhere than before."""
    told = zip(before.nodes, before.places, strict=False)  # nothing is known of places that an earlier release told
    return sum(name in places and places[name] != place for name, place in told)


def publish_discovery(before: Status, status: Status, directory: str) -> list[Action]:
    """What has to be told to the directory; `directory` names the one that runs."""
    if status.discovery is None or not status.discovery.version:
        return []
    known = before.discovery if directory and before.gateway == directory else None
    return [PublishDiscovery(status.discovery)] if status.discovery != known else []


def withdraw_discovery(status: Status) -> list[Action]:
    """The end of the list."""
    return [WithdrawDiscovery(status.discovery.address.port)] if status.discovery and status.discovery.version else []

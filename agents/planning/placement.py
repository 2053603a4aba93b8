"""On which host a node runs: one of its zone first, then one that has none of its shard, then that with most room.

Who was given a place in another zone stays there afterwards, unless all of its shard is on that host.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cachewright.agents.planning.host_leases import judges
from cachewright.agents.planning.members import is_surge
from cachewright.agents.planning.nodes.lifecycle import relocated
from cachewright.controlplane.model.cache import Cache, Node, NodeStatus, Shard, ShardStatus, Status
from cachewright.controlplane.model.hosts import Host

UNLIMITED = 1 << 62  # bytes, of a host of which nobody said how much it has


@dataclass(frozen=True, slots=True)
class Sites:
    """Where nodes may run; nothing when no hosts were told: there is one, and every node is on it."""

    hosts: Mapping[str, Host] = field(default_factory=dict)
    silent: Mapping[str, str] = field(default_factory=dict)  # those that do not answer, and why
    taken: Mapping[str, int] = field(default_factory=dict)  # bytes that nodes take of each
    joining: frozenset[str] = frozenset()  # other hosts, on which no node may run yet

    def serves(self, name: str) -> bool:
        """Whether nodes can be launched on a host."""
        return name in self.hosts and name not in self.silent

    def keeps(self, name: str) -> bool:
        """Whether a node on a host may stay there, whether that answers just now or not."""
        return name in self.hosts and not self.hosts[name].draining

    def is_open(self, name: str) -> bool:
        """Whether nodes that come may run on a host."""
        return self.serves(name) and self.keeps(name)

    @property
    def judges(self) -> bool:
        """Whether hosts that do not answer may be taken for dead: half of all answer at least, see `host_leases`. Some
        gateways count those that are joining, and some do not yet: it has to be half either way.
        """
        ways = (self.hosts.keys(), self.hosts.keys() | self.joining)
        return all(judges(len(names - self.silent.keys()), len(names)) for names in ways)

    def without(self, silent: Mapping[str, str]) -> "Sites":
        """The same, when others were asked and did not answer either, whatever is known of them otherwise."""
        more = {name: why for name, why in silent.items() if name in self.hosts or name in self.joining}
        return replace(self, silent={**self.silent, **more}) if more.keys() - self.silent.keys() else self

    def free(self, name: str) -> int:
        """How many bytes of a host nobody takes."""
        return (self.hosts[name].memory or UNLIMITED) - self.taken.get(name, 0)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a node needs of its host."""

    zone: str  # a letter
    memory: int  # bytes
    siblings: Mapping[str, int] = field(default_factory=dict)  # how many nodes of its shard are on each host
    leaves: str = ""  # the host on which it does not stay


def chosen(wish: Wish, sites: Sites) -> str:
    """The name of the host for a node; empty when none has room."""
    others = [name for name in sites.hosts if sites.is_open(name) and name != wish.leaves]
    fitting = [name for name in others if sites.free(name) >= wish.memory]

    def rank(name: str) -> tuple[bool, int, int, str]:
        return sites.hosts[name].zone != wish.zone, wish.siblings.get(name, 0), -sites.free(name), name

    return min(fitting, key=rank, default="")


def is_misplaced(known: NodeStatus, sites: Sites, *, crowded: bool = False) -> bool:
    """Whether a node has no host, or another one has to be found for it: its host is drained or gone, does not answer
    before the node has, or has all of its shard (`crowded`). Whoever answered there once is waited for like a node that
    hangs.
    """
    if not known.host:
        return True
    stays = sites.keeps(known.host) and not crowded
    if known.moving_to:
        return stays or not sites.is_open(known.moving_to)
    waits = known.answered == known.life or not sites.judges
    awaited = sites.serves(known.host) or (known.host in sites.hosts and waits)
    return not stays or not awaited


def crowded(cache: Cache, nodes: Mapping[str, NodeStatus], sites: Sites) -> frozenset[str]:
    """The nodes that do not stay where all of their shard is, and would be lost at once: one of each such shard that is
    outside of its zone, if there is another host. Who asked for one zone has one host.
    """
    shards = cache.spec.shards if cache.spec.replicates else ()
    found = (_leaving(cache.key.region, shard, cache.status.shards.get(shard.id), nodes, sites) for shard in shards)
    return frozenset(name for name in found if name)


def _leaving(
    region: str, shard: Shard, known: ShardStatus | None, nodes: Mapping[str, NodeStatus], sites: Sites
) -> str:
    """The node of a shard that has to leave the others; a replica, if there is one outside of its zone."""
    every = [node for node in shard.nodes if node.name in nodes and not is_surge(node.name)]
    places = {nodes[node.name].host for node in every}
    if len(every) < 2 or len(places) > 1 or not any(sites.is_open(name) for name in sites.hosts.keys() - places):
        return ""
    (host,) = places
    if not sites.serves(host):
        return ""
    strangers = [node.name for node in every if node.zone != f"{region}{sites.hosts[host].zone}"]
    primary = known.primary if known else ""
    return min(strangers, key=lambda name: name == primary, default="")


def misplaced(cache: Cache, nodes: Mapping[str, NodeStatus], sites: Sites) -> frozenset[str]:
    """The nodes for which a host has to be found. An old primary stays where it was until another one leads: whether it
    may still be written to depends on that.
    """
    leaving = {known.old_primary for known in cache.status.shards.values()}
    rest = ((name, known) for name, known in nodes.items() if name not in leaving)
    many = crowded(cache, nodes, sites)
    return frozenset(name for name, known in rest if is_misplaced(known, sites, crowded=name in many))


def placed(cache: Cache, nodes: Mapping[str, NodeStatus], sites: Sites, memory: int) -> dict[str, NodeStatus]:
    """The nodes with a host for each, as far as there is room; `cache` has the shards with their extras, `memory` is
    what each node takes, in bytes. What answers where it is moves in its next life.
    """
    found = dict(nodes)
    taken = Counter(sites.taken)
    due, many = misplaced(cache, nodes, sites), crowded(cache, nodes, sites)
    for node in (node for node in cache.spec.nodes if node.name in due):
        known = found[node.name]
        if known.moving_to and sites.keeps(known.host) and node.name not in many:
            found[node.name] = replace(known, moving_to="")
            continue
        leaves = known.host if node.name in many else ""
        name = chosen(replace(_wish(cache, node, found, memory, sites), leaves=leaves), replace(sites, taken=taken))
        taken[name] += memory
        settled = known.host in sites.hosts and (known.answered == known.life or not sites.judges)
        if settled or not name:
            found[node.name] = replace(known, moving_to=name)
        else:
            found[node.name] = relocated(replace(known, moving_to=name))
    return found


def unplaced(status: Status, sites: Sites) -> set[str]:
    """Nodes for which no host has been found."""
    return {name for name, known in status.nodes.items() if sites.hosts and not known.host}


def _wish(cache: Cache, node: Node, nodes: Mapping[str, NodeStatus], memory: int, sites: Sites) -> Wish:
    region, others = cache.key.region, (one for one in cache.shard_of(node.name).nodes if one != node)
    places = (_places(one.zone.removeprefix(region), nodes[one.name], sites) for one in others if one.name in nodes)
    return Wish(node.zone.removeprefix(region), memory, Counter(name for some in places for name in some))


def _places(zone: str, known: NodeStatus, sites: Sites) -> Sequence[str]:
    """Where a node is, or is about to be: who is on a host that does not answer may come to those of its zone."""
    place = known.moving_to or known.host
    if sites.serves(place):
        return (place,)
    return [name for name, host in sites.hosts.items() if host.zone == zone and sites.is_open(name)]


def places_of(nodes: Mapping[str, NodeStatus]) -> frozenset[tuple[str, str]]:
    """Which nodes are on which hosts, by node and host: on both, those that are about to move."""
    return frozenset((name, host) for name, known in nodes.items() for host in {known.host, known.moving_to} - {""})


def taken_by(nodes: Mapping[str, NodeStatus], memory: int) -> dict[tuple[str, str], int]:
    """The bytes that nodes take, by node and host."""
    return dict.fromkeys(places_of(nodes), memory)

"""Addresses for what was desired. One that was told stays until the cache is deleted."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv4Address

from cachewright.agents.gateway.published import LOCAL
from cachewright.agents.planning.endpoints.routes import CONFIGURATION, PRIMARY, endpoints_of, port_of
from cachewright.agents.planning.members import with_extras
from cachewright.agents.planning.nodes.lifecycle import on_host
from cachewright.agents.planning.placement import Sites, misplaced, placed, taken_by
from cachewright.agents.planning.sizing import size_of
from cachewright.agents.planning.verdicts import Never
from cachewright.agents.reconcile.families import in_told_family, tells_family
from cachewright.agents.reconcile.host_endpoints import check_names, told_at
from cachewright.agents.reconcile.volumes import note_for, volume_for
from cachewright.agents.runtime.network import Network
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Address, Cache, Discovery, Kind, Node, NodeStatus, Spec, Status
from cachewright.controlplane.model.fingerprints import Fingerprints, fingerprints_of
from cachewright.controlplane.model.vpcs import IPV4
from cachewright.controlplane.store.leases import Exhausted, Leases
from cachewright.controlplane.store.transaction import Transaction

NODES, ENDPOINTS, PORTS, DISCOVERY = "node", "endpoint", "port", "discovery"
AHEAD = "ahead"  # whose the addresses are of containers that are nobody's yet
LOWEST_PORT, HIGHEST_PORT = 1024, 65535
DIRECTORY_PORTS = range(2000, 32000)  # above its own, below those that outgoing connections have


def has_addresses(cache: Cache, tools: Tools) -> bool:
    """Whether every node of the members and every endpoint has its address, and is told as it shall be."""
    nodes = all(node.name in cache.status.nodes for node in with_extras(cache).spec.nodes)
    nodes = nodes and tells_family(cache.spec, cache.status)
    nodes = nodes and not _lacking_volumes(tools, cache, cache.status.nodes)
    endpoints = all(name in cache.status.endpoints for name in _endpoints(cache, tools))
    discovery = not _discoverable(cache) or cache.status.discovery is not None
    nodes = nodes and not _are_misplaced(cache, tools.sites()) and not _refused(tools, cache.status.nodes)
    endpoints = endpoints and told_at(tools, cache.status.endpoints, cache.status.nodes) == cache.status.endpoints
    return nodes and endpoints and discovery and cache.status.hosts == tools.naming.hosts(cache)


def assign_addresses(transaction: Transaction, tools: Tools, cache: Cache) -> Status:
    """The report with an address for every node and endpoint; Exhausted when there is none left, Never when there are
    none of the family.
    """
    check_families(tools, cache.spec)
    check_names(tools)
    cache = replace(cache, status=in_told_family(tools.network, cache.spec, cache.status))
    leases, fingerprints = transaction.leases, fingerprints_of(cache.spec)
    nodes, endpoints = _placed(transaction, tools, cache, cache.status.nodes), dict(cache.status.endpoints)
    cache = replace(cache, status=replace(cache.status, nodes=nodes))  # who is about to move may need a surge node
    for name in _endpoints(cache, tools):
        if name not in endpoints:
            endpoints[name] = _endpoint(leases, tools, cache, name, endpoints.get(PRIMARY))
    for node in with_extras(cache).spec.nodes:
        if node.name not in nodes:
            ahead = "" if nodes or tools.hosts.known() else _handed_over(leases, tools, cache, node.name)
            host = _told(tools, cache, _lease(leases, NODES, node_range(tools.network), cache, node.name))
            address = Address(host, _own_port(cache, endpoints, node.name))
            new = replace(_new(address, node, fingerprints, cache.generation), ahead=ahead)
            if recyclable := bool(ahead) and is_recyclable(tools, cache.spec):
                endpoints[node.name] = _endpoint(leases, tools, cache, node.name, None)
            nodes[node.name] = replace(new, volume=volume_for(tools, cache, node.name), recyclable=recyclable)
    nodes |= _lacking_volumes(tools, cache, nodes)
    for name in _refused(tools, nodes):
        address = Address(_another(leases, tools, cache, name, nodes[name]), nodes[name].address.port)
        nodes[name] = replace(nodes[name], address=address, other_address="")
    nodes = _placed(transaction, tools, cache, nodes)
    endpoints = told_at(tools, endpoints, nodes)
    status = replace(cache.status, nodes=nodes, endpoints=endpoints, discovery=_discovery(leases, tools, cache))
    status = replace(status, hosts=tools.naming.hosts(replace(cache, status=status)))
    return replace(status, notes=tuple(_notes(cache, tools, status)))


def is_recyclable(tools: Tools, spec: Spec) -> bool:
    """Whether what was started ahead for such a cache may serve others later, see `planning.nodes.recycling`. Behind
    published ports the agent would not find it once its cache is gone.
    """
    return spec.replicates and spec.restricted and tools.ports is None


def _are_misplaced(cache: Cache, sites: Sites) -> bool:
    """Whether a host has to be found for some node."""
    return bool(sites.hosts and misplaced(with_extras(cache), cache.status.nodes, sites))


def _placed(
    transaction: Transaction, tools: Tools, cache: Cache, nodes: Mapping[str, NodeStatus]
) -> dict[str, NodeStatus]:
    """The nodes, each with a host where there are several, and what they take of it written down."""
    extended, sites = with_extras(cache), tools.sites()
    if not (sites.hosts and misplaced(extended, nodes, sites)):
        return dict(nodes)  # what all nodes take need not be summed up
    memory = size_of(cache.spec, tools.machine).container
    found = placed(extended, nodes, replace(sites, taken=transaction.hosts.taken()), memory)
    if found != nodes:
        transaction.hosts.keep(cache.incarnation, taken_by(found, memory))
    return {
        name: _moving(transaction.leases, tools, cache, name, (nodes[name], known)) for name, known in found.items()
    }


def _moving(leases: Leases, tools: Tools, cache: Cache, name: str, change: tuple[NodeStatus, NodeStatus]) -> NodeStatus:
    """A node as it was, and as it is by now: with another address where it is to have another host, or has it. Nodes of
    a cluster as well: each begins with the addresses of the others, and tells them its own.
    """
    before, after = change
    leaves = after.moving_to not in ("", before.moving_to)
    moved = before.host not in ("", after.host)
    if not (leaves or moved):
        return after
    own, address = before.address.host, _another(leases, tools, cache, name, before)
    if moved:
        return replace(after, address=Address(address, after.address.port), other_address=own)
    return replace(after, other_address=address)


def _another(leases: Leases, tools: Tools, cache: Cache, name: str, known: NodeStatus) -> str:
    """An address that a node never had."""
    own = known.address.host
    present = int(IPv4Address(tools.network.twin(own) if ":" in own else own))
    number = leases.another(NODES, node_range(tools.network), cache.incarnation, name, present)
    return _told(tools, cache, str(IPv4Address(number)))


def _refused(tools: Tools, nodes: Mapping[str, NodeStatus]) -> list[str]:
    """The nodes that have not answered in their present lives, and cannot have their addresses."""
    refused = tools.runtime.refused_addresses()
    return [name for name, known in nodes.items() if known.address.host in refused and known.answered != known.life]


def _handed_over(leases: Leases, tools: Tools, cache: Cache, node: str) -> str:
    """The container that was started ahead for the first node of such a cache, which has its address from now on; empty
    where there is none. This is the step that counts: nobody else can have the lease.
    """
    offered = tools.ahead.offer(cache.spec)
    return next((ahead for ahead in offered if leases.hand_over(NODES, (AHEAD, ahead), (cache.incarnation, node))), "")


def without_recycled(leases: Leases, cache: Cache) -> Status:
    """The report, without the containers that were its nodes' and are not any more: the leases tell."""
    nodes = {
        name: replace(known, ahead="") if known.ahead and not leases.has(NODES, cache.incarnation, name) else known
        for name, known in cache.status.nodes.items()
    }
    return replace(cache.status, nodes=nodes)


def check_families(tools: Tools, spec: Spec) -> None:
    """Never when a cache of this network type cannot be reached here."""
    if spec.network_type == IPV4:
        return
    if tools.ports:
        raise Never(
            f"cannot have network type {spec.network_type}: published endpoints are ports of {LOCAL}, which is of IPv4."
            " CACHEWRIGHT_ENDPOINTS=direct has IPv6"
        )
    if tools.network.six is None:
        raise Never(
            f"cannot have network type {spec.network_type}: the network {tools.network.name} has no IPv6. `cachewright"
            " down` and then `cachewright up` with CACHEWRIGHT_IPV6=on make one with it, if this machine has it"
        )


def _told(tools: Tools, cache: Cache, host: str) -> str:
    """A leased address in the family of those that the cache tells."""
    return tools.network.twin(host) if cache.spec.six else host


def _lacking_volumes(tools: Tools, cache: Cache, nodes: Mapping[str, NodeStatus]) -> dict[str, NodeStatus]:
    """Nodes without a volume, in a cache that has become durable, with those of their next lives."""
    bare = {name: known for name, known in nodes.items() if cache.spec.durable and not known.volume}
    wanted = {
        name: replace(known, spare=on_host(volume_for(tools, cache, name), known.host)) for name, known in bare.items()
    }
    return {name: known for name, known in wanted.items() if known != nodes[name]}


def _endpoints(cache: Cache, tools: Tools) -> tuple[str, ...]:
    """Where containers cannot be reached, every node needs one; elsewhere those that are recyclable."""
    nodes, known = (node.name for node in with_extras(cache).spec.nodes), cache.status.nodes
    told = (name for name in nodes if tools.ports or (name in known and known[name].recyclable))
    return (*endpoints_of(cache.key.kind, cache.spec), *told)


def _endpoint(leases: Leases, tools: Tools, cache: Cache, name: str, primary: Address | None) -> Address:
    """The reader of a serverless cache has the address of the primary endpoint, and a port of its own."""
    port = port_of(cache.key.kind, cache.spec, name)
    if tools.ports is None and primary and port != primary.port:
        return Address(primary.host, port)
    if tools.ports is None:
        host = _lease(leases, ENDPOINTS, _endpoint_range(tools.network), cache, name)
        return Address(_told(tools, cache, host), port)
    if port in tools.ports.usable:
        with suppress(Exhausted):
            return Address(LOCAL, leases.take(PORTS, [port], cache.incarnation, name))
    return Address(LOCAL, _spare_port(leases, tools.ports.spare, cache, name))


def _spare_port(leases: Leases, spare: Sequence[int], cache: Cache, name: str) -> int:
    try:
        return leases.take(PORTS, spare, cache.incarnation, name)
    except Exhausted as error:
        raise Exhausted(
            f"all {len(spare)} published ports have an endpoint; delete a cache, or set CACHEWRIGHT_PUBLISHED_PORTS to"
            f" a wider range, such as {_wider(spare)}, which counts after `cachewright down`"
        ) from error


def _wider(ports: Sequence[int]) -> str:
    """A value of the setting with twice as many ports."""
    last = min(min(ports) + 2 * len(ports), HIGHEST_PORT)
    return f"{max(last - 2 * len(ports), LOWEST_PORT)},{last}"


def _discovery(leases: Leases, tools: Tools, cache: Cache) -> Discovery | None:
    """The directory has a port for each Memcached cluster."""
    if not _discoverable(cache) or cache.status.discovery:
        return cache.status.discovery
    try:
        port = leases.take(DISCOVERY, DIRECTORY_PORTS, cache.incarnation, CONFIGURATION)
    except Exhausted as error:
        raise Exhausted(f"all {len(DIRECTORY_PORTS)} ports of the directory are in use; delete a cluster") from error
    return Discovery(Address(_told(tools, cache, str(tools.network.directory)), port))


def _discoverable(cache: Cache) -> bool:
    """Whether clients find nodes of it by Auto Discovery."""
    return not cache.spec.replicates and cache.key.kind is not Kind.SERVERLESS_CACHE


def _notes(cache: Cache, tools: Tools, status: Status) -> Iterator[str]:
    if note := size_of(cache.spec, tools.machine).note:
        yield note
    if note := note_for(tools, cache):
        yield note
    for name, address in status.endpoints.items():
        if address.port != (port := port_of(cache.key.kind, cache.spec, name)):
            yield f"Port {port} of {address.host} is not to be had for {name}: it listens on {address}."


def _own_port(cache: Cache, endpoints: Mapping[str, Address], node: str) -> int:
    """Where a node listens. Cluster nodes tell clients each other's ports, so that theirs are the published ones; those
    of a serverless cache tell its endpoint.
    """
    serverless = cache.key.kind is Kind.SERVERLESS_CACHE and cache.spec.replicates
    told = endpoints.get(PRIMARY if serverless else node)
    return told.port if (serverless or cache.spec.clustered) and told else cache.spec.port


def _new(address: Address, node: Node, fingerprints: Fingerprints, generation: int) -> NodeStatus:
    return NodeStatus(
        address,
        reboots=node.reboots,
        fingerprint=fingerprints.fingerprint,
        transit=fingerprints.transit,
        login=fingerprints.login,
        joined=generation,
    )


def _lease(leases: Leases, space: str, numbers: range, cache: Cache, name: str) -> str:
    try:
        return str(IPv4Address(leases.take(space, numbers, cache.incarnation, name)))
    except Exhausted as error:
        raise Exhausted(f"all {len(numbers)} addresses for {space}s are in use; delete a cache") from error


def node_range(network: Network) -> range:
    """The addresses of nodes."""
    return range(int(network.first_node), int(network.last_node) + 1)


def _endpoint_range(network: Network) -> range:
    """The first and last address of the range are nobody's, as anywhere."""
    return range(int(network.endpoints[1]), int(network.endpoints[-1]))

"""Addresses for what was wished. One that was told stays until the cache is deleted."""

from dataclasses import replace
from ipaddress import IPv4Address

from agents.planning.crew import staffed
from agents.planning.routes import endpoints_of
from agents.planning.sizing import size_of
from agents.runtime.network import Network
from agents.tools import Tools
from controlplane.model.cache import Address, Cache, Node, NodeStatus, Status
from controlplane.model.recipes import Make, make_of
from controlplane.store.database import Transaction
from controlplane.store.leases import Leases

NODES, ENDPOINTS = "node", "endpoint"


def is_admitted(cache: Cache) -> bool:
    """Whether every node of the crew and every endpoint has its address."""
    nodes = all(node.name in cache.status.nodes for node in staffed(cache).spec.nodes)
    return nodes and all(name in cache.status.endpoints for name in endpoints_of(cache.key.kind, cache.spec))


def admit(transaction: Transaction, tools: Tools, cache: Cache) -> Status:
    """The report with an address for every wished node and endpoint; Exhausted when there is none left."""
    leases, port = transaction.leases, cache.spec.port
    nodes, endpoints = dict(cache.status.nodes), dict(cache.status.endpoints)
    make = make_of(cache.spec)
    for node in staffed(cache).spec.nodes:
        if node.name not in nodes:
            host = _lease(leases, NODES, _node_range(tools.network), cache, node.name)
            nodes[node.name] = _newborn(Address(host, port), node, make)
    for name in endpoints_of(cache.key.kind, cache.spec):
        if name not in endpoints:
            endpoints[name] = Address(_lease(leases, ENDPOINTS, _endpoint_range(tools.network), cache, name), port)
    note = size_of(cache.spec, tools.machine).note
    return replace(cache.status, nodes=nodes, endpoints=endpoints, notes=(note,) if note else ())


def _newborn(address: Address, node: Node, make: Make) -> NodeStatus:
    return NodeStatus(address, reboots=node.reboots, recipe=make.recipe, transit=make.transit)


def _lease(leases: Leases, space: str, numbers: range, cache: Cache, name: str) -> str:
    return str(IPv4Address(leases.take(space, numbers, cache.incarnation, name)))


def _node_range(network: Network) -> range:
    return range(int(network.first_node), int(network.last_node) + 1)


def _endpoint_range(network: Network) -> range:
    """The first and last address of the range are nobody's, as anywhere."""
    return range(int(network.endpoints[1]), int(network.endpoints[-1]))

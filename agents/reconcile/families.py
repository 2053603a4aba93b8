"""Caches that are reached by both families of addresses, and tell those of one."""

from dataclasses import replace

from cachewright.agents.gateway.gateway import Routes
from cachewright.agents.runtime.network import Network
from cachewright.controlplane.model.cache import Address, NodeStatus, Spec, Status


def in_families(network: Network, spec: Spec, routes: Routes) -> Routes:
    """Endpoints and where they lead; then the same in the other family, if the cache has both."""
    if not spec.dual:
        return routes
    led = {
        _twin(network, endpoint): tuple(_twin(network, target) for target in targets)
        for endpoint, targets in routes.items()
    }
    return {**routes, **led}


def in_told_family(network: Network, spec: Spec, status: Status) -> Status:
    """The report with addresses of the family that the cache tells. Who has one of the other has its twin as well, and
    is reached there already.
    """
    if tells_family(spec, status):
        return status
    discovery = status.discovery
    return replace(
        status,
        nodes={name: _told_node(network, spec, known) for name, known in status.nodes.items()},
        endpoints={name: _told(network, spec, address) for name, address in status.endpoints.items()},
        discovery=replace(discovery, address=_told(network, spec, discovery.address)) if discovery else None,
    )


def tells_family(spec: Spec, status: Status) -> bool:
    """Whether every address in the report is of the family that the cache tells."""
    nodes = [address for known in status.nodes.values() for address in (known.address.host, known.other_address)]
    endpoints = [address.host for address in status.endpoints.values()]
    return not spec.dual or all(_is_told(spec, host) for host in (*nodes, *endpoints) if host)


def _is_told(spec: Spec, host: str) -> bool:
    return (":" in host) == spec.six


def _told_node(network: Network, spec: Spec, known: NodeStatus) -> NodeStatus:
    other = _told(network, spec, Address(known.other_address, 0)).host if known.other_address else ""
    return replace(known, address=_told(network, spec, known.address), other_address=other)


def _told(network: Network, spec: Spec, address: Address) -> Address:
    return address if _is_told(spec, address.host) else _twin(network, address)


def _twin(network: Network, address: Address) -> Address:
    return Address(network.twin(address.host), address.port)

"""Routes of caches that are reached by both families of addresses."""

from cachewright.agents.gateway.gateway import Routes
from cachewright.agents.runtime.network import Network
from cachewright.controlplane.model.cache import Address, Spec


def in_families(network: Network, spec: Spec, routes: Routes) -> Routes:
    """Endpoints and where they lead; then the same in the other family, if the cache has both."""
    if not spec.dual:
        return routes

    def twin(address: Address) -> Address:
        return Address(network.twin(address.host), address.port)

    return {**routes, **{twin(endpoint): tuple(map(twin, targets)) for endpoint, targets in routes.items()}}

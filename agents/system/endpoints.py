"""Where all endpoints lead, and by which host names, as is written down."""

from cachewright.agents.gateway.gateway import Names, Routes
from cachewright.agents.reconcile.families import in_families
from cachewright.agents.runtime.network import Network
from cachewright.controlplane.model.cache import Status
from cachewright.controlplane.model.hostnames import Naming
from cachewright.controlplane.store.database import Store


def written_names(store: Store, naming: Naming) -> Names:
    """By which host names encrypted clients are led to endpoints, as was told of caches."""
    if not naming.on:
        return {}
    with store.read() as transaction:
        caches = [cache for cache in transaction.caches.all() if cache.status.named and not cache.deleting]
    return {endpoint: names for cache in caches for endpoint, names in naming.led(cache).items() if names}


def written(store: Store, network: Network) -> Routes:
    """Where they lead."""
    with store.read() as transaction:
        caches = [cache for cache in transaction.caches.all() if not cache.deleting]
    return {
        endpoint: targets
        for cache in caches
        for endpoint, targets in in_families(network, cache.spec, _routes(cache.status)).items()
    }


def _routes(status: Status) -> Routes:
    return {status.endpoints[name]: targets for name, targets in status.routes.items()}

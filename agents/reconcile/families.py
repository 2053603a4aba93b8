"""Routes of caches that are reached by both families of addresses."""

from collections.abc import Iterator, Sequence

from cachewright.agents.runtime.network import Network
from cachewright.controlplane.model.cache import Address, Spec

Route = tuple[Address, tuple[Address, ...]]


def in_families(network: Network, spec: Spec, endpoint: Address, targets: Sequence[Address]) -> Iterator[Route]:
    """An endpoint and where it leads; then the same in the other family, if the cache has both."""
    yield endpoint, tuple(targets)
    if spec.dual:
        yield _twin(network, endpoint), tuple(_twin(network, target) for target in targets)


def _twin(network: Network, address: Address) -> Address:
    return Address(network.twin(address.host), address.port)

"""Which caches may be reached by IPv6, and by which addresses they are told.

Source: the ElastiCache user guide, "Choosing a network type", and the API reference, NetworkType and IpDiscovery.
"""

from cachewright.controlplane.model.faults import Fault, invalid_combination, invalid_value
from cachewright.controlplane.model.subnet_groups import SubnetGroup
from cachewright.controlplane.model.versions import Engine, EngineVersion, numbers
from cachewright.controlplane.model.vpcs import DUAL_STACK, IPV4, IPV6, NETWORK_TYPES

DISCOVERIES = (IPV4, IPV6)
FIRST = {Engine.REDIS: (6, 2), Engine.VALKEY: (7, 2), Engine.MEMCACHED: (1, 6, 6)}  # versions
WITHOUT = tuple(f"cache.{kind}." for kind in ("c1", "m1", "m2", "m3", "m4", "r3", "r4", "t1", "t2"))  # before Nitro


def first_network(network_type: str, discovery: str) -> tuple[str, str]:
    """The network type and the discovery of a new cache; an empty one was not asked for. Faults: unknown ones, and
    such that contradict each other.
    """
    for name, wanted, values in (("NetworkType", network_type, NETWORK_TYPES), ("IpDiscovery", discovery, DISCOVERIES)):
        if wanted not in ("", *values):
            raise invalid_value(f"Invalid value {wanted} for {name}. Must be one of: {', '.join(values)}")
    network_type = network_type or IPV4
    usual = IPV6 if network_type == IPV6 else IPV4
    if discovery not in ("", usual) and network_type != DUAL_STACK:
        raise _mismatch(discovery, network_type)
    return network_type, discovery or usual


def next_discovery(network_type: str, discovery: str) -> str:
    """A discovery that a cache is asked for. Fault when its network type does not have it."""
    _, wanted = first_network(network_type, discovery)
    return wanted


def check_network(network_type: str, release: EngineVersion, node_type: str, group: SubnetGroup) -> None:
    """Fault when an engine, a node type or subnets are not for that network type."""
    if network_type not in group.network_types:
        raise invalid_combination(
            f"The network type {network_type} is not supported by the cache subnet group {group.name}."
        )
    if network_type == IPV4:
        return
    first = FIRST[release.engine]
    if numbers(release.version)[: len(first)] < first:
        raise invalid_combination(
            f"The network type {network_type} is not supported for {release.engine} version {release.version}. Please"
            f" use version {'.'.join(map(str, first))} or later."
        )
    if node_type.startswith(WITHOUT):
        raise invalid_combination(f"The network type {network_type} is not supported for cache node type {node_type}.")


def _mismatch(discovery: str, network_type: str) -> Fault:
    return invalid_combination(f"IpDiscovery {discovery} is not supported for network type {network_type}.")

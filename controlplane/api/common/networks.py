"""NetworkType and IpDiscovery of requests."""

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.api.subnet_groups.lookup import found_group
from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.network_types import check_network, first_network, next_discovery
from cachewright.controlplane.model.subnet_groups import DEFAULT
from cachewright.controlplane.model.versions import EngineVersion


def asked_network(context: Context, params: Params, release: EngineVersion, node_type: str) -> tuple[str, str]:
    """The network type and the discovery of a new cache. Faults: AWS's rules about them."""
    network_type, discovery = first_network(params.get("NetworkType") or "", params.get("IpDiscovery") or "")
    group = found_group(context, params.get("CacheSubnetGroupName") or DEFAULT)
    check_network(network_type, release, node_type, group)
    return network_type, discovery


def asked_discovery(params: Params, spec: Spec) -> str:
    """The discovery of a cache after a request. Fault for one that its network type does not have."""
    return next_discovery(spec.network_type, params.get("IpDiscovery") or spec.ip_discovery)

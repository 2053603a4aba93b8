"""Where the caller's subnets are, and where nodes of caches in them can be.

Source: the ElastiCache user guide, "Subnets and subnet groups"; the text as AWS answers.
"""

from collections.abc import Iterator, Sequence

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.api.common.vpcs import known_subnets
from cachewright.controlplane.api.subnet_groups.lookup import found_group, known_group, own_groups
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.quotas import HIGHEST
from cachewright.controlplane.model.subnet_groups import DEFAULT, Subnet, found_subnets, placed

_ONE = ("PreferredAvailabilityZone", "PrimaryAvailabilityZone")
_SEVERAL = (
    "PreferredAvailabilityZones",
    "PreferredCacheClusterAZs",
    "NewAvailabilityZones",
    "ReplicaAvailabilityZones",
)
_NESTED = ("NodeGroupConfiguration", "ReplicaConfiguration", "ReshardingConfiguration")


def subnets_of(context: Context, names: Sequence[str]) -> tuple[str, tuple[Subnet, ...]]:
    """The VPC of subnets, empty where nobody knows it, and what they are. Faults: see `found_subnets`; EC2 is away."""
    known = known_subnets(context, names)
    if known is None:
        return "", placed(names, context.zones, _zones_of_subnets(context))
    subnets = found_subnets(names, known, context.zones)
    return known[names[0]].vpc_id, subnets


def first_zones(context: Context, params: Params) -> tuple[str, ...]:
    """Where nodes of a new cache can be. Fault when a request names another zone of the region."""
    group = found_group(context, params.get("CacheSubnetGroupName") or DEFAULT)
    return _checked(context, params, group.zones)


def next_zones(context: Context, params: Params, cache: Cache) -> tuple[str, ...]:
    """Where more nodes of a cache can be. Fault as above."""
    group = known_group(context, cache.presentation.cache_subnet_group_name)
    return _checked(context, params, group.zones if group else context.zones)


def _checked(context: Context, params: Params, zones: tuple[str, ...]) -> tuple[str, ...]:
    for zone in _asked(params):
        if zone in context.zones and zone not in zones:
            raise Fault(
                "InvalidVPCNetworkStateFault",
                f"No subnet is present in the cache subnet group for availability zone {zone}",
            )
    return zones


def _asked(params: Params) -> Iterator[str]:
    """The zones that a request names, wherever it does."""
    yield from (params[name] for name in _ONE if params.get(name))
    for name in _SEVERAL:
        yield from params.get(name) or ()
    for name in _NESTED:
        for entry in params.get(name) or ():
            yield from _asked(entry)


def _zones_of_subnets(context: Context) -> dict[str, str]:
    """The zone of every subnet that a group of the caller's has."""
    groups = own_groups(context).page("", HIGHEST).values()
    return {subnet.id: subnet.zone for group in groups for subnet in group.subnets}

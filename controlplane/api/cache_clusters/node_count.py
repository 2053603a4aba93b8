"""How many nodes of a Memcached cluster a request wants, and where the new ones are to be.

Source: the API reference of ModifyCacheCluster, AZMode and NewAvailabilityZones.
"""

from collections.abc import Sequence
from dataclasses import replace

from cachewright.controlplane.api.common.cache_writes import check_node_quota
from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.api.subnet_groups.zones import next_zones
from cachewright.controlplane.model.cache import Cache, Spec
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.node_counts import Order, added, next_resize, quiet
from cachewright.controlplane.model.pending import Resize
from cachewright.controlplane.model.presentation import Presentation
from cachewright.controlplane.model.quotas import MEMCACHED_NODES
from cachewright.controlplane.model.versions import Engine
from cachewright.controlplane.model.zones import CROSS_AZ, SINGLE_AZ, known

OF_MEMCACHED = ("CacheNodeIdsToRemove", "AZMode", "NewAvailabilityZones", "ScaleConfig")
PERCENTAGE = range(1, 101)


def check_engine(params: Params, cache: Cache) -> None:
    """Fault when a request wants of another engine what only Memcached clusters have."""
    if cache.spec.engine is Engine.MEMCACHED:
        return
    if params.get("NumCacheNodes") not in (None, 1):
        raise invalid_value(f"NumCacheNodes must be 1 for engine {cache.spec.engine}.")
    for name in OF_MEMCACHED:
        if params.get(name):
            raise invalid_combination(f"{name} is for memcached only.")


def next_presentation(params: Params, spec: Spec, before: Presentation) -> Presentation:
    """What is shown of a request about nodes. Faults: AWS's rules about AZMode, and a ScaleConfig without a change."""
    mode = params.get("AZMode") or before.az_mode
    if mode not in ("", SINGLE_AZ, CROSS_AZ):
        raise invalid_value(f"Invalid value {mode} for AZMode. Must be one of: {SINGLE_AZ}, {CROSS_AZ}")
    zones = {node.zone for node in spec.nodes} | set(spec.pending.resize.zones)
    if params.get("AZMode") == SINGLE_AZ and len(zones) > 1:
        raise invalid_combination(f"AZMode {SINGLE_AZ} cannot be given: the cluster has nodes in several zones.")
    shown = before.preferred_availability_zone if mode in (before.az_mode, CROSS_AZ) else spec.nodes[0].zone
    changes = bool(params.get("CacheNodeType")) or params.get("NumCacheNodes") is not None
    scaling = _scale_config(params, changes=changes) if changes or params.get("ScaleConfig") else before.scale_config
    return replace(before, az_mode=mode, preferred_availability_zone=shown, scale_config=scaling)


def next_wait(context: Context, params: Params, cache: Cache, mode: str) -> Resize:
    """The change of the number of nodes that waits after a request; `mode` is the AZMode after it."""
    count, leaving = params.get("NumCacheNodes"), tuple(params.get("CacheNodeIdsToRemove") or ())
    spec, zones = cache.spec, next_zones(context, params, cache)
    named = known(params.get("NewAvailabilityZones") or (), context.zones)
    if count is None:
        if leaving or named:
            raise invalid_combination("CacheNodeIdsToRemove and NewAvailabilityZones need NumCacheNodes.")
        return spec.pending.resize
    waits = spec.pending.resize
    more = added(len(spec.nodes), waits, count)
    if named and len(named) != more:
        raise invalid_combination(
            "NewAvailabilityZones must name one availability zone for each cache node that is added."
        )
    if more:
        context.quotas.check(MEMCACHED_NODES, count)
    active = [node.id for node in spec.nodes]
    resize = next_resize(active, waits, Order(count, leaving, named or _chosen(zones, spec, mode, more)))
    if named and mode != CROSS_AZ and {*named, *(node.zone for node in spec.nodes)} != {spec.nodes[0].zone}:
        raise invalid_combination(f"NewAvailabilityZones can only be given with AZMode {CROSS_AZ}.")
    check_node_quota(context, len(resize.zones))
    return resize


def _chosen(zones: Sequence[str], spec: Spec, mode: str, more: int) -> Sequence[str]:
    """Where new nodes are that the request places nowhere."""
    if mode != CROSS_AZ:
        return (spec.nodes[0].zone,) * more
    taken = (*(node.zone for node in spec.nodes), *spec.pending.resize.zones)
    return quiet(zones, taken, more)


def _scale_config(params: Params, *, changes: bool) -> tuple[tuple[str, int], ...]:
    wanted = params.get("ScaleConfig") or {}
    if wanted and not changes:
        raise invalid_combination("ScaleConfig can only be given with CacheNodeType or NumCacheNodes.")
    if wanted.get("ScalePercentage", 1) not in PERCENTAGE:
        raise invalid_value(f"Invalid value {wanted['ScalePercentage']} for ScalePercentage. Must be between 1 and 100")
    if wanted.get("ScaleIntervalMinutes", 1) < 1:
        raise invalid_value(
            f"Invalid value {wanted['ScaleIntervalMinutes']} for ScaleIntervalMinutes. Must be at least 1"
        )
    return tuple(sorted(wanted.items()))

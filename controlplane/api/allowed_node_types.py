"""ListAllowedNodeTypeModifications: where a cache can be moved to."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.api.replication_groups.lookup import found
from cachewright.controlplane.model.cache import Cache, Transit
from cachewright.controlplane.model.faults import invalid_combination
from cachewright.controlplane.model.nouns import CACHE_CLUSTER
from cachewright.controlplane.model.scaling import moves


def list_allowed_node_type_modifications(context: Context, params: Params) -> Answer:
    """The node types with more and with less memory that a cache cluster or replication group may be moved to."""
    cache = _cache(context, params)
    encrypted = cache.spec.transit is not Transit.OFF
    allowed = moves(cache.spec.release, cache.spec.node_type, encrypted=encrypted)
    return {"ScaleUpModifications": list(allowed.up), "ScaleDownModifications": list(allowed.down)}


def _cache(context: Context, params: Params) -> Cache:
    cluster, group = params.get("CacheClusterId"), params.get("ReplicationGroupId")
    if bool(cluster) == bool(group):
        raise invalid_combination("Exactly one of CacheClusterId and ReplicationGroupId must be given.")
    if group:
        return found(context, group)
    here = (context.caller.account, context.caller.region)
    cache = context.transaction.caches.holding(*here, str(cluster).lower())
    if cache is None:
        raise CACHE_CLUSTER.missing(str(cluster))
    return cache


OPERATIONS: Operations = {
    "ListAllowedNodeTypeModifications": Operation(
        list_allowed_node_type_modifications,
        "By the rules that AWS documents and one recorded answer; AWS's own lists may differ in single types.",
        writes=False,
    ),
}

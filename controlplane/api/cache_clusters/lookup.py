"""The caller's cache clusters by name, and what they consist of."""

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.model.cache import Cache, Node
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.lifecycle import CLUSTER_STATUS, Phase
from cachewright.controlplane.model.nouns import CACHE_CLUSTER
from cachewright.controlplane.store.saving import with_saving

AVAILABLE = CLUSTER_STATUS[Phase.AVAILABLE]


def found_cluster(context: Context, wanted: str, *, lock: bool = False) -> tuple[Cache, str]:
    """The caller's cache cluster of that name, with the cache that has it; Fault when there is none."""
    name = wanted.lower()
    here = (context.caller.account, context.caller.region)
    cache = context.transaction.caches.holding(*here, name, lock=lock)
    if cache is None:
        raise CACHE_CLUSTER.missing(wanted)
    return with_saving(context.transaction, cache), name


def nodes_of(cache: Cache, name: str) -> tuple[Node, ...]:
    """The nodes of a cache cluster."""
    return tuple(node for node in cache.nodes if node.cluster == name)


def invalid_state(message: str) -> Fault:
    """The refusal of what the state of a cache cluster does not allow."""
    return Fault("InvalidCacheClusterStateFault", message)

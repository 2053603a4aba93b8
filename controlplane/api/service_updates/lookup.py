"""Service updates by name, and the caller's caches that they may be for."""

from collections.abc import Iterable, Iterator

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.quotas import HIGHEST
from cachewright.controlplane.model.service_updates import ServiceUpdate


def found_update(context: Context, wanted: str) -> ServiceUpdate:
    """The update of that name; Fault when there is none."""
    update = context.transaction.updates.catalogue().named(wanted)
    if update is None:
        raise Fault("ServiceUpdateNotFoundFault", f"Service update {wanted} not found.")
    return update


def own_caches(context: Context, groups: Iterable[str], clusters: Iterable[str]) -> list[Cache]:
    """The caller's groups and clusters of these names, as far as there are any; all of them when none is named."""
    groups, clusters = tuple(groups), tuple(clusters)
    if not groups and not clusters:
        return list(_every(context))
    caches = context.transaction.caches
    keys = [context.key(Kind.REPLICATION_GROUP, name) for name in groups]
    keys += [context.key(Kind.CACHE_CLUSTER, name) for name in clusters]
    return [cache for key in keys if (cache := caches.get(key))]


def _every(context: Context) -> Iterator[Cache]:
    caches, here = context.transaction.caches, (context.caller.account, context.caller.region)
    yield from caches.page_of(*here, Kind.REPLICATION_GROUP, "", HIGHEST)
    for _, cache in caches.page_of_clusters(*here, "", HIGHEST, standalone=True):
        yield cache

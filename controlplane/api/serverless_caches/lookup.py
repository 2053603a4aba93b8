"""The caller's serverless caches by name."""

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.nouns import SERVERLESS_CACHE
from cachewright.controlplane.store.saving import with_saving


def found(context: Context, wanted: str, *, lock: bool = False) -> Cache:
    """The caller's serverless cache of that name; Fault when there is none."""
    cache = context.transaction.caches.get(context.key(Kind.SERVERLESS_CACHE, wanted), lock=lock)
    if cache is None:
        raise SERVERLESS_CACHE.missing(wanted)
    return with_saving(context.transaction, cache)


def changeable(context: Context, wanted: str) -> Cache:
    """The same for a change; Fault while it is not available, or under migration."""
    cache = available(context, wanted)
    if cache.spec.migration:
        raise busy()
    return cache


def available(context: Context, wanted: str) -> Cache:
    """The same, whether it is under migration or not; Fault while it is not available."""
    cache = found(context, wanted, lock=True)
    if cache.phase is not Phase.AVAILABLE or cache.saving.clusters:
        raise busy()
    return cache


def busy() -> Fault:
    """The refusal of what only an available cache can have done to it."""
    return Fault(
        "InvalidServerlessCacheStateFault",
        "Serverless cache is not in an available state to perform the requested action.",
    )

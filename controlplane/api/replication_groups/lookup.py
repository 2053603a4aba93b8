"""The caller's replication groups by name."""

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.nouns import REPLICATION_GROUP
from cachewright.controlplane.store.saving import with_saving


def found(context: Context, wanted: str, *, lock: bool = False) -> Cache:
    """The caller's replication group of that name; Fault when there is none."""
    cache = context.transaction.caches.get(context.key(Kind.REPLICATION_GROUP, wanted), lock=lock)
    if cache is None:
        raise REPLICATION_GROUP.missing(wanted)
    return with_saving(context.transaction, cache)

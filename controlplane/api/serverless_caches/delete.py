"""DeleteServerlessCache: the end of a serverless cache."""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.serverless_caches.lookup import busy, found
from cachewright.controlplane.api.serverless_caches.view import serverless_cache
from cachewright.controlplane.api.snapshots.taking import take_final
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.described import endpoints_shown
from cachewright.controlplane.model.lifecycle import Phase

DELETABLE = frozenset({Phase.AVAILABLE, Phase.FAILED})


def delete_serverless_cache(context: Context, params: Params) -> Answer:
    """Ask for the end of a serverless cache."""
    cache = found(context, params["ServerlessCacheName"], lock=True)
    if (cache.phase not in DELETABLE or cache.saving.clusters) and not cache.stuck:
        raise busy()
    if final := params.get("FinalSnapshotName"):
        return {"ServerlessCache": serverless_cache(_last_saved(context, cache, final))}
    context.transaction.caches.mark_deleted(cache.key)
    return {"ServerlessCache": serverless_cache(replace(cache, deleting=True))}


def _last_saved(context: Context, cache: Cache, snapshot: str) -> Cache:
    """The cache that is deleted as soon as a last snapshot of it is safe."""
    if not endpoints_shown(cache):
        raise busy()
    return take_final(context, snapshot, cache, "")

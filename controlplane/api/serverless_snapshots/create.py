"""CreateServerlessCacheSnapshot: what a serverless cache holds now."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.kms import checked_kms_key
from cachewright.controlplane.api.common.tags import asked_tags
from cachewright.controlplane.api.serverless_caches.lookup import changeable
from cachewright.controlplane.api.serverless_snapshots.view import serverless_snapshot
from cachewright.controlplane.api.snapshots.taking import take
from cachewright.controlplane.model.nouns import SERVERLESS_CACHE_SNAPSHOT


def create_serverless_cache_snapshot(context: Context, params: Params) -> Answer:
    """Ask for a snapshot of a serverless cache that is available."""
    name = SERVERLESS_CACHE_SNAPSHOT.checked_id(params["ServerlessCacheSnapshotName"])
    tags = asked_tags(context, params)
    cache = changeable(context, params["ServerlessCacheName"])
    key = checked_kms_key(context, params)
    return {"ServerlessCacheSnapshot": serverless_snapshot(context, take(context, name, cache, "", tags, key))}

"""CopyServerlessCacheSnapshot: another snapshot with the same contents."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.records import add_record
from cachewright.controlplane.api.common.tags import asked_tags
from cachewright.controlplane.api.serverless_snapshots.lookup import available_snapshot
from cachewright.controlplane.api.serverless_snapshots.view import serverless_snapshot
from cachewright.controlplane.api.snapshots.copy import copy_of
from cachewright.controlplane.model.nouns import SERVERLESS_CACHE_SNAPSHOT


def copy_serverless_cache_snapshot(context: Context, params: Params) -> Answer:
    """Ask for a copy of a snapshot, a manual one whatever that is, with the tags of the request alone."""
    name = SERVERLESS_CACHE_SNAPSHOT.checked_id(params["TargetServerlessCacheSnapshotName"])
    tags = asked_tags(context, params)
    source = available_snapshot(context, params["SourceServerlessCacheSnapshotName"])
    copy = copy_of(context, params, source, name)
    add_record(context, SERVERLESS_CACHE_SNAPSHOT, name, copy, tags)
    return {"ServerlessCacheSnapshot": serverless_snapshot(context, copy)}

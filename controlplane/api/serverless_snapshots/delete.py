"""DeleteServerlessCacheSnapshot: the end of a snapshot of a serverless cache, whoever asked for it."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.serverless_snapshots.lookup import found_snapshot, invalid_state
from cachewright.controlplane.api.serverless_snapshots.view import serverless_snapshot
from cachewright.controlplane.api.snapshots.delete import DELETABLE, end
from cachewright.controlplane.api.snapshots.lookup import status_of


def delete_serverless_cache_snapshot(context: Context, params: Params) -> Answer:
    """Ask for the end of a snapshot: its files go, then it is not found any more."""
    snapshot = found_snapshot(context, params["ServerlessCacheSnapshotName"], lock=True)
    if status_of(context, snapshot) not in DELETABLE:
        raise invalid_state(snapshot)
    return {"ServerlessCacheSnapshot": serverless_snapshot(context, end(context, snapshot))}

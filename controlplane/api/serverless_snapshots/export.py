"""ExportServerlessCacheSnapshot: an RDB file in a bucket that has what a snapshot of a serverless cache has."""

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.serverless_snapshots.lookup import available_snapshot
from cachewright.controlplane.api.serverless_snapshots.view import serverless_snapshot
from cachewright.controlplane.api.snapshots.copy import exported
from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.snapshots import Export
from cachewright.controlplane.model.versions import Engine


def export_serverless_cache_snapshot(context: Context, params: Params) -> Answer:
    """Ask for the export of a snapshot that is available. The object is called as those of CopySnapshot are. Fault for
    one of Memcached: AWS exports those of Valkey and Redis only.
    """
    snapshot = available_snapshot(context, params["ServerlessCacheSnapshotName"])
    if snapshot.settings.engine is Engine.MEMCACHED:
        raise invalid_value("Export is not supported for engine memcached.")
    exporting = exported(context, snapshot, Export(params["S3BucketName"], snapshot.name))
    return {"ServerlessCacheSnapshot": serverless_snapshot(context, exporting)}

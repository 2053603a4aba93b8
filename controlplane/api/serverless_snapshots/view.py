"""A snapshot of a serverless cache as AWS shows it."""

from cachewright.controlplane.api.common.context import Answer, Context
from cachewright.controlplane.model.nouns import SERVERLESS_CACHE_SNAPSHOT
from cachewright.controlplane.model.serverless import major_version
from cachewright.controlplane.model.snapshots import UNUSED, Snapshot, SnapshotStatus, Uses
from cachewright.controlplane.model.versions import version_of

CREATE_FAILED = "create-failed"  # AWS's word where that of node-based caches' snapshots is `failed`
EXPORTING = "exporting"


def serverless_snapshot(context: Context, snapshot: Snapshot, uses: Uses = UNUSED) -> Answer:
    """A snapshot of the caller's, while that is made of all of them."""
    settings = snapshot.settings
    return {
        "ServerlessCacheSnapshotName": snapshot.name,
        "ARN": context.resource(SERVERLESS_CACHE_SNAPSHOT, snapshot.name).arn,
        "SnapshotType": snapshot.source.value,
        "Status": _status(snapshot, uses),
        "ServerlessCacheConfiguration": {
            "ServerlessCacheName": snapshot.cache,
            "Engine": settings.engine.value,
            "MajorEngineVersion": major_version(version_of(settings.engine, settings.version)),
        },
        **({"KmsKeyId": settings.kms_key_id} if settings.kms_key_id else {}),
        **(_contents(snapshot) if snapshot.whole else {}),
    }


def _status(snapshot: Snapshot, uses: Uses) -> str:
    if snapshot.export:
        return EXPORTING
    status = snapshot.status_shown(uses)
    return CREATE_FAILED if status is SnapshotStatus.FAILED else status.value


def _contents(snapshot: Snapshot) -> Answer:
    """What AWS does not tell before it is whole."""
    expiry = {"ExpiryTime": snapshot.expires_at} if snapshot.expires_at else {}
    size = sum(node.size for node in snapshot.nodes)
    return {"CreateTime": snapshot.asked_at, "BytesUsedForCache": str(size), **expiry}

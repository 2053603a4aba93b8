"""CopySnapshot: another snapshot with the same contents, or objects in a bucket that have them."""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.kms import checked_kms_key
from cachewright.controlplane.api.common.records import add_record
from cachewright.controlplane.api.common.tags import asked_tags
from cachewright.controlplane.api.snapshots.lookup import (
    every_snapshot,
    found_snapshot,
    invalid_state,
    noun_of,
    own_snapshots,
    status_of,
)
from cachewright.controlplane.api.snapshots.objects import check_free
from cachewright.controlplane.api.snapshots.taking import new_id
from cachewright.controlplane.api.snapshots.view import snapshot_shown
from cachewright.controlplane.model.buckets import Obstacle, Refusal, is_bucket
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.nouns import SERVERLESS_CACHE_SNAPSHOT, SNAPSHOT
from cachewright.controlplane.model.snapshots import Export, Snapshot, SnapshotSource, SnapshotStatus

NOUNS = (SNAPSHOT, SERVERLESS_CACHE_SNAPSHOT)  # what is exported


def copy_snapshot(context: Context, params: Params) -> Answer:
    """Ask for a copy of a snapshot, a manual one whatever that is. Without tags of its own it has the same."""
    name = SNAPSHOT.checked_id(params["TargetSnapshotName"])
    tags = asked_tags(context, params)
    source = found_snapshot(context, params["SourceSnapshotName"], lock=True)
    if status_of(context, source) is not SnapshotStatus.AVAILABLE:
        raise invalid_state(f"Snapshot {source.name} is not in available state.")
    if bucket := params.get("TargetBucket"):
        return {"Snapshot": snapshot_shown(context, exported(context, source, Export(bucket, name)))}
    copy = copy_of(context, params, source, name)
    inherited = context.transaction.tags.of(context.resource(SNAPSHOT, source.name))
    add_record(context, SNAPSHOT, name, copy, tags or inherited)
    return {"Snapshot": snapshot_shown(context, copy)}


def copy_of(context: Context, params: Params, source: Snapshot, name: str) -> Snapshot:
    """Another snapshot that is to have the same contents, sealed with the key that a request names if it names one."""
    copy = replace(
        source,
        name=name,
        id=new_id(context),
        status=SnapshotStatus.CREATING,
        source=SnapshotSource.MANUAL,
        asked_at=context.now,
        final=False,
        leaves=False,
        copied_from=source.id,
    )
    key = checked_kms_key(context, params)
    return copy.sealed_with(key) if key else copy


def exported(context: Context, source: Snapshot, export: Export) -> Snapshot:
    """The source, which is being exported from now on. Faults: AWS's about buckets and what is in them."""
    if source.settings.data_tiering:
        raise invalid_combination("Snapshots of caches with data tiering cannot be exported.")
    if not is_bucket(export.bucket):
        raise invalid_value(f"The S3 bucket {export.bucket} does not exist.")
    exporting = replace(source, export=export)
    names = tuple(exporting.exports.values())
    if any(each.export == export for noun in NOUNS for each in every_snapshot(context, noun)):
        raise invalid_value(Refusal(names[0], Obstacle.PRESENT).words)
    check_free(context, names)
    own_snapshots(context, noun_of(source)).change(source.name, exporting)
    return exporting

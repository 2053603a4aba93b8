"""CopySnapshot: another snapshot with the same contents."""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.inputs import refuse_unbuilt
from cachewright.controlplane.api.common.kms import checked_kms_key
from cachewright.controlplane.api.common.records import add_record
from cachewright.controlplane.api.common.tags import asked_tags
from cachewright.controlplane.api.snapshots.inputs import COPY_SNAPSHOT
from cachewright.controlplane.api.snapshots.lookup import found_snapshot, invalid_state, status_of
from cachewright.controlplane.api.snapshots.taking import new_id
from cachewright.controlplane.api.snapshots.view import snapshot_shown
from cachewright.controlplane.model.nouns import SNAPSHOT
from cachewright.controlplane.model.snapshots import SnapshotSource, SnapshotStatus


def copy_snapshot(context: Context, params: Params) -> Answer:
    """Ask for a copy of a snapshot, a manual one whatever that is. Without tags of its own it has the same."""
    name = SNAPSHOT.checked_id(params["TargetSnapshotName"])
    refuse_unbuilt(params, COPY_SNAPSHOT)
    tags = asked_tags(context, params)
    source = found_snapshot(context, params["SourceSnapshotName"], lock=True)
    if status_of(context, source) is not SnapshotStatus.AVAILABLE:
        raise invalid_state(f"Snapshot {source.name} is not in available state.")
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
    if key := checked_kms_key(context, params):
        copy = copy.sealed_with(key)
    inherited = context.transaction.tags.of(context.resource(SNAPSHOT, source.name))
    add_record(context, SNAPSHOT, name, copy, tags or inherited)
    return {"Snapshot": snapshot_shown(context, copy)}

"""DeleteSnapshot: the end of a snapshot, whoever asked for it."""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.snapshots.lookup import (
    found_snapshot,
    invalid_state,
    noun_of,
    own_snapshots,
    status_of,
)
from cachewright.controlplane.api.snapshots.view import snapshot_shown
from cachewright.controlplane.model.snapshots import Snapshot, SnapshotStatus

DELETABLE = frozenset({SnapshotStatus.AVAILABLE, SnapshotStatus.FAILED})


def delete_snapshot(context: Context, params: Params) -> Answer:
    """Ask for the end of a snapshot: its files go, then it is not found any more."""
    snapshot = found_snapshot(context, params["SnapshotName"], lock=True)
    if status_of(context, snapshot) not in DELETABLE:
        raise invalid_state(f"Snapshot {snapshot.name} is not in a valid state to be deleted.")
    return {"Snapshot": snapshot_shown(context, end(context, snapshot))}


def end(context: Context, snapshot: Snapshot) -> Snapshot:
    """Write down that nothing of a snapshot is to stay."""
    deleting = replace(snapshot, status=SnapshotStatus.DELETING)
    own_snapshots(context, noun_of(snapshot)).change(snapshot.name, deleting)
    return deleting

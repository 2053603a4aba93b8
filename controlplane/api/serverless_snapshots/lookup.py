"""The caller's snapshots of serverless caches by name."""

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.api.snapshots.lookup import own_snapshots, status_of
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.nouns import SERVERLESS_CACHE_SNAPSHOT
from cachewright.controlplane.model.snapshots import Snapshot, SnapshotStatus


def found_snapshot(context: Context, wanted: str, *, lock: bool = False) -> Snapshot:
    """The caller's snapshot of that name, which is looked up in any case; Fault when there is none."""
    snapshot = own_snapshots(context, SERVERLESS_CACHE_SNAPSHOT).get(wanted.lower(), lock=lock)
    if snapshot is None:
        raise SERVERLESS_CACHE_SNAPSHOT.missing(wanted)
    return snapshot


def available_snapshot(context: Context, wanted: str) -> Snapshot:
    """The same for something that is to be done with it; Fault while it is not available."""
    snapshot = found_snapshot(context, wanted, lock=True)
    if status_of(context, snapshot) is not SnapshotStatus.AVAILABLE:
        raise invalid_state(snapshot)
    return snapshot


def invalid_state(snapshot: Snapshot) -> Fault:
    """The refusal of what the state of a snapshot does not allow."""
    return Fault(
        "InvalidServerlessCacheSnapshotStateFault",
        f"Serverless cache snapshot {snapshot.name} is not in an available state to perform the requested action.",
    )

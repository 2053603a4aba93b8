"""The caller's snapshots by name."""

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.nouns import SNAPSHOT
from cachewright.controlplane.model.snapshots import Snapshot
from cachewright.controlplane.store.records import Records


def own_snapshots(context: Context) -> Records[Snapshot]:
    """The caller's snapshots."""
    return context.records(SNAPSHOT, Snapshot)


def found_snapshot(context: Context, wanted: str, *, lock: bool = False) -> Snapshot:
    """The caller's snapshot of that name, which is looked up in any case; Fault when there is none."""
    snapshot = own_snapshots(context).get(wanted.lower(), lock=lock)
    if snapshot is None:
        raise SNAPSHOT.missing(wanted, "Snapshot {id} not found.")
    return snapshot


def invalid_state(message: str) -> Fault:
    """The refusal of what the state of a snapshot does not allow."""
    return Fault("InvalidSnapshotStateFault", message)

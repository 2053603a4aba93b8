"""The caller's snapshots by name."""

from cachewright.controlplane.api.common.context import Context
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.nouns import SNAPSHOT, Noun, snapshot_noun
from cachewright.controlplane.model.quotas import HIGHEST
from cachewright.controlplane.model.snapshots import Snapshot, SnapshotStatus, Uses
from cachewright.controlplane.store.records import Records


def own_snapshots(context: Context, noun: Noun = SNAPSHOT) -> Records[Snapshot]:
    """The caller's snapshots of one noun."""
    return context.records(noun, Snapshot)


def every_snapshot(context: Context, noun: Noun = SNAPSHOT) -> list[Snapshot]:
    """All of them, by name."""
    return list(own_snapshots(context, noun).page("", HIGHEST).values())


def noun_of(snapshot: Snapshot) -> Noun:
    """What AWS calls it."""
    return snapshot_noun(serverless=snapshot.serverless)


def found_snapshot(context: Context, wanted: str, *, lock: bool = False) -> Snapshot:
    """The caller's snapshot of that name, which is looked up in any case; Fault when there is none."""
    snapshot = own_snapshots(context).get(wanted.lower(), lock=lock)
    if snapshot is None:
        raise SNAPSHOT.missing(wanted, "Snapshot {id} not found.")
    return snapshot


def uses_now(context: Context) -> Uses:
    """What is being made of the caller's snapshots."""
    here = (context.caller.account, context.caller.region)
    creating = context.transaction.snapshots.creating(*here)
    seeded = context.transaction.caches.seeded(*here)
    restored = (cache.spec.seed.snapshot for cache in seeded if cache.spec.seed and cache.restoring)
    return Uses(frozenset(each.copied_from for each in creating) - {""}, frozenset(restored))


def status_of(context: Context, snapshot: Snapshot) -> SnapshotStatus:
    """Where a snapshot is in its life."""
    return snapshot.status_shown(uses_now(context))


def invalid_state(message: str) -> Fault:
    """The refusal of what the state of a snapshot does not allow."""
    return Fault("InvalidSnapshotStateFault", message)

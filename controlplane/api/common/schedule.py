"""What the parameters of Create and Modify operations say about times: windows, and how long snapshots are kept."""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.model import windows
from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.schedule import Schedule
from cachewright.controlplane.model.versions import Engine, EngineVersion

RETENTION = range(36)  # days
WITHOUT_SNAPSHOTS = "cache.t1.micro"


def first_schedule(context: Context, params: Params, release: EngineVersion) -> Schedule:
    """The schedule of a new cache. Faults: AWS's rules about each parameter."""
    snapshots = release.engine is not Engine.MEMCACHED
    weekly, daily = _windows(context, params, snapshots=snapshots)
    return Schedule(
        maintenance_window=weekly,
        snapshot_window=daily,
        snapshot_retention_limit=_retention(params, snapshots=snapshots),
        auto_minor_version_upgrade=params.get("AutoMinorVersionUpgrade", True),
    )


def next_schedule(context: Context, params: Params, spec: Spec) -> Schedule:
    """The schedule after a request: it changes at once."""
    old = spec.schedule
    before = {
        "CacheNodeType": spec.node_type,
        "PreferredMaintenanceWindow": old.maintenance_window,
        "SnapshotWindow": old.snapshot_window,
        "SnapshotRetentionLimit": old.snapshot_retention_limit,
        "AutoMinorVersionUpgrade": old.auto_minor_version_upgrade,
    }
    asked = {name: value for name, value in params.items() if value not in (None, "")}
    new = first_schedule(context, {**before, **asked}, spec.release)
    return replace(new, snapshotting_cluster_id=old.snapshotting_cluster_id)


def _windows(context: Context, params: Params, *, snapshots: bool) -> tuple[str, str]:
    maintenance = params.get("PreferredMaintenanceWindow") or ""
    region, random = context.caller.region, context.random
    if not snapshots:
        return windows.weekly_window(maintenance, region, random).text, ""
    weekly, daily = windows.windows(maintenance, params.get("SnapshotWindow") or "", region, random)
    return weekly.text, daily.text


def _retention(params: Params, *, snapshots: bool) -> int:
    """Days; Memcached has no snapshots, and neither has the smallest node type."""
    days: int = params.get("SnapshotRetentionLimit", 0)
    if days not in RETENTION:
        raise invalid_value(f"Invalid value {days} for SnapshotRetentionLimit. Must be between 0 and {RETENTION[-1]}")
    if not snapshots and (days or params.get("SnapshotWindow")):
        raise invalid_combination("Snapshot parameters are not supported for engine memcached.")
    if days and str(params["CacheNodeType"]).lower() == WITHOUT_SNAPSHOTS:
        raise invalid_combination(
            "Instance type does not support snapshotting. Snapshot retention limit parameter should not be specified."
        )
    return days

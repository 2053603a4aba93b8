"""What is to be done with a cache at its own time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """When, and how often. Empty and 0: never."""

    maintenance_window: str = ""  # as AWS writes it: `sun:23:00-mon:01:30`
    snapshot_window: str = ""
    snapshot_retention_limit: int = 0  # days
    snapshotting_cluster_id: str = ""  # the member that snapshots are made of
    auto_minor_version_upgrade: bool = True
    daily_snapshot_time: str = ""  # `hh:mm`, in UTC: when snapshots are made of a serverless cache

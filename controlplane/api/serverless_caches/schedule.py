"""When snapshots are made of a serverless cache, and how long they are kept.

Source: the API reference of CreateServerlessCache.
"""

import re
from dataclasses import replace

from cachewright.controlplane.api.common.context import Params
from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.schedule import Schedule

RETENTION = range(36)  # days
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def next_schedule(params: Params, before: Schedule) -> Schedule:
    """The schedule after a request; it may be about something else. Faults: days out of range, what is no time."""
    days, time = params.get("SnapshotRetentionLimit"), params.get("DailySnapshotTime") or before.daily_snapshot_time
    days = before.snapshot_retention_limit if days is None else days
    if days not in RETENTION:
        raise invalid_value(f"Invalid value {days} for SnapshotRetentionLimit. Must be between 0 and {RETENTION[-1]}")
    if time and not _TIME.fullmatch(time):
        raise invalid_value(f"Invalid value {time} for DailySnapshotTime. The format is hh24:mi.")
    return replace(before, snapshot_retention_limit=days, daily_snapshot_time=time)

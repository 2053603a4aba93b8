"""`cachewright snapshot`: the day's snapshot by hand."""

import time

from rich.console import Console

from cachewright.controlplane.commands.answers import read
from cachewright.controlplane.commands.plane import ControlPlane, NoAnswer, asked, foreign
from cachewright.controlplane.console.paths import SNAPSHOTS
from cachewright.controlplane.model.automatic import Daily
from cachewright.controlplane.model.snapshots import SnapshotStatus

PAUSE = 0.1  # seconds between two looks


def run(plane: ControlPlane, target: str, account: str, console: Console) -> None:
    """Take the day's snapshot of a cache cluster or a group, and print its name once it is available. NoAnswer when it
    cannot be taken.
    """
    daily = _understood(plane, asked(plane, SNAPSHOTS, "POST", {"target": target, "account": account}))
    while daily.status is SnapshotStatus.CREATING:
        time.sleep(PAUSE)
        daily = _understood(plane, asked(plane, f"{SNAPSHOTS}/{daily.account}/{daily.region}/{daily.name}"))
    if daily.status is SnapshotStatus.FAILED:
        raise NoAnswer(f"{daily.name} failed: {daily.failure}")
    console.print(daily.name, highlight=False, markup=False, soft_wrap=True)


def _understood(plane: ControlPlane, document: bytes) -> Daily:
    try:
        return read(Daily, document)
    except ValueError as error:
        raise foreign(plane.url, "its answer tells of no snapshot") from error

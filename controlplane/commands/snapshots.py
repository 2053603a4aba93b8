"""`cachewright snapshot`: the day's snapshot by hand."""

import time

from rich.console import Console

from cachewright.controlplane.commands.answers import read
from cachewright.controlplane.commands.plane import NoAnswer, asked, foreign
from cachewright.controlplane.console.paths import SNAPSHOTS
from cachewright.controlplane.model.automatic import Daily
from cachewright.controlplane.model.snapshots import SnapshotStatus

PAUSE = 0.1  # seconds between two looks


def run(url: str, target: str, account: str, console: Console) -> None:
    """Take the day's snapshot of a cache cluster or a group, and print its name once it is available. NoAnswer when it
    cannot be taken.
    """
    daily = _understood(url, asked(url, SNAPSHOTS, "POST", {"target": target, "account": account}))
    while daily.status is SnapshotStatus.CREATING:
        time.sleep(PAUSE)
        daily = _understood(url, asked(url, f"{SNAPSHOTS}/{daily.account}/{daily.region}/{daily.name}"))
    if daily.status is SnapshotStatus.FAILED:
        raise NoAnswer(f"{daily.name} failed: {daily.failure}")
    console.print(daily.name, highlight=False, markup=False, soft_wrap=True)


def _understood(url: str, document: bytes) -> Daily:
    try:
        return read(Daily, document)
    except ValueError as error:
        raise foreign(url, "its answer tells of no snapshot") from error

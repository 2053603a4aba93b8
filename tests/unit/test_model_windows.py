"""The maintenance window and the snapshot window."""

from random import Random

import pytest

from cachewright.controlplane.model import windows
from cachewright.controlplane.model.faults import Fault


@pytest.mark.parametrize(
    ("text", "start", "length"),
    [
        ("sun:05:00-sun:06:00", 300, 60),
        ("Sun:23:45-MON:00:45", 1425, 60),
        ("sat:23:30-sun:01:00", 1410, 90),
        ("mon:10:00-tue:10:00", 600, 1440),
    ],
)
def test_maintenance_window(text: str, start: int, length: int) -> None:
    assert windows.maintenance_window(text) == windows.Window(text.lower(), start, length)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sunday", "Invalid maintenance window format: sunday. The format is ddd:hh24:mi-ddd:hh24:mi."),
        (
            "sun:24:00-mon:01:00",
            "Invalid maintenance window format: sun:24:00-mon:01:00. The format is ddd:hh24:mi-ddd:hh24:mi.",
        ),
        ("sun:05:00-sun:05:59", "Maintenance window must be at least 60 minutes."),
        ("sun:05:00-sun:05:00", "Maintenance window must be at least 60 minutes."),
        ("sun:05:00-mon:05:01", "Maintenance window must not be longer than 24 hours."),
    ],
)
def test_maintenance_window_refused(text: str, message: str) -> None:
    with pytest.raises(Fault) as refused:
        windows.maintenance_window(text)
    assert (refused.value.shape, refused.value.message) == ("InvalidParameterValueException", message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5:00-6:00", "Invalid snapshot window format: 5:00-6:00. The format is hh24:mi-hh24:mi."),
        ("05:00-05:30", "Snapshot window must be at least 60 minutes."),
        ("05:00-05:00", "Snapshot window must be at least 60 minutes."),
    ],
)
def test_snapshot_window_refused(text: str, message: str) -> None:
    with pytest.raises(Fault) as refused:
        windows.snapshot_window(text)
    assert (refused.value.shape, refused.value.message) == ("InvalidParameterValueException", message)


@pytest.mark.parametrize(
    ("maintenance", "snapshot", "overlap"),
    [
        ("sun:05:00-sun:06:00", "06:00-07:00", False),
        ("sun:05:00-sun:06:00", "05:59-07:00", True),
        ("sun:05:00-sun:06:00", "04:00-05:00", False),
        ("sun:23:30-mon:00:30", "00:00-01:00", True),
        ("sun:23:30-mon:00:30", "23:00-00:00", True),
        ("mon:00:00-tue:00:00", "12:00-13:00", True),
    ],
)
def test_overlap(maintenance: str, snapshot: str, overlap: bool) -> None:
    weekly, daily = windows.maintenance_window(maintenance), windows.snapshot_window(snapshot)
    assert weekly.overlaps(daily) is daily.overlaps(weekly) is overlap


def test_overlapping_windows_are_refused() -> None:
    for maintenance, snapshot in (
        ("sun:05:00-sun:06:00", "05:30-06:30"),
        ("mon:00:00-tue:00:00", ""),
        ("", "03:00-02:59"),
    ):
        with pytest.raises(Fault, match="must not overlap"):
            windows.windows(maintenance, snapshot, "us-east-1", Random(1))


@pytest.mark.parametrize("region", [*windows.BLOCKS, "eu-nowhere-1"])
def test_chosen_windows_lie_in_the_block_and_do_not_overlap(region: str) -> None:
    hours, minutes = windows.BLOCKS.get(region, windows.ELSEWHERE).split(":")
    begin, last = int(hours) * 60 + int(minutes), 450 if region == "eu-west-3" else 480
    for seed in range(40):
        weekly, daily = windows.windows("", "", region, Random(seed))
        assert weekly.length == daily.length == 60
        assert (weekly.start - begin) % windows.DAY + weekly.length <= last
        assert not weekly.overlaps(daily)
        assert windows.maintenance_window(weekly.text) == weekly
        assert windows.snapshot_window(daily.text) == daily


def test_the_chosen_window_leaves_the_given_one_alone() -> None:
    for seed in range(40):
        weekly, _ = windows.windows("", "03:00-08:00", "us-east-1", Random(seed))
        assert weekly.start >= 8 * 60

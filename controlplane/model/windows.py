"""The weekly maintenance window and the daily snapshot window, in UTC.

Source: the ElastiCache user guide, "Managing maintenance" and "Scheduling automatic backups".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from cachewright.controlplane.model.faults import Fault, invalid_value

HOUR = 60
DAY = 24 * HOUR
WEEK = 7 * DAY
STEP = 30  # minutes between two windows that the service may choose
CHOICES = 14  # so many windows of an hour fit even into the shortest block, half an hour apart
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

# When the block of hours begins from which AWS chooses maintenance windows. All last 8 hours but eu-west-3's 7:30.
BLOCKS: dict[str, str] = {
    "af-south-1": "13:00",
    "ap-east-1": "13:00",
    "ap-east-2": "09:00",
    "ap-northeast-1": "13:00",
    "ap-northeast-2": "12:00",
    "ap-northeast-3": "12:00",
    "ap-south-1": "17:30",
    "ap-south-2": "06:30",
    "ap-southeast-1": "14:00",
    "ap-southeast-2": "12:00",
    "ap-southeast-3": "14:00",
    "ap-southeast-4": "11:00",
    "ap-southeast-5": "09:00",
    "ap-southeast-7": "08:00",
    "ca-central-1": "03:00",
    "ca-west-1": "18:00",
    "cn-north-1": "14:00",
    "cn-northwest-1": "14:00",
    "eu-central-1": "23:00",
    "eu-central-2": "02:00",
    "eu-north-1": "23:00",
    "eu-south-1": "21:00",
    "eu-south-2": "02:00",
    "eu-west-1": "22:00",
    "eu-west-2": "23:00",
    "eu-west-3": "23:59",
    "il-central-1": "03:00",
    "me-central-1": "13:00",
    "me-south-1": "13:00",
    "mx-central-1": "19:00",
    "sa-east-1": "01:00",
    "us-east-1": "03:00",
    "us-east-2": "04:00",
    "us-gov-east-1": "17:00",
    "us-gov-west-1": "06:00",
    "us-west-1": "06:00",
    "us-west-2": "06:00",
}
ELSEWHERE = "03:00"

_TIME = r"((?:[01]\d|2[0-3]):[0-5]\d)"
_WEEKDAY = f"({'|'.join(DAYS)})"
_MAINTENANCE = re.compile(f"{_WEEKDAY}:{_TIME}-{_WEEKDAY}:{_TIME}")
_SNAPSHOT = re.compile(f"{_TIME}-{_TIME}")


class Randomness(Protocol):
    """What is needed of a source of random numbers."""

    def randrange(self, stop: int, /) -> int:
        """A number from 0 up to, but not including, `stop`."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """A window as AWS writes it, and the minutes of a day that it covers."""

    text: str
    start: int
    length: int

    def overlaps(self, other: "Window") -> bool:
        """Whether there is a minute of the day that both cover; a weekly window is taken for a daily one."""
        return (other.start - self.start) % DAY < self.length or (self.start - other.start) % DAY < other.length


def windows(maintenance: str, snapshot: str, region: str, random: Randomness) -> tuple[Window, Window]:
    """The weekly and the daily window; the empty ones are chosen. Faults: malformed, too short, overlapping."""
    daily = snapshot_window(snapshot) if snapshot else None
    weekly = weekly_window(maintenance, region, random, beside=daily)
    daily = daily or _chosen(_DAILY, weekly, random)
    if weekly.overlaps(daily):
        raise _overlap()
    return weekly, daily


def weekly_window(text: str, region: str, random: Randomness, *, beside: Window | None = None) -> Window:
    """The maintenance window; the empty one is chosen so that it does not overlap the daily one."""
    return maintenance_window(text) if text else _chosen(_weekly(region, random), beside, random)


def maintenance_window(text: str) -> Window:
    """`ddd:hh:mm-ddd:hh:mm` in any case; Fault when it is malformed, or not between one hour and a day long."""
    match = _MAINTENANCE.fullmatch(text.lower())
    if not match:
        raise invalid_value(f"Invalid maintenance window format: {text}. The format is ddd:hh24:mi-ddd:hh24:mi.")
    first, begin, last, end = match.groups()
    length = (DAYS.index(last) * DAY + _minute(end) - DAYS.index(first) * DAY - _minute(begin)) % WEEK
    if length < HOUR:
        raise invalid_value("Maintenance window must be at least 60 minutes.")
    if length > DAY:
        raise invalid_value("Maintenance window must not be longer than 24 hours.")
    return Window(text.lower(), _minute(begin), length)


def due(text: str, now: datetime, last: datetime | None) -> bool:
    """Whether a maintenance window is open that was not yet open at `last`; None: nobody ever looked."""
    moment = opening(text, now)
    return moment is not None and (last is None or last < moment)


def opening(text: str, now: datetime) -> datetime | None:
    """When the maintenance window opened that is open now; None while it is closed."""
    match = _MAINTENANCE.fullmatch(text)
    if not match:
        return None
    here = now.astimezone(UTC).replace(second=0, microsecond=0)
    minute = here.isoweekday() % len(DAYS) * DAY + here.hour * HOUR + here.minute
    since = (minute - DAYS.index(match[1]) * DAY - _minute(match[2])) % WEEK
    return here - timedelta(minutes=since) if since < maintenance_window(text).length else None


def snapshot_window(text: str) -> Window:
    """`hh:mm-hh:mm`; Fault when it is malformed or shorter than an hour."""
    match = _SNAPSHOT.fullmatch(text)
    if not match:
        raise invalid_value(f"Invalid snapshot window format: {text}. The format is hh24:mi-hh24:mi.")
    begin, end = match.groups()
    length = (_minute(end) - _minute(begin)) % DAY
    if length < HOUR:
        raise invalid_value("Snapshot window must be at least 60 minutes.")
    return Window(text, _minute(begin), length)


def snapshot_opening(text: str, now: datetime) -> datetime | None:
    """When the snapshot window opened that is open now; None while it is closed, or when there is none."""
    if not text:
        return None
    window, here = snapshot_window(text), now.astimezone(UTC).replace(second=0, microsecond=0)
    since = (here.hour * HOUR + here.minute - window.start) % DAY
    return here - timedelta(minutes=since) if since < window.length else None


def _minute(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * HOUR + int(minutes)


def _time(minute: int) -> str:
    return f"{minute % DAY // HOUR:02}:{minute % HOUR:02}"


def _weekly(region: str, random: Randomness) -> list[Window]:
    """The windows of an hour in the region's block, on a random day."""
    day = random.randrange(len(DAYS))
    begin = _minute(BLOCKS.get(region, ELSEWHERE))
    return [maintenance_window(_hour_of_week(day, begin + STEP * number)) for number in range(CHOICES)]


def _hour_of_week(day: int, minute: int) -> str:
    end = minute + HOUR
    first, last = (DAYS[(day + moment // DAY) % len(DAYS)] for moment in (minute, end))
    return f"{first}:{_time(minute)}-{last}:{_time(end)}"


_DAILY = [snapshot_window(f"{_time(minute)}-{_time(minute + HOUR)}") for minute in range(0, DAY, STEP)]


def _chosen(candidates: Sequence[Window], taken: Window | None, random: Randomness) -> Window:
    free = [window for window in candidates if not (taken and window.overlaps(taken))]
    if not free:
        raise _overlap()
    return free[random.randrange(len(free))]


def _overlap() -> Fault:
    return invalid_value("The snapshot window and maintenance window must not overlap.")


@dataclass(frozen=True, slots=True)
class Opened:
    """A window that was opened by hand, and AWS's names for what had waited for it."""

    cache: str
    applied: tuple[str, ...]

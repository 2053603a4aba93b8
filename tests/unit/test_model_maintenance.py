"""When a maintenance window is due, and what waits for it."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachewright.controlplane.model.pending import WORDS, Pending, Resize, words
from cachewright.controlplane.model.windows import DAYS, WEEK, due, opening

SUNDAY = datetime(2026, 3, 1, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
SPANS = st.tuples(st.integers(0, WEEK - 1), st.integers(60, 24 * 60))


def at(text: str) -> datetime:
    """`mon 03:30` of a certain week, in UTC."""
    day, time = text.split()
    hours, minutes = map(int, time.split(":"))
    return SUNDAY + timedelta(days=DAYS.index(day), hours=hours, minutes=minutes)


def window(begin: int, length: int) -> str:
    """The text of a window from a minute of the week on."""
    moments = (begin, (begin + length) % WEEK)
    return "-".join(f"{DAYS[m // 1440]}:{m % 1440 // 60:02}:{m % 60:02}" for m in moments)


@pytest.mark.parametrize(
    ("text", "now", "opened"),
    [
        ("mon:03:00-mon:04:00", "mon 03:00", "mon 03:00"),
        ("mon:03:00-mon:04:00", "mon 03:59", "mon 03:00"),
        ("mon:03:00-mon:04:00", "mon 04:00", None),
        ("mon:03:00-mon:04:00", "tue 03:30", None),
        ("mon:23:30-tue:00:30", "tue 00:15", "mon 23:30"),
        ("sat:23:30-sun:00:30", "sat 23:45", "sat 23:30"),
        ("", "mon 03:00", None),
    ],
)
def test_when_a_window_opened(text: str, now: str, opened: str | None) -> None:
    assert opening(text, at(now)) == (at(opened) if opened else None)


def test_a_window_over_the_end_of_the_week() -> None:
    assert opening("sat:23:30-sun:00:30", SUNDAY + timedelta(minutes=15)) == SUNDAY - timedelta(minutes=30)


def test_the_clock_is_read_in_utc() -> None:
    here = at("mon 03:30").astimezone(timezone(timedelta(hours=9)))
    assert opening("mon:03:00-mon:04:00", here) == at("mon 03:00")


def test_a_window_is_due_once() -> None:
    text = "mon:03:00-mon:04:00"
    assert due(text, at("mon 03:10"), None)
    assert due(text, at("mon 03:10"), at("mon 02:59"))
    assert not due(text, at("mon 03:20"), at("mon 03:10"))
    assert not due(text, at("mon 04:10"), at("mon 02:59"))
    assert due(text, at("mon 03:00") + timedelta(weeks=1), at("mon 03:10"))


@given(SPANS, MOMENTS)
@settings(max_examples=25)
def test_an_open_window_opened_no_longer_ago_than_it_lasts(span: tuple[int, int], now: datetime) -> None:
    begin, length = span
    opened = opening(window(begin, length), now)
    if opened is None:
        closed = [opening(window(begin, length), now - timedelta(minutes=m)) for m in range(0, WEEK, 30)]
        assert any(closed), "a window of an hour is open some time of the week"
    else:
        assert timedelta(0) <= now - opened < timedelta(minutes=length)
        assert window(begin, length).startswith(f"{DAYS[opened.isoweekday() % 7]}:{opened:%H:%M}-")


def test_everything_that_waits_has_a_name() -> None:
    together = {"engine", "parameter_group", "parameters"}  # always with a version
    assert set(WORDS) | together == {field.name for field in fields(Pending)}
    assert words(Pending()) == ()
    assert words(Pending(node_type="cache.m5.large", resize=Resize(("a",)))) == ("CacheNodeType", "NumCacheNodes")

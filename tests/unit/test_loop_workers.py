"""Turns that wait for work beside them."""

import threading
from concurrent.futures import Future
from math import inf
from queue import SimpleQueue

from cachewright.agents.loop.workers import when_done

LIMIT = 10.0  # seconds; what takes longer does not come


def begun() -> tuple[Future[None], Future[None]]:
    """Two pieces of work under way."""
    return Future(), Future()


def test_all_has_to_be_done_and_may_fail_or_be_cancelled() -> None:
    deeds, (first, second) = list[str](), begun()
    when_done((first, second), inf, lambda: deeds.append("done"))
    first.set_exception(ValueError())
    assert deeds == []
    second.cancel()
    assert deeds == ["done"]


def test_without_work_it_is_done_at_once() -> None:
    deeds: list[str] = []
    when_done((), 60.0, lambda: deeds.append("done"))
    assert deeds == ["done"]


def test_what_is_done_after_time_is_up_counts_no_more() -> None:
    deeds, work = SimpleQueue[str](), begun()
    when_done(work, 0.01, lambda: deeds.put("done"))
    assert deeds.get(timeout=LIMIT) == "done"
    for future in work:
        future.set_result(None)
    assert deeds.empty()


def test_an_alarm_ends_with_the_work() -> None:
    deeds, work = list[str](), begun()
    before = threading.active_count()
    when_done(work, 60.0, lambda: deeds.append("done"))
    (alarm,) = (thread for thread in threading.enumerate() if isinstance(thread, threading.Timer))
    for future in work:
        future.set_result(None)
    alarm.join(LIMIT)
    assert (deeds, threading.active_count()) == (["done"], before)

"""Threads for one kind of work: how many, and for whom."""

from concurrent.futures import Future
from threading import Barrier, Event, Thread
from threading import enumerate as every_thread

import pytest

from cachewright.agents.loop.lanes import Closed, Lane
from cachewright.agents.reconcile.turns import Priority

LIMIT = 10.0  # seconds; whatever takes longer is broken


def test_results_and_errors_come_back() -> None:
    lane = Lane("test", 2)
    assert lane.submit(lambda: 7).result(LIMIT) == 7
    with pytest.raises(ZeroDivisionError):
        lane.submit(lambda: 1 // 0).result(LIMIT)
    lane.close(0.0)


def test_as_many_as_there_are_threads_run_at_the_same_time() -> None:
    lane, together = Lane("test", 4), Barrier(4)
    for done in [lane.submit(together.wait, LIMIT) for _ in range(4)]:
        done.result(LIMIT)
    lane.close(0.0)


def test_routine_leaves_threads_to_what_is_broken() -> None:
    lane, blocked = Lane("test", 3, kept=1), Event()
    routine: list[Future[bool]] = [lane.submit(blocked.wait, LIMIT) for _ in range(5)]
    assert lane.at(Priority.BROKEN).submit(lambda: "done").result(LIMIT) == "done"
    assert not any(future.done() for future in routine)
    blocked.set()
    assert [future.result(LIMIT) for future in routine] == [True] * 5
    lane.close(0.0)


def threads_of(name: str) -> list[Thread]:
    return [thread for thread in every_thread() if thread.name.startswith(f"{name}-")]


def test_no_more_threads_begin_than_may_work() -> None:
    lane, blocked = Lane("few", 8, kept=6), Event()
    routine = [lane.submit(blocked.wait, LIMIT) for _ in range(8)]
    assert len(threads_of("few")) == 2
    assert lane.at(Priority.BROKEN).submit(lambda: "done").result(LIMIT) == "done"
    assert len(threads_of("few")) == 3
    blocked.set()
    assert [future.result(LIMIT) for future in routine] == [True] * 8
    lane.close(0.0)


def test_threads_that_have_nothing_to_do_end_and_others_begin() -> None:
    lane = Lane("brief", 2, rest=0.0)
    for _ in range(100):
        assert lane.submit(lambda: 7).result(LIMIT) == 7
    for thread in threads_of("brief"):
        thread.join(LIMIT)
        assert not thread.is_alive()
    assert lane.submit(lambda: 7).result(LIMIT) == 7
    lane.close(0.0)


def test_the_end_does_not_wait_for_what_does_not_end() -> None:
    lane, blocked = Lane("test", 1), Event()
    lane.submit(blocked.wait)
    waiting = lane.submit(lambda: None)
    lane.close(0.01)
    assert waiting.cancelled()
    with pytest.raises(Closed):
        lane.submit(lambda: None)
    blocked.set()


def test_the_end_waits_for_what_is_nearly_done() -> None:
    lane, begun, going = Lane("test", 1), Event(), Event()

    def deed() -> str:
        begun.set()
        going.wait(LIMIT)
        return "done"

    done = lane.submit(deed)
    begun.wait(LIMIT)
    going.set()
    lane.close(LIMIT)
    assert done.result(0) == "done"


def test_no_thread_is_left_once_all_is_done_and_the_lane_is_closed() -> None:
    lane, together = Lane("left", 32), Barrier(32)
    for done in [lane.submit(together.wait, LIMIT) for _ in range(32)]:
        done.result(LIMIT)
    assert threads_of("left")
    lane.close(LIMIT)
    assert threads_of("left") == []

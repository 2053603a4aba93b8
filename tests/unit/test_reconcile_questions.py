"""Questions to many: few threads ask, and nobody waits for those who do not answer."""

import threading
from threading import Barrier

import pytest

from cachewright.agents.loop.lanes import Lane
from cachewright.agents.reconcile.questions import true_of

LIMIT = 10.0  # seconds; whatever takes longer is broken
MOST = 4


def test_who_is_told_of_is_who_it_is_true_of() -> None:
    lane = Lane("test", MOST)
    assert sorted(true_of(range(100), lambda number: number % 7 == 3, lane, MOST)) == list(range(3, 100, 7))
    assert true_of([], lambda _: True, lane, MOST) == []
    lane.close(0.0)


def test_one_thread_asks_about_all_who_answer_at_once() -> None:
    lane, asking = Lane("test", MOST), list[int]()

    def answers(_: int) -> bool:
        asking.append(threading.get_ident())
        return True

    true_of(range(1000), answers, lane, MOST, LIMIT)
    assert len(set(asking)) == 1
    lane.close(0.0)


def test_others_join_while_nobody_gets_an_answer() -> None:
    """Those of whom nothing is heard are waited for at the same time."""
    lane, together = Lane("test", MOST), Barrier(MOST)

    def hangs(number: int) -> bool:
        if number < MOST:
            together.wait(LIMIT)
        return number < MOST

    assert sorted(true_of(range(20), hangs, lane, MOST)) == list(range(MOST))
    lane.close(0.0)


def test_who_asks_hears_of_a_bug() -> None:
    lane = Lane("test", MOST)
    with pytest.raises(ZeroDivisionError):
        true_of([1, 0], lambda number: bool(1 // number), lane, MOST)
    lane.close(0.0)

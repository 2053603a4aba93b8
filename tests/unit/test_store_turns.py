"""Who writes next, with threads that wait."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from cachewright.controlplane.store.turns import LULL, WriteTurns

LONG = 60.0  # seconds; nobody waits so long here


@pytest.fixture
def writers() -> Iterator[ThreadPoolExecutor]:
    """Threads enough."""
    with ThreadPoolExecutor(8) as pool:
        yield pool


def write(turns: WriteTurns, order: list[str], name: str, *, urgent: bool = False) -> None:
    with turns.turn(urgent=urgent):
        order.append(name)


def queued(pool: ThreadPoolExecutor, turns: WriteTurns, order: list[str], name: str, *, urgent: bool) -> Future[None]:
    """A writer that waits, behind those that wait already."""
    before = turns.waiting
    future = pool.submit(write, turns, order, name, urgent=urgent)
    while turns.waiting == before:
        assert not future.done()
    return future


def test_the_urgent_go_first_and_of_equals_who_came_first(writers: ThreadPoolExecutor) -> None:
    turns, order = WriteTurns(LONG), list[str]()
    with turns.turn(urgent=False):
        futures = [
            queued(writers, turns, order, name, urgent=name.startswith("u")) for name in ("a", "b", "u1", "c", "u2")
        ]
        assert order == []
    for future in futures:
        future.result()
    assert order == ["u1", "u2", "a", "b", "c"]
    assert turns.waiting == 0


def test_others_wait_a_moment_after_an_urgent_turn() -> None:
    turns, order = WriteTurns(LONG), list[str]()
    write(turns, order, "u1", urgent=True)
    begin = time.monotonic()
    write(turns, order, "u2", urgent=True)
    write(turns, order, "a")
    assert order == ["u1", "u2", "a"]
    assert time.monotonic() - begin >= LULL


def test_a_writer_that_fails_passes_the_turn_on(writers: ThreadPoolExecutor) -> None:
    turns, order = WriteTurns(LONG), list[str]()

    def fail() -> None:
        with turns.turn(urgent=False):
            future.append(queued(writers, turns, order, "next", urgent=False))
            raise ValueError("failed")

    future = list[Future[None]]()
    with pytest.raises(ValueError, match="failed"):
        fail()
    future[0].result()
    assert order == ["next"]


def test_who_waits_for_too_long_gives_up_and_is_not_waited_for() -> None:
    turns, order = WriteTurns(0.0), list[str]()
    with turns.turn(urgent=False), ThreadPoolExecutor(1) as pool:
        late = pool.submit(write, turns, order, "late")
        with pytest.raises(TimeoutError, match="others have been writing for 0 seconds"):
            late.result()
    write(turns, order, "afterwards")
    assert order == ["afterwards"]

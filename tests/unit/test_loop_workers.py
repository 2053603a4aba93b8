"""Turns that wait for work beside them."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from math import inf
from queue import SimpleQueue
from threading import Event

from cachewright.agents.loop.workers import Workers
from cachewright.agents.reconcile.turns import Outcome, Rest, SystemKey, Turn, Until

LIMIT = 10.0  # seconds; what takes longer does not come


@contextmanager
def working(reconcile: Callable[[Turn], Outcome]) -> Iterator[Workers]:
    workers = Workers(reconcile)
    workers.start()
    try:
        yield workers
    finally:
        workers.stop()


def turns(within: float, begun: Callable[[Future[None]], object]) -> list[object]:
    """What the second turn was given after the first wanted to wait for two futures; there is no third."""
    done, memories, rested = (Future[None](), Future[None]()), SimpleQueue[object](), Event()

    def reconcile(turn: Turn) -> Outcome:
        memories.put(turn.memory)
        if turn.memory is None:
            return Until(done, "looked", within)
        rested.set()
        return Rest()

    with working(reconcile) as workers:
        workers.enqueue([SystemKey.GATEWAY])
        for future in done:
            begun(future)
        assert rested.wait(LIMIT)
        for future in done:
            future.cancel()
    return [memories.get_nowait() for _ in range(memories.qsize())]


def test_a_turn_comes_when_all_is_done() -> None:
    assert turns(inf, lambda future: future.set_result(None)) == [None, "looked"]


def test_a_turn_comes_when_time_is_up_and_what_is_done_later_gives_no_other() -> None:
    assert turns(0.01, lambda _: None) == [None, "looked"]

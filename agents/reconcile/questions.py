"""Questions to many, asked by few who take turns: threads that wait for Python's lock cost more than answers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, wait
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")
A = TypeVar("A")

STUCK = 0.01  # seconds without a single answer, after which others join


def answers_to(
    items: Sequence[T], ask: Callable[[T], A], pool: Executor, most: int
) -> tuple[Future[list[tuple[T, A]]], ...]:
    """Ask about each; at most so many threads of the pool ask. The answers are there when all of this is done."""
    left = _queue(items)

    def take_turns() -> list[tuple[T, A]]:
        return [(item, ask(item)) for item in _taken(left)]

    return tuple(pool.submit(take_turns) for _ in range(min(len(items), most)))


def true_of(items: Sequence[T], ask: Callable[[T], bool], pool: Executor, most: int, stuck: float = STUCK) -> list[T]:
    """Those of which it is true, in any order. One thread of the pool asks about all, and twice as many, up to `most`,
    each time that none of them has got an answer for `stuck` seconds.
    """
    left = _queue(items)

    def take_turns() -> list[T]:
        return [item for item in _taken(left) if ask(item)]

    asking = [pool.submit(take_turns)]
    while (now := left.qsize()) and wait(asking, stuck).not_done:
        if left.qsize() == now:
            asking += [pool.submit(take_turns) for _ in range(min(len(asking), most - len(asking)))]
    return [item for future in asking for item in future.result()]


def _queue(items: Iterable[T]) -> SimpleQueue[T]:
    left = SimpleQueue[T]()
    for item in items:
        left.put(item)
    return left


def _taken(left: SimpleQueue[T]) -> Iterator[T]:
    """What nobody else has taken."""
    with suppress(Empty):
        while True:
            yield left.get_nowait()

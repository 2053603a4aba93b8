"""Many quick questions, asked by as few threads as will do: threads that wait for Python's lock cost more than answers.

Whoever waits long for an answer keeps the others waiting; then more threads take their turns.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, wait
from queue import SimpleQueue
from typing import TypeVar

from cachewright.agents.reconcile.observe import taken

T = TypeVar("T")

STUCK = 0.01  # seconds without a single answer, after which others join


def true_of(items: Sequence[T], ask: Callable[[T], bool], pool: Executor, most: int, stuck: float = STUCK) -> list[T]:
    """Those of which it is true, in any order. One thread of the pool asks about all, and twice as many, up to `most`,
    each time that none of them has got an answer for `stuck` seconds.
    """
    left = SimpleQueue[T]()
    for item in items:
        left.put(item)

    def take_turns() -> list[T]:
        return [item for item in taken(left) if ask(item)]

    asking = [pool.submit(take_turns)]
    while (now := left.qsize()) and wait(asking, stuck).not_done:
        if left.qsize() == now:
            asking += [pool.submit(take_turns) for _ in range(min(len(asking), most - len(asking)))]
    return [item for future in asking for item in future.result()]

"""Rows with documents: what cannot be read is missing from lists, and hides nothing else."""

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Row

from cachewright.controlplane.store.documents import Unreadable

SENTENCES = 2048  # that are not told again

Value = TypeVar("Value")

log = logging.getLogger(__name__)


def readable(rows: Iterable[Row[Any]], read: Callable[[Row[Any]], Value]) -> list[tuple[Row[Any], Value]]:
    """Those rows that can be read, each with what is in it."""
    found = []
    for row in rows:
        try:
            found.append((row, read(row)))
        except Unreadable as error:
            _tell(str(error))
    return found


def full_page(
    rows: Callable[[str, int], Sequence[Row[Any]]], read: Callable[[Row[Any]], Value], after: str, limit: int
) -> list[tuple[str, Value]]:
    """`limit` of the rows behind `after` that can be read, as long as there are so many: a page that is not full says
    that it is the last one. `rows` takes the name behind which they begin, their first column, and how many at most.
    """
    page: list[tuple[str, Value]] = []
    while missing := limit - len(page):
        some = rows(after, missing)
        page += [(row[0], value) for row, value in readable(some, read)]
        if len(some) < missing:
            break
        after = some[-1][0]
    return page


@lru_cache(SENTENCES)
def _tell(sentence: str) -> None:
    """Once in the life of the process: lists are read all the time."""
    log.error("%s; it is missing from lists, and nothing is done about it", sentence)

"""What databases are asked."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event


@contextmanager
def statements() -> Iterator[Counter[str]]:
    """How often each statement is sent meanwhile, to any database."""
    told: Counter[str] = Counter()

    def tell(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        told[statement] += 1

    event.listen(Engine, "before_cursor_execute", tell)
    try:
        yield told
    finally:
        event.remove(Engine, "before_cursor_execute", tell)

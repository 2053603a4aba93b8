"""Whether something was written since somebody looked: who found nothing need not look again before."""

from collections.abc import Callable, Collection
from threading import Event
from typing import TypeVar

from cachewright.controlplane.store.database import Store

T = TypeVar("T")


class News:
    """Of one who looks at the database again and again."""

    def __init__(self, store: Store, *, certain: bool = True) -> None:
        """`certain`: none may be lost. Between processes some are, with a connection, so where several write there
        always may be some.
        """
        self._heard = Event()
        self._heard.set()  # what was there before
        self._always = certain and store.shared
        store.follow(self._heard.set)

    def found(self, look: Callable[[], Collection[T]]) -> Collection[T]:
        """What a look finds; nothing, unseen, where the last one found nothing and nothing was written since."""
        if not self._heard.is_set() and not self._always:
            return ()
        self._heard.clear()
        found: Collection[T] | None = None
        try:
            found = look()
            return found
        finally:
            if found is None or found:
                self._heard.set()

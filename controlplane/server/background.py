"""An application that is made, kept and ended in a thread of its own, because it takes long to load."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from threading import Event, Thread
from typing import Generic, TypeVar

GRACE = 10.0  # seconds in which it ends

Made = TypeVar("Made")


class Background(Generic[Made]):
    """What `make` makes, from `start` to `end`. `made` is done once it is there, or when it cannot be made."""

    def __init__(self, make: Callable[[], AbstractContextManager[Made]]) -> None:
        self.made: Future[Made] = Future()
        self._make, self._ending = make, Event()
        self._thread = Thread(target=self._run, name="application", daemon=True)

    def start(self) -> None:
        """Begin to make it; once."""
        self._thread.start()

    def end(self) -> None:
        """End it, if it was begun."""
        self._ending.set()
        if self._thread.ident:
            self._thread.join(GRACE)

    def _run(self) -> None:
        try:
            with self._make() as made:
                self.made.set_result(made)
                self._ending.wait()
        except BaseException as error:
            if self.made.done():  # at the end: there is nobody left to be told
                raise
            self.made.set_exception(error)

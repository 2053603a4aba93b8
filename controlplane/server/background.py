"""An application that is made, kept and ended in a thread of its own, because it takes long to load."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, suppress
from threading import Event, Thread
from typing import Generic, TypeVar

GRACE = 10.0  # seconds in which it ends

Made = TypeVar("Made")


class GivenUp(Exception):  # noqa: N818
    """Nobody wants any more what is being made."""


class Background(Generic[Made]):
    """What `make` makes, from `start` to `end`. `made` is done once it is there, or when it cannot be made, and is
    cancelled when it was given up before.

    `make` is handed what it has to call before each of its steps: it raises GivenUp, and so ends what is half made.
    """

    def __init__(self, make: Callable[[Callable[[], None]], AbstractContextManager[Made]]) -> None:
        self.made: Future[Made] = Future()
        self._make, self._ending = make, Event()
        self._thread = Thread(target=self._run, name="application", daemon=True)

    def start(self) -> None:
        """Begin to make it; once."""
        self._thread.start()

    def give_up(self) -> None:
        """Make no more of it; does nothing once it is there."""
        self.made.cancel()

    def end(self) -> None:
        """End it, if it was begun."""
        self.give_up()
        self._ending.set()
        if self._thread.ident:
            self._thread.join(GRACE)

    def _proceed(self) -> None:
        if self.made.cancelled():
            raise GivenUp

    def _run(self) -> None:
        try:
            with suppress(GivenUp):
                self._keep()
        except BaseException as error:
            if self.made.done():  # at the end: there is nobody left to be told
                raise
            self.made.set_exception(error)

    def _keep(self) -> None:
        self._proceed()
        with self._make(self._proceed) as made:
            if self.made.set_running_or_notify_cancel():  # from here on it cannot be given up
                self.made.set_result(made)
                self._ending.wait()

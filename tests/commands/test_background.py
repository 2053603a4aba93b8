"""How a control plane is made in the background, is given up, and ends."""

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from threading import enumerate as threads

import pytest

from cachewright.agents.loop.workers import Workers
from cachewright.agents.reconcile.turns import Rest
from cachewright.controlplane.server.background import Background
from cachewright.controlplane.server.composition import control_plane
from cachewright.controlplane.server.resources import locked_database
from cachewright.controlplane.settings import RuntimeKind, Settings
from cachewright.controlplane.store.beside import beside

SOON = 20.0  # seconds
STARTED_IN = ["agent", "drills", "maintenance", "automatic-snapshots"]


class Slow:
    """Made in two steps; what was done of it is told. It comes no further than the first before it is let."""

    def __init__(self) -> None:
        self.done: SimpleQueue[str] = SimpleQueue()
        self.let = Event()

    @contextmanager
    def make(self, proceed: Callable[[], None]) -> Iterator[str]:
        try:
            self.done.put("first")
            assert self.let.wait(SOON)
            proceed()
            self.done.put("second")
            yield "made"
        finally:
            self.done.put("ended")

    def told(self, number: int) -> list[str]:
        return [self.done.get(timeout=SOON) for _ in range(number)]


def test_it_is_there_until_it_is_ended() -> None:
    slow = Slow()
    slow.let.set()
    background = Background(slow.make)
    background.start()
    assert background.made.result(SOON) == "made"
    background.give_up()
    assert background.made.result() == "made"
    assert slow.told(2) == ["first", "second"]
    assert slow.done.empty()
    background.end()
    assert slow.told(1) == ["ended"]


def test_nothing_more_is_made_once_it_is_given_up() -> None:
    slow = Slow()
    background = Background(slow.make)
    background.start()
    assert slow.told(1) == ["first"]
    background.give_up()
    with pytest.raises(CancelledError):
        background.made.result()
    slow.let.set()
    background.end()
    assert slow.told(1) == ["ended"]
    assert slow.done.empty()


def test_what_is_given_up_before_it_begins_never_does() -> None:
    slow = Slow()
    background = Background(slow.make)
    background.give_up()
    background.start()
    background.end()
    assert slow.done.empty()


class Enough(Exception):  # noqa: N818
    """As many steps as wanted were taken."""


def made(settings: Settings, steps: int) -> bool:
    """Make a control plane in so many steps; whether it was there."""
    number = count()

    def proceed() -> None:
        if next(number) == steps:
            raise Enough

    try:
        with locked_database(settings), control_plane(settings, proceed, Future(), ready=False):
            return True
    except Enough:
        return False


def running() -> set[Thread]:
    return {thread for thread in threads() if thread.name != "doctor"}


def test_what_was_started_is_stopped_wherever_the_start_ends(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="", runtime=RuntimeKind.MEMORY)
    before = running()
    for steps in count():
        there = made(settings, steps)
        assert running() <= before, f"after {steps} steps"
        with beside(tmp_path / "cachewright.db"):
            pass  # nobody has it any more
        if there:
            break
    assert steps > len(STARTED_IN)


def test_what_was_never_started_is_stopped_all_the_same() -> None:
    Workers(lambda _: Rest()).stop()

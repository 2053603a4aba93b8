"""Containers are attached to the network of a host and detached from it in turns."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from cachewright.agents.runtime.hosts import attachments
from cachewright.agents.runtime.hosts.attachments import Attachments, Change
from tests.e2e.waiting import until

ENDLESS = 60.0  # seconds


def _during(first: Change, second: Change, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the second goes while the first is at it; in any case it does afterwards."""
    monkeypatch.setattr(attachments, "_PATIENCE", ENDLESS)
    turns, gone = Attachments(), Event()

    def go() -> None:
        with turns.turn(second):
            gone.set()

    with ThreadPoolExecutor(1) as pool:
        with turns.turn(first):
            going = pool.submit(go)
            together = gone.wait(0.2)
        going.result(ENDLESS)
    return together


@pytest.mark.parametrize("first", Change)
@pytest.mark.parametrize("second", Change)
def test_only_the_same_change_is_made_together(first: Change, second: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    together = first is second and first is not Change.REATTACH
    assert _during(first, second, monkeypatch) is together


def test_nobody_overtakes_who_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "_PATIENCE", ENDLESS)
    turns, order = Attachments(), list[str]()

    def detach() -> None:
        with turns.turn(Change.DETACH):
            order.append("detached")

    def attach() -> None:
        with turns.turn(Change.ATTACH):
            order.append("attached")

    with ThreadPoolExecutor(2) as pool, turns.turn(Change.ATTACH):
        pool.submit(detach)
        until("it waits", lambda: len(turns) == 2)
        pool.submit(attach)
        until("both wait", lambda: len(turns) == 3)
    assert order == ["detached", "attached"]


def test_whoever_has_waited_for_long_goes_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "_PATIENCE", 0.01)
    turns = Attachments()
    with turns.turn(Change.ATTACH), turns.turn(Change.DETACH):
        assert len(turns) == 2

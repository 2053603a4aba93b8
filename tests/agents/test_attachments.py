"""Who comes onto the network of a host and who leaves it take turns."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from cachewright.agents.runtime.hosts import attachments
from cachewright.agents.runtime.hosts.attachments import Attachments, Way
from tests.e2e.waiting import until

ENDLESS = 60.0  # seconds


def _during(first: Way, second: Way, monkeypatch: pytest.MonkeyPatch) -> bool:
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


@pytest.mark.parametrize("first", Way)
@pytest.mark.parametrize("second", Way)
def test_only_those_who_go_the_same_way_go_together(first: Way, second: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    together = first is second and first is not Way.LEAVE_AND_COME
    assert _during(first, second, monkeypatch) is together


def test_nobody_overtakes_who_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "_PATIENCE", ENDLESS)
    turns, order = Attachments(), list[str]()

    def leave() -> None:
        with turns.turn(Way.LEAVE):
            order.append("leaves")

    def come() -> None:
        with turns.turn(Way.COME):
            order.append("comes")

    with ThreadPoolExecutor(2) as pool, turns.turn(Way.COME):
        pool.submit(leave)
        until("it waits", lambda: len(turns) == 2)
        pool.submit(come)
        until("both wait", lambda: len(turns) == 3)
    assert order == ["leaves", "comes"]


def test_whoever_has_waited_for_long_goes_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "_PATIENCE", 0.01)
    turns = Attachments()
    with turns.turn(Way.COME), turns.turn(Way.LEAVE):
        assert len(turns) == 2

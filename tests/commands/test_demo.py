"""What the demo counts, waits for and keeps out."""

import io
from itertools import count

import pytest
from rich.console import Console

from cachewright.agents.engines.redis.probe import longest_gap
from cachewright.controlplane.commands.stage import Stage, until
from cachewright.controlplane.commands.throwaway import Broken, environment


@pytest.mark.parametrize(
    ("moments", "since", "gap"),
    [
        ([], 0.0, 0.0),
        ([1.0], 0.0, 0.0),
        ([1.0, 2.0, 2.5], 0.0, 1.0),
        ([1.0, 5.0, 6.0, 6.5], 5.0, 1.0),  # what was before does not count
        ([1.0, 5.0, 6.0], 4.0, 4.0),  # what had begun before does
    ],
)
def test_longest_gap(moments: list[float], since: float, gap: float) -> None:
    assert longest_gap(moments, since) == gap


def test_until_waits_for_silence() -> None:
    turns = count()
    until("three looks", lambda: "not yet" if next(turns) < 2 else "", 10.0)
    assert next(turns) == 3


def test_until_tells_what_it_waited_for() -> None:
    with pytest.raises(Broken, match=r"^waited 0 s for rain: it is sunny$"):
        until("rain", lambda: "it is sunny", 0.0)


def test_a_step_that_fails_names_the_deed() -> None:
    stage = Stage(Console(file=io.StringIO()))
    with pytest.raises(Broken, match=r"^cannot knock: nobody answers$"), stage.step("knock"):
        raise ConnectionError("nobody answers")


def test_a_step_that_succeeds_tells_its_outcome() -> None:
    told = io.StringIO()
    with Stage(Console(file=told)).step("knock") as step:
        step.outcome = "the door opens"
    assert "knock" in told.getvalue()
    assert "the door opens" in told.getvalue()


def test_the_demo_cannot_meet_the_users_database() -> None:
    whole = {"PATH": "/bin", "CACHEWRIGHT_DATABASE_URL": "postgresql://precious", "CACHEWRIGHT_ENDPOINTS": "published"}
    assert environment(whole) == {"PATH": "/bin", "CACHEWRIGHT_ENDPOINTS": "published"}

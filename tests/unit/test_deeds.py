"""What is known of containers once deeds are done, and what has to be looked at or asked again."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cachewright.agents.planning.actions import (
    Action,
    Adopt,
    Interrupt,
    Recycle,
    Remove,
    Restart,
    ResumeWrites,
    Route,
    Unroute,
)
from cachewright.agents.planning.containers import Container, State
from cachewright.agents.planning.deeds import after, suffices
from cachewright.agents.planning.world import Answer, Sight, World
from cachewright.controlplane.model.cache import Address

NODE, RELAY, STRAY = (Container(name, State.RUNNING, {}, "start") for name in ("ahead", "relay", "stray"))
SIGHT = Sight(NODE, Answer("7.0.15"), datetime(2025, 1, 1, tzinfo=UTC), relay=RELAY)
WORLD = World({"one": SIGHT}, (STRAY.name,), "gateway")
ENDPOINT = Address("10.200.128.1", 6379)
WORDS = Route({ENDPOINT: ()}), Unroute((ENDPOINT,))


def name(node: str) -> str:
    return f"called-{node}"


def test_words_leave_containers_as_they_were() -> None:
    assert after(WORLD, (*WORDS, ResumeWrites("one")), name) == WORLD


def test_volumes_are_looked_at_after_everything_but_words_to_engines() -> None:
    world = replace(WORLD, volumes=frozenset({"volume"}))
    assert after(world, (ResumeWrites("one"),), name) == world
    assert after(world, WORDS, name) is None
    assert after(replace(WORLD, stray_volumes=("volume",)), WORDS, name) is None


@pytest.mark.parametrize("action", [Restart("ahead"), Interrupt("one")])
def test_what_may_have_changed_more_is_looked_at(action: Action) -> None:
    known = after(WORLD, (*WORDS, action), name)
    assert known is None if isinstance(action, Restart) else known == WORLD


def test_one_that_was_adopted_has_its_name() -> None:
    found = after(WORLD, (*WORDS, Adopt("one")), name)
    assert found
    assert found.at("one").containers == ("relay", "called-one")
    assert found.at("one").answer == SIGHT.answer


def test_what_was_removed_or_given_away_is_not_there() -> None:
    found = after(WORLD, (Recycle("one", "ahead"), Remove("stray")), name)
    assert found
    assert (found.at("one").containers, found.at("one").answer, found.strays) == (("relay",), None, ())
    assert after(WORLD, (Recycle("one", "ahead"), Remove("relay")), name) == World({}, ("stray",), "gateway")


@pytest.mark.parametrize(
    ("sight", "actions", "enough"),
    [
        (SIGHT, WORDS, True),
        (SIGHT, (*WORDS, ResumeWrites("one")), False),
        (Sight(NODE), WORDS, False),
        (Sight(Container("ended", State.EXITED, {}, "start")), WORDS, True),
        (Sight(), WORDS, True),
    ],
)
def test_engines_are_asked_again_if_they_were_told_something_or_did_not_answer(
    sight: Sight, actions: tuple[Action, ...], enough: bool
) -> None:
    assert suffices(World({"one": sight}), actions) is enough

"""Which containers may serve another cache."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cachewright.agents.planning.containers import Container, State
from cachewright.agents.planning.labels import AHEAD, FINGERPRINT, LIFE, PARAMETERS, STATIC
from cachewright.agents.planning.nodes.recycling import OBSTACLES, Candidate, obstacles, recyclable
from cachewright.agents.planning.world import Answer, Sight, World
from cachewright.agents.reconcile.warm.shapes import NODE, nobodys, usual
from cachewright.controlplane.model.fingerprints import fingerprints_of
from cachewright.controlplane.model.versions import Engine, requested_version

SPEC = usual(requested_version(Engine.REDIS, "7.1"), restricted=True)
MEMCACHED: dict[str, Any] = {"engine": Engine.MEMCACHED, "version": requested_version(Engine.MEMCACHED, None).described}
MADE = fingerprints_of(SPEC)
LABELS = {LIFE: "1", FINGERPRINT: MADE.fingerprint, PARAMETERS: MADE.immediate, STATIC: MADE.static, AHEAD: "ahead"}
CONTAINER = Container("node", State.RUNNING, LABELS, "then", "", True, "image")  # noqa: FBT003
ANSWER = Answer("redis 7.0.15")


def candidate() -> Candidate:
    cache = nobodys(SPEC, "10.0.0.1")
    known = replace(cache.status.nodes[NODE.name], ahead="ahead", recyclable=True)
    cache = replace(cache, status=replace(cache.status, nodes={NODE.name: known}))
    return Candidate(cache, NODE.name, known, Sight(CONTAINER, ANSWER), CONTAINER)


def known(**change: Any) -> Callable[[Candidate], Candidate]:
    return lambda one: replace(one, known=replace(one.known, **change))


def spec(**change: Any) -> Callable[[Candidate], Candidate]:
    return lambda one: replace(one, cache=replace(one.cache, spec=replace(SPEC, **change)))


def container(**change: Any) -> Callable[[Candidate], Candidate]:
    made = replace(CONTAINER, **change)
    return lambda one: replace(one, container=made, sight=replace(one.sight, container=made))


def sight(**change: Any) -> Callable[[Candidate], Candidate]:
    return lambda one: replace(one, sight=replace(one.sight, **change))


CASES: dict[str, Callable[[Candidate], Candidate]] = {
    "it was not started ahead": known(ahead=""),
    "callers were told its own address": known(recyclable=False),
    "its engine cannot begin anew": spec(**MEMCACHED),
    "its clients could write files, and change how it is run": spec(restricted=False),
    "it has not been called as the node yet": container(name="ahead"),
    "it does not answer": sight(answer=None),
    "it is off the network": container(connected=False),
    "it has a relay": sight(relay=CONTAINER),
    "it was started with other values": container(labels={**LABELS, STATIC: "others"}),
}


def test_one_that_is_known_to_be_clean_may() -> None:
    one = candidate()
    assert obstacles(one) == ()
    assert recyclable(one.cache, World({one.name: one.sight})) == {one.name: CONTAINER.name}
    assert recyclable(one.cache, World()) == {}


def test_there_is_a_case_of_each_obstacle() -> None:
    assert CASES.keys() == {obstacle.because for obstacle in OBSTACLES}


@pytest.mark.parametrize("why", CASES)
def test_what_keeps_one_from_it(why: str) -> None:
    assert why in obstacles(CASES[why](candidate()))


@pytest.mark.parametrize("change", [known(life=2), container(state=State.PAUSED)])
def test_another_life_and_one_that_is_paused_may_not(change: Callable[[Candidate], Candidate]) -> None:
    assert obstacles(replace(change(candidate()), sight=Sight(change(candidate()).container)))

"""Slots of a global datastore do not move while another region has something older, on a pretend machine."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from cachewright.controlplane.model.slots import parsed, slot_of
from tests.agents.test_crashes import moments
from tests.agents.test_global_clusters import (
    KEYS,
    assert_cluster,
    assert_copies,
    fail_over,
    kill,
    leaders,
    member,
    of_any_engine,
    pair,
    processes,
    write,
)
from tests.agents.test_global_losses import look, lose
from tests.agents.test_global_shards import increase, settle, shards
from tests.house import House

WAITS = "Slots move once other regions have everything of 0001 again."


def cut_off(home: House, *, over: bool = False) -> None:
    """The second region's primary of the first shard receives nothing, or does again."""
    processes(home, "away")[leaders(home, "away")[0]].stalled = not over


def serves(home: House, shard: str) -> set[str]:
    """The keys of the slots that a shard of the first region serves."""
    slots = parsed(shards(home, "home")[shard])
    return {key for key in KEYS if any(first <= slot_of(key) <= last for first, last in slots)}


@of_any_engine
def test_what_is_written_to_slots_that_moved_survives_the_region(engine: Mapping[str, str], tmp_path: Path) -> None:
    home = pair(tmp_path, engine=engine)
    before = serves(home, "0001")
    increase(home)
    cut_off(home)
    look(home, ("away", "home"), 12)
    assert serves(home, "0001") == before, "its slots stay"
    assert member(home, "home").reason == WAITS
    written = dict.fromkeys(serves(home, "0003"), "new")
    assert written, "others have moved"
    for key in written:
        write(home, "home", key, "new")
    lose(home)
    cut_off(home, over=True)
    look(home)
    home.clock.moment += timedelta(seconds=20)  # until it is said that the region receives nothing
    look(home)
    fail_over(home)
    look(home)
    home.restart()
    settle(home)
    assert_cluster(home, "away", **written)
    assert_copies(home, "home", "away", **written)


def test_they_move_once_it_has_everything(tmp_path: Path) -> None:
    home = pair(tmp_path)
    increase(home)
    cut_off(home)
    look(home, ("away", "home"))
    cut_off(home, over=True)
    settle(home)
    assert shards(home, "away") == shards(home, "home")
    assert_copies(home, "away", "home")


@pytest.mark.parametrize("after", [0, 4])
def test_a_region_that_has_nothing_is_not_waited_for(after: int, tmp_path: Path) -> None:
    home = pair(tmp_path)
    increase(home)
    look(home, count=after)
    lose(home, "away")
    look(home, count=12)
    assert serves(home, "0003")
    assert not member(home, "home").reason.startswith("Slots")
    home.restart()
    settle(home)
    assert_copies(home, "away", "home")


def test_a_move_survives_the_region_and_a_primary_of_the_other_whenever_that_has_a_replica(tmp_path: Path) -> None:
    home = pair(tmp_path)
    increase(home)
    for number, _ in enumerate(moments(home, lambda: settle(home))):
        known = member(home, "away").status.nodes.values()
        if number % 4 or not all(node.answered == node.life and node.copied.startswith(node.tuned) for node in known):
            continue  # by a replica that has everything, as far as was seen
        kill("away")(home)
        lose(home)
        look(home, ("away", "home"))
        home.clock.moment += timedelta(seconds=20)
        look(home)
        fail_over(home)
        look(home)
        assert {key for process in processes(home, "away").values() for key in process.data} == KEYS.keys()
        home.restart()
        settle(home)
        assert_cluster(home, "away")
        assert_copies(home, "home", "away")


def test_a_region_that_has_everything_again_makes_the_primary_region_due(tmp_path: Path) -> None:
    home = pair(tmp_path)
    cut_off(home)
    look(home, ["away"], 2)
    woken: set[object] = set()
    home.store.wake(woken.update)
    cut_off(home, over=True)
    home.settle(member(home, "away").key)
    assert member(home, "home").key in woken

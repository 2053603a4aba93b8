"""A third member of a global datastore in cluster mode, while another one takes the place of the first."""

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import pytest

from cachewright.agents.planning.labels import NODE
from tests.agents.test_global_clusters import (
    KEYS,
    PLACES,
    add,
    assert_cluster,
    assert_copies,
    fail_over,
    leaders,
    lives,
    member,
    pair,
    processes,
    write,
)
from tests.house import House

ORDERS = list(permutations(PLACES))


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A house with a datastore of three members, `home`, `away` and `third`, of which the last came later."""
    home = pair(tmp_path)
    add(home, "third")
    home.settle()
    return home


def read(home: House, name: str) -> set[str]:
    """The keys that the primaries of a member answer with; ConnectionError when one does not."""
    return {key for node in leaders(home, name) for key in processes(home, name)[node].data}


def leads(home: House, name: str) -> bool:
    """Whether a member takes writes, with all of its shards."""
    return not any(processes(home, name)[node].leader for node in leaders(home, name))


def turn(home: House, names: Sequence[str]) -> None:
    for name in names:
        home.reconcile(member(home, name).key)


@pytest.mark.parametrize("turns", ORDERS, ids="-".join)
def test_it_follows_on_without_a_copy(turns: tuple[str, ...], home: House) -> None:
    assert_copies(home, "third", "home")
    fail_over(home)
    for names in ([name] for name in turns * 4):
        turn(home, names)
        assert read(home, "third") == KEYS.keys()
    home.settle()
    home.settle()
    write(home, "away", "more", "x")
    assert_cluster(home, "away", more="x")
    assert_copies(home, "third", "away", more="x")
    assert_copies(home, "home", "away", more="x")
    assert set(lives(home, "third")) == {1}


@pytest.mark.parametrize("turns", ORDERS[::2], ids="-".join)
def test_who_does_not_know_the_next_primary_copies_once_that_leads(turns: tuple[str, ...], home: House) -> None:
    fail_over(home, "third")
    for names in ([name] for name in turns * 4):
        turn(home, names)
        if not leads(home, "third"):
            assert read(home, "away") == KEYS.keys()
            assert set(lives(home, "away")) == {1}
    home.settle()
    home.settle()
    assert_cluster(home, "third")
    assert_copies(home, "away", "third")
    assert_copies(home, "home", "third")
    led = leaders(home, "away")
    assert {name: known.life for name, known in member(home, "away").status.nodes.items()} == {
        name: 1 + (name in led) for name in member(home, "away").status.nodes
    }


def test_it_goes_on_with_the_next_primary_of_the_region_that_leads_by_now(home: House) -> None:
    fail_over(home)
    home.settle()
    home.settle()
    lost = leaders(home, "away")[0]
    home.machine.kill(next(one.name for one in home.containers() if one.labels[NODE] == lost))
    home.settle()
    home.settle()
    assert leaders(home, "away")[0] != lost
    assert_copies(home, "third", "away")
    assert set(lives(home, "third")) == {1}

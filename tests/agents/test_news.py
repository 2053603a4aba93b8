"""News that come while something fails are looked at, and clocks that jump keep nobody waiting."""

from concurrent.futures import wait
from datetime import timedelta
from pathlib import Path

import pytest

from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.observe import Look
from cachewright.agents.reconcile.polling import POLL_SLOW
from cachewright.agents.reconcile.turns import After, Outcome, Priority, Turn, Until
from cachewright.agents.reconcile.under_way import Deeds, Memory
from cachewright.controlplane.model.cache import Key, Kind
from tests.house import PATIENCE, House, house

TURNS = 400


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A new house."""
    return house(tmp_path)


def turn_of(key: Key, memory: object, *, woken: bool) -> Turn:
    return Turn(key, memory, woken=woken, priority=Priority.ROUTINE)


def begun(home: House, key: Key, kind: type[Look | Deeds]) -> Memory:
    """Turn after turn, until something of this kind has been done that was begun; nothing came of it yet."""
    memory: object = None
    for _ in range(TURNS):
        outcome = home.reconciler.reconcile(turn_of(key, memory, woken=memory is None))
        assert isinstance(outcome, After | Until)
        memory = outcome.memory
        if isinstance(outcome, Until):
            wait(outcome.work)
        if isinstance(memory, Memory) and isinstance(memory.under_way, kind):
            return memory
    raise AssertionError("nothing of it is begun")


def woken(home: House, key: Key, memory: Memory) -> Outcome:
    """What follows a turn that had news."""
    return home.reconciler.reconcile(turn_of(key, memory, woken=True))


def delete(home: House, key: Key) -> None:
    with home.store.write() as transaction:
        transaction.caches.mark_deleted(key)


def never(_: Blueprint) -> Never:
    return Never("it cannot be")


def broken(home: House) -> Key:
    """A cache cluster whose node has ended and cannot be made again."""
    key = home.cluster("one").key
    home.machine.kill(home.container("one.0001"))
    home.machine.refusal = never
    return key


def test_news_during_a_look_hasten_what_has_to_wait(home: House) -> None:
    key = broken(home)
    for _ in range(3):
        assert home.reconcile(key)
    look = begun(home, key, Look)
    delete(home, key)
    assert woken(home, key, look) == After(0.0)
    assert home.reconcile(key) is None


def test_news_during_deeds_that_fail_are_looked_at_once(home: House) -> None:
    key = broken(home)
    assert woken(home, key, begun(home, key, Deeds)) == After(0.0)
    delay = home.reconcile(key)  # which does not try it again
    assert delay
    assert delay > 20


def test_what_failed_of_another_spec_holds_nothing_up(home: House) -> None:
    key = broken(home)
    deeds = begun(home, key, Deeds)
    delete(home, key)
    assert home.reconciler.reconcile(turn_of(key, deeds, woken=False)) == After(0.0)
    assert not home.reconciler.retries.of(home.cache(Kind.CACHE_CLUSTER, "one")).failures
    assert home.reconcile(key) is None


def test_news_during_a_deletion_that_fails_are_looked_at_soon_and_not_all_the_time(home: House) -> None:
    """What fails then is not held: it is tried again at every turn."""
    key = home.group("rg", nodes=1).key
    delete(home, key)
    home.gateway.answers = False
    for _ in range(8):
        delay = home.reconcile(key)
    assert delay
    assert delay > POLL_SLOW
    assert woken(home, key, begun(home, key, Deeds)) == After(POLL_SLOW)


def test_a_clock_that_is_put_back_keeps_nothing_waiting(home: House) -> None:
    key = home.cluster("one").key
    home.machine.kill(home.container("one.0001"))
    home.machine.refusal = lambda _: Later("the machine is full", 0.5)
    assert home.reconcile(key) == 0.5
    home.machine.refusal = lambda _: None
    home.clock.moment -= timedelta(hours=1)
    delay = home.reconcile(key)
    assert delay is None or delay < 60


def look_once(home: House, key: Key) -> int:
    """One look and what is decided then; in which life the node is afterwards."""
    woken(home, key, begun(home, key, Look))
    return home.cache(Kind.CACHE_CLUSTER, "one").status.nodes["one.0001"].life


def silent(home: House) -> Key:
    """A cache cluster whose node was asked in vain once. What it holds would be lost with it."""
    key = home.cluster("one").key
    home.machine.disconnect(home.container("one.0001"))
    assert look_once(home, key) == 1
    assert home.cache(Kind.CACHE_CLUSTER, "one").status.nodes["one.0001"].silent_since
    return key


def test_a_silence_that_begins_in_the_future_begins_now(home: House) -> None:
    key = silent(home)
    home.clock.moment -= timedelta(hours=1)
    assert look_once(home, key) == 1
    home.clock.moment += PATIENCE
    assert look_once(home, key) == 2


def test_nobody_is_silent_while_the_machine_sleeps(home: House) -> None:
    key = silent(home)
    home.clock.sleep(timedelta(hours=8))
    assert look_once(home, key) == 1
    home.clock.moment += PATIENCE
    assert look_once(home, key) == 2

"""While a cache rests, what was decided is compared with what its nodes say, cheaply and every second."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from cachewright.agents.loop.connections import Connections
from cachewright.agents.loop.sources import Sources
from cachewright.agents.loop.workers import Workers
from cachewright.agents.memory.engines.settings import LOGINS
from cachewright.agents.reconcile.turns import Rest
from cachewright.controlplane.model.cache import Cache
from tests.agents.test_cluster_mode import leader, sharded
from tests.agents.test_deviation import follow, loses_its_link, new_messages, process, replicas, stranger
from tests.house import House, house

Trouble = Callable[[House, Cache], object]


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A new house."""
    return house(tmp_path)


def watch(home: House, cache: Cache) -> Sources:
    """The watch on a cache that has come to rest."""
    workers, connections = Workers(lambda _: Rest()), Connections(home.backend.dial, lambda _: None)
    watch = Sources(home.store, home.backend.drivers, workers, Event(), connections, home.clock, workers.enqueue)
    watch.watch(cache.key)
    return watch


KINDS: dict[str, Callable[[House], Cache]] = {
    "group": lambda home: home.group(),
    "encrypted": lambda home: home.group(TransitEncryptionEnabled=True),
    "sharded": sharded,
    "alone": lambda home: home.cluster(),
    "memcached": lambda home: home.cluster("mc", Engine="memcached", NumCacheNodes=2),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_as_it_was_decided_is_left_alone(home: House, kind: str) -> None:
    source = watch(home, KINDS[kind](home))
    assert [source.probe(thorough=thorough) for thorough in (True, False, True)] == [set(), set(), set()]


def test_that_nodes_of_a_deleted_cache_end_is_no_news(home: House) -> None:
    cache = home.group()
    source = watch(home, cache)
    source.forsake(cache.key)
    home.machine.pause(home.container(leader(cache)))
    assert source.probe(thorough=False) == set()


def test_pings_tell_what_a_node_answered_last_and_what_it_did_not_answer_first(home: House) -> None:
    cache = home.group()
    source, name = watch(home, cache), home.container(leader(cache))
    asked = []
    for frozen in (False, True, True, False):
        home.machine.pause(name) if frozen else home.machine.unpause(name)
        source.probe(thorough=False)
        asked.append(source.pinged(cache.key)[leader(cache)])
    first, silent, still, again = asked
    assert first.vain is None
    assert first.heard == silent.heard < (silent.vain or first.heard)
    assert still == silent
    assert again.heard > silent.heard
    assert again.vain is None


def test_who_dies_before_the_first_ping_is_silent_since_its_cache_came_to_rest(home: House) -> None:
    cache = home.group()
    began = home.clock.moment
    source, name = watch(home, cache), leader(cache)
    rested = source.pinged(cache.key)[name].heard
    home.machine.pause(home.container(name))
    source.probe(thorough=False)
    assert began < rested < home.clock.moment
    pinged = source.pinged(cache.key)[name]
    assert pinged.heard == rested
    assert pinged.silent_since(home.clock()) == rested


def forgets_logins(home: House, cache: Cache) -> None:
    """ACL SETUSER, by a client."""
    process(home, cache, leader(cache)).settings["access"] = "other"


def forgets_a_node(home: House, cache: Cache) -> None:
    """CLUSTER FORGET, by a client."""
    member = process(home, cache, leader(cache)).member
    assert member
    member.forget(next(name for name in member.known if name not in (member.id, member.own.follows)))


def becomes_somebody_else(home: House, cache: Cache) -> None:
    """CLUSTER RESET HARD, by a client."""
    member = process(home, cache, leader(cache)).member
    assert member
    stranger(cache)(member)


def gives_slots_away(home: House, cache: Cache) -> None:
    """CLUSTER SETSLOT at the other end, by a client."""
    member = process(home, cache, leader(cache, "0002")).member
    assert member
    member.gain(((0, 0),))


TROUBLES: dict[str, tuple[str, Trouble]] = {
    "REPLICAOF NO ONE": ("group", lambda home, cache: follow(home, cache, replicas(cache)[0])),
    "REPLICAOF a replica": ("group", lambda home, cache: follow(home, cache, *replicas(cache))),
    "REPLICAOF at the primary": (
        "encrypted",
        lambda home, cache: follow(home, cache, leader(cache), replicas(cache)[0]),
    ),
    "ACL SETUSER": ("encrypted", forgets_logins),
    "CONFIG SET masterauth": ("group", lambda home, cache: loses_its_link(home, cache, replicas(cache)[0])),
    "CLUSTER FORGET": ("sharded", forgets_a_node),
    "CLUSTER RESET HARD": ("sharded", becomes_somebody_else),
    "CLUSTER SETSLOT": ("sharded", gives_slots_away),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_somebody_else_changed_is_noticed_and_mended(home: House, trouble: str) -> None:
    kind, deed = TROUBLES[trouble]
    cache = KINDS[kind](home)
    source = watch(home, cache)
    assert source.probe(thorough=True) == set()
    deed(home, cache)
    assert source.probe(thorough=True) == {cache.key}
    assert source.probe(thorough=True) == set(), "it is due already"
    home.settle()
    after = watch(home, cache)
    assert after.probe(thorough=True) == set()


def opens_a_slot(home: House, cache: Cache) -> None:
    """CLUSTER SETSLOT MIGRATING, by a client."""
    member = process(home, cache, leader(cache)).member
    assert member
    member.opened = ((7, 7),)


def gives_up_slots(home: House, cache: Cache) -> None:
    """CLUSTER DELSLOTSRANGE, by a client."""
    member = process(home, cache, leader(cache)).member
    assert member
    member.lose(((0, 99),))


def changes_a_login(home: House, cache: Cache) -> None:
    """ACL SETUSER default off, by a client."""
    process(home, cache, replicas(cache)[0]).settings[LOGINS] = "default off"


def sets_a_parameter(home: House, cache: Cache) -> None:
    """CONFIG SET, by a client."""
    process(home, cache, leader(cache)).configuration["maxmemory-policy"] = "noeviction"


EXPOSED: dict[str, tuple[str, Trouble, str]] = {
    "ACL SETUSER": ("group", changes_a_login, "logins"),
    "ACL SETUSER, encrypted": ("encrypted", changes_a_login, "logins"),
    "CONFIG SET": ("group", sets_a_parameter, "parameters"),
    "CLUSTER SETSLOT MIGRATING": ("sharded", opens_a_slot, "slots"),
    "CLUSTER DELSLOTSRANGE": ("sharded", gives_up_slots, "slots"),
    "CLUSTER FORGET": ("sharded", forgets_a_node, "known cluster nodes"),
}


@pytest.mark.parametrize("trouble", EXPOSED)
def test_what_clients_changed_where_they_may_is_mended_and_told(home: House, trouble: str) -> None:
    kind, deed, what = EXPOSED[trouble]
    home.restricted = False
    cache = KINDS[kind](home)
    source = watch(home, cache)
    assert rests(home, source, cache)
    deed(home, cache)
    assert source.probe(thorough=True) == {cache.key}
    told = new_messages(home, lambda: home.settle(cache.key))
    assert rests(home, source, cache)
    assert [message for message in told if f"({what})" in message and "changed" in message] == told
    assert len(told) == 1
    assert home.cache(cache.key.kind, cache.key.id).status.reason == ""


def rests(home: House, source: Sources, cache: Cache) -> bool:
    """Whether nothing is left to look at after few looks, none of which changes anything that is told."""
    for _ in range(3):
        source.watch(cache.key)
        if not source.probe(thorough=True):
            return True
        if new_messages(home, lambda: home.settle(cache.key)):
            return False
    return False


def test_what_clients_change_before_the_first_question_is_mended(home: House) -> None:
    home.restricted = False
    cache = home.group()
    changes_a_login(home, cache)
    source = watch(home, cache)
    assert source.probe(thorough=True) == {cache.key}
    home.settle(cache.key)
    assert LOGINS not in process(home, cache, replicas(cache)[0]).settings

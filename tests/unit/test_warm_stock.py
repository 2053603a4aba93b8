"""What runs ahead, and what is missing."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest

from cachewright.agents.reconcile.warm.shapes import shape_of, usual
from cachewright.agents.reconcile.warm.stock import BREAK, LONGEST, PRIORITY, Stock
from cachewright.controlplane.model.cache import ClusterMode, Key, Kind, Node, Shard, Spec, Transit
from cachewright.controlplane.model.upstreams import Upstream
from cachewright.controlplane.model.versions import Engine, requested_version

REDIS, VALKEY = requested_version(Engine.REDIS, "7.1"), requested_version(Engine.VALKEY, "8.0")
USUAL = usual(REDIS, restricted=True)
OTHER = replace(USUAL, port=7000)
LIMIT = 20.0  # seconds
ONE, TWO, DELETED = (Key("123456789012", "us-east-1", Kind.REPLICATION_GROUP, name) for name in ("one", "two", "gone"))


@dataclass
class Clock:
    """Stands still."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def stock(count: int = 2, **idle: Spec) -> Stock:
    made = Stock({REDIS: count}, restricted=True, clock=Clock())
    for name, shape in idle.items():
        made.put(name, shape)
    return made


def test_the_usual_is_missing_first_and_whatever_was_asked_for_last_from_then_on() -> None:
    made = stock()
    assert made.missing() == USUAL
    assert made.offer(OTHER) == ()
    assert made.missing() == OTHER


def test_what_is_like_it_is_offered_until_it_is_taken() -> None:
    made = stock(a=USUAL, b=OTHER, c=USUAL)
    assert made.offer(USUAL) == made.offer(USUAL) == ("a", "c")
    made.take("a")
    made.take("nobody")
    assert made.offer(USUAL) == ("c",)


def test_a_version_that_nobody_wants_ahead_is_not_remembered() -> None:
    made = stock()
    assert made.offer(usual(VALKEY, restricted=True)) == ()
    assert made.missing() == USUAL


def test_what_cannot_be_started_keeps_nobody_else_from_it() -> None:
    other = usual(VALKEY, restricted=True)
    made = Stock({REDIS: 1, VALKEY: 1}, restricted=True)
    assert made.missing() == USUAL
    assert not made.failed(USUAL)
    assert made.missing() == other
    assert made.failed(other), "nothing else is missing"
    assert made.missing() == USUAL, "everything is tried anew"
    assert not made.failed(USUAL)
    made.put("a", other)
    assert made.missing() == USUAL
    assert made.failed(USUAL)


def test_enough_is_enough() -> None:
    made = stock(a=USUAL, b=USUAL)
    assert made.missing() is None
    made.take("a")
    assert made.missing() == USUAL


def test_what_has_ended_or_is_like_nothing_that_was_asked_for_is_useless_once() -> None:
    made = stock(dead=USUAL, other=OTHER, well=USUAL)
    found = {made.useless(["dead"]) for _ in range(3)}
    assert found == {"dead", "other", ""}
    assert made.offer(USUAL) == ("well",)


def test_whoever_gets_one_goes_before_the_next() -> None:
    made, clock = stock(a=USUAL), Clock()
    made.clock = clock
    assert made.held_back() == 0.0
    made.offer(OTHER)
    assert made.held_back() == 0.0
    made.offer(USUAL)
    assert made.held_back() == PRIORITY
    clock.now += PRIORITY / 2
    made.take("a")
    assert made.held_back() == PRIORITY
    clock.now += PRIORITY
    assert made.held_back() == 0.0


def _nodes(*names: str) -> tuple[Shard, ...]:
    return (Shard("0001", tuple(Node(name, name, "us-east-1a") for name in names)),)


@pytest.mark.parametrize("change", [
    {"shards": _nodes("one", "two")}, {"cluster_mode": ClusterMode.ENABLED}, {"transit": Transit.REQUIRED},
    {"transit": Transit.PREFERRED}, {"at_rest": True}, {"network_type": "dual_stack"},
    {"upstream": Upstream(group="primary", region="us-west-2")},
])  # fmt: skip
def test_nodes_that_know_others_or_have_files_are_not_started_ahead(change: Mapping[str, Any]) -> None:
    assert shape_of(replace(USUAL, **change)) is None


@pytest.mark.parametrize("change", [
    {"node_type": "cache.r7g.large"}, {"port": 1}, {"parameter_group": "own"}, {"restricted": False},
])  # fmt: skip
def test_what_a_container_is_made_from_makes_another_shape(change: Mapping[str, Any]) -> None:
    assert shape_of(replace(USUAL, **change)) != shape_of(USUAL)


def test_whose_node_it_is_does_not() -> None:
    assert shape_of(replace(USUAL, shards=_nodes("rg-001.0001"), multi_az=True)) == USUAL


def test_what_is_on_its_way_back_is_not_missing() -> None:
    made = stock(count=1)
    made.open()
    assert made.expect("a", USUAL)
    assert made.missing() is None
    assert made.offer(USUAL) == ()
    assert made.arrived("a")
    assert made.offer(USUAL) == ("a",)


def test_twice_as_many_may_come_back_until_nobody_takes_any_for_a_while() -> None:
    made, clock = stock(count=1, a=USUAL), Clock()
    made.clock = clock
    made.open()
    made.offer(USUAL)
    assert made.expect("b", USUAL)
    assert not made.expect("c", USUAL), "two are enough"
    made.arrived("b")
    assert made.useless([]) == ""
    clock.now += BREAK
    assert {made.useless([]) for _ in range(2)} == {"a", ""}


def test_what_does_not_come_back_is_missing_again() -> None:
    made = stock(count=1)
    made.open()
    assert made.expect("a", USUAL)
    made.forgo("a")
    assert made.missing() == USUAL


@pytest.mark.parametrize("spec", [OTHER, usual(VALKEY, restricted=True), replace(USUAL, transit=Transit.REQUIRED)])
def test_what_nobody_asks_for_is_not_taken_back(spec: Spec) -> None:
    made = stock()
    made.open()
    assert not made.expect("a", spec)


def test_an_emptied_stock_takes_nothing_back() -> None:
    made = stock()
    assert not made.expect("a", USUAL), "it is not open yet"
    made.open()
    assert made.expect("a", USUAL)
    made.empty()
    assert not made.arrived("a")
    assert made.offer(USUAL) == ()
    assert not made.expect("b", USUAL)


def test_as_many_wait_as_are_on_their_way_back_and_not_for_long() -> None:
    made, clock = stock(count=1), Clock()
    made.clock = clock
    made.open()
    assert not made.await_arrival(ONE, USUAL), "none comes"
    made.expect("a", USUAL)
    assert not made.await_arrival(ONE, OTHER)
    assert made.await_arrival(ONE, USUAL)
    assert made.await_arrival(ONE, USUAL)
    assert not made.await_arrival(TWO, USUAL), "somebody is before it"
    clock.now += LONGEST
    assert not made.await_arrival(ONE, USUAL), "it has waited for long enough"
    assert made.await_arrival(TWO, USUAL)


def test_who_never_comes_again_keeps_nobody_from_waiting() -> None:
    made, clock = stock(count=1), Clock()
    made.clock = clock
    made.open()
    made.expect("a", USUAL)
    assert made.await_arrival(DELETED, USUAL)
    clock.now += LONGEST
    assert made.await_arrival(ONE, USUAL)


def test_nobody_waits_for_what_is_there() -> None:
    made = stock(count=2, a=USUAL)
    made.open()
    made.expect("b", USUAL)
    assert not made.await_arrival(ONE, USUAL)
    made.take("a")
    assert made.await_arrival(ONE, USUAL)
    assert made.arrived("b")
    assert not made.await_arrival(ONE, USUAL)
    assert made.offer(USUAL) == ("b",)


def test_who_waits_is_told_of_what_comes_and_of_what_does_not() -> None:
    told = list[Key]()
    made = Stock({REDIS: 2}, restricted=True, enqueue=told.extend, clock=Clock())
    made.open()
    made.expect("a", USUAL)
    assert made.await_arrival(ONE, USUAL) == LONGEST
    made.forgo("b")
    assert not told
    made.forgo("a")
    assert told == [ONE]
    assert not made.await_arrival(ONE, USUAL)
    made.expect("c", USUAL)
    made.await_arrival(TWO, USUAL)
    made.arrived("c")
    assert told == [ONE, TWO]


def test_while_caches_wait_more_are_started_at_once() -> None:
    told, clock = list[Key](), Clock()
    made = Stock({REDIS: 1}, restricted=True, enqueue=told.extend, clock=clock)
    made.put("a", USUAL)
    made.open()
    made.take("a")
    made.expect("a", USUAL)
    assert (made.missing(), made.held_back()) == (None, PRIORITY)
    made.await_arrival(ONE, USUAL)
    assert (made.missing(), made.held_back()) == (USUAL, 0.0)
    made.put("b", USUAL)
    assert told == [ONE]
    assert made.missing() is None, "as many as may be"
    assert not made.await_arrival(ONE, USUAL)
    made.take("b")
    assert (made.missing(), made.held_back()) == (None, PRIORITY), "nobody waits any more"


def test_nobody_who_has_waited_for_long_enough_has_more_started() -> None:
    made, clock = stock(count=1), Clock()
    made.clock = clock
    made.open()
    made.expect("a", USUAL)
    made.await_arrival(DELETED, USUAL)
    clock.now += LONGEST
    assert made.held_back() == 0.0
    assert made.missing() is None


def test_who_begins_to_wait_has_the_pool_look_again() -> None:
    made = stock(count=1)
    made.open()
    made.expect("a", USUAL)
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(made.await_change, LIMIT)
        assert not looking.done()
        made.await_arrival(ONE, USUAL)
        looking.result(LIMIT / 2)
    assert made.missing() == USUAL

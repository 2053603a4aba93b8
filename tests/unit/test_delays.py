"""Delays between regions: how they are typed, what they come to, and by which way a node follows."""

from dataclasses import replace

import click
import pytest

from cachewright.agents.delaying.program.contact import Delaying
from cachewright.agents.delaying.relay import blueprint, delaying_of
from cachewright.agents.planning.containers import Container, State
from cachewright.agents.planning.delays import Delays
from cachewright.agents.planning.labels import BESIDE, DELAYED
from cachewright.agents.planning.links import DELAYING_PORT, NOBODY, SHADOW_PORT, Link, door, is_door
from cachewright.agents.planning.nodes.delaying import is_open, way
from cachewright.agents.planning.world import Answer, Replication, Sight
from cachewright.controlplane.cli.delays import milliseconds as typed_as
from cachewright.controlplane.model.cache import Address

PRIMARY, OTHER = Address("10.200.4.7", 6379), Address("10.200.4.8", 6379)
LATE = Link(PRIMARY, delay=80)
NODE = Container("node", State.RUNNING, {}, "start 1")
RELAY = Container("node-delay", State.RUNNING, {BESIDE: "start 1", DELAYED: "10.200.4.7:6379 80"}, "start 2")


@pytest.mark.parametrize(
    ("one", "other", "delay"),
    [("a", "a", 0), ("a", "b", 80), ("b", "a", 80), ("a", "c", 200), ("b", "c", 200), ("b", "d", 0)],
)
def test_the_slower_of_two_regions_decides(one: str, other: str, delay: int) -> None:
    assert Delays({"a": 80, "c": 200}).between(one, other) == delay


@pytest.mark.parametrize(
    ("typed", "milliseconds"), [("80ms", 80), ("80", 80), ("0", 0), ("0ms", 0), ("1s", 1000), ("1000", 1000)]
)
def test_delays_as_they_are_typed(typed: str, milliseconds: int) -> None:
    assert typed_as(None, None, typed) == milliseconds


@pytest.mark.parametrize("typed", ["-1", "banana", "", "80 m", "0.5s", "1e3", "1001ms", "2s", "٣"])
def test_what_is_no_delay(typed: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is no delay|is too long"):
        typed_as(None, None, typed)


def test_each_that_may_be_followed_has_a_door_of_its_own() -> None:
    places = [Address(host, port) for host in ("10.200.4.7", "10.200.7.4") for port in (6379, SHADOW_PORT)]
    doors = {door(place) for place in places}
    assert len(doors) == len(places)
    assert all(is_door(one) for one in doors)
    assert not any(is_door(one) for one in (*places, NOBODY, Address("10.200.4.7", DELAYING_PORT), None))


def seen(follows: Address | None, relay: Container | None = RELAY, *, refuses: bool = False) -> Sight:
    """A node that follows somebody; None: it leads."""
    answer = Answer("redis 7.0.15", Replication(leads=follows is None, follows=follows))
    return Sight(NODE, answer, delayer=relay, delayer_refuses=refuses)


@pytest.mark.parametrize("follows", [PRIMARY, OTHER, NOBODY, None])
def test_where_a_relay_takes_connections_it_is_followed_by(follows: Address | None) -> None:
    assert is_open(seen(follows), LATE)
    assert way(LATE, seen(follows)) == replace(LATE, address=door(PRIMARY))


@pytest.mark.parametrize(
    ("relay", "refuses"),
    [
        (None, False),
        (RELAY, True),
        (replace(RELAY, state=State.EXITED), False),
        (replace(RELAY, labels={**RELAY.labels, BESIDE: "start 0"}), False),
        (replace(RELAY, labels={**RELAY.labels, DELAYED: "10.200.4.7:6379 200"}), False),
        (replace(RELAY, labels={**RELAY.labels, DELAYED: "10.200.4.8:6379 80"}), False),
    ],
)
def test_as_long_as_it_does_not_who_follows_directly_goes_on(relay: Container | None, refuses: bool) -> None:
    sight = seen(PRIMARY, relay, refuses=refuses)
    assert not is_open(sight, LATE)
    assert way(LATE, sight) == LATE
    for follows in (OTHER, NOBODY, door(PRIMARY), door(OTHER), None):
        assert way(LATE, seen(follows, relay, refuses=refuses)).address == door(PRIMARY)


def test_without_a_delay_a_relay_is_nothing() -> None:
    near = Link(PRIMARY)
    assert is_open(seen(door(PRIMARY), None), near)
    assert way(near, seen(door(PRIMARY))) == near


def test_a_relay_is_told_what_to_do_on_its_command_line() -> None:
    doing = Delaying(["127.1.4.7", "10.200.5.1"], DELAYING_PORT, PRIMARY.host, PRIMARY.port, 0.08)
    made = blueprint("image", "node-delay", "node", {}, doing)
    assert delaying_of(made.command) == doing
    assert (made.beside, made.address) == ("node", "")
    assert "/delaying/cachewright/agents/delaying/program/way.py" in [file.path for file in made.files]

"""Hosts: what is told of them, where nodes are placed, who may go on when they do not hear each other."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cachewright.agents.planning.explain import AS_WISHED, explain
from cachewright.agents.planning.host_leases import judges, lease_of, serves
from cachewright.agents.planning.outages import Outages
from cachewright.agents.planning.placement import Sites, Wish, chosen, is_misplaced
from cachewright.controlplane.commands.checks import Mark
from cachewright.controlplane.commands.host_checks import Facts, facts_of, of_a_host, of_all, of_names
from cachewright.controlplane.commands.hosts import state
from cachewright.controlplane.host_file import hosts
from cachewright.controlplane.model.cache import (
    Address,
    Cache,
    Discovery,
    Key,
    Kind,
    Node,
    NodeStatus,
    Shard,
    Spec,
    Status,
)
from cachewright.controlplane.model.hosts import Host, HostSeen, hosts_of, letters
from cachewright.controlplane.model.lifecycle import NodePhase, Phase
from cachewright.controlplane.model.versions import Engine

GIB = 1 << 30
EVERY: Mapping[str, Host] = {
    name: Host(name, f"tcp://{name}:2375", zone, name, memory * GIB)
    for name, zone, memory in (("a1", "a", 8), ("a2", "a", 4), ("b1", "b", 16))
}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOON = timedelta(seconds=7)  # later
TOML = """
[[hosts]]
name = "a1"
engine = "ssh://me@10.0.0.1"
zone = "a"
address = "10.0.0.1"
memory = 8589934592
"""
JSON = '[{"name": "a1", "engine": "ssh://me@10.0.0.1", "zone": "a", "address": "10.0.0.1", "memory": 8589934592}]'
ROW = {"name": "a1", "engine": "unix:///var/run/docker.sock", "zone": "a", "address": "10.0.0.1"}


@pytest.mark.parametrize("text", [TOML, JSON, f'{{"hosts": {JSON}}}'])
def test_a_file_tells_of_hosts(text: str, tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text(text)
    assert hosts(str(tmp_path / "hosts")) == (Host("a1", "ssh://me@10.0.0.1", "a", "10.0.0.1", 8 * GIB),)


@pytest.mark.parametrize("text", ["[", "{", "a = ", "hosts = 3", "[1]", '["a1"]', "\x00"])
def test_a_file_that_tells_of_none_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text(text)
    with pytest.raises(ValueError, match=r"\w"):
        hosts(str(tmp_path / "hosts"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "A1"}, "no name of a host"),
        ({"name": "a.1"}, "no name of a host"),
        ({"name": "../x"}, "no name of a host"),
        ({"engine": "http://x"}, "no engine"),
        ({"engine": "tcp://"}, "no engine"),
        ({"zone": "us-east-1a"}, "no zone"),
        ({"address": "a b"}, "no address"),
        ({"memory": 5}, "too few"),
        ({"memory": "8g"}, "no int"),
        ({"memory": True}, "no int"),
        ({"draining": 1}, "no bool"),
        ({"port": 1}, "a host has no port"),
    ],
)
def test_what_no_host_can_have_is_told(changes: Mapping[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        hosts_of([{**ROW, **changes}])


@pytest.mark.parametrize("field", ["name", "engine"])
def test_two_hosts_have_nothing_in_common(field: str) -> None:
    other = {"name": "b1", "engine": "tcp://b1:2375", "zone": "b", "address": "b1"}
    with pytest.raises(ValueError, match=f"two hosts with the {field}"):
        hosts_of([ROW, {**other, field: ROW[field]}])
    with pytest.raises(ValueError, match="a host has no zone"):
        hosts_of([{"name": "a1", "engine": "tcp://b1:2375"}])


def test_zones_are_those_of_hosts() -> None:
    assert letters(EVERY) == ("a", "b")


@pytest.mark.parametrize(
    ("wish", "taken", "silent", "host"),
    [
        (Wish("a", GIB), {}, (), "a1"),  # of a zone that with most room
        (Wish("a", GIB), {"a1": 5 * GIB}, (), "a2"),
        (Wish("a", GIB, {"a1": 1}), {}, (), "a2"),  # not beside its primary
        (Wish("a", GIB, {"a1": 1, "a2": 1}), {}, (), "a1"),  # the zone counts more than that
        (Wish("a", GIB, {"a1": 2, "a2": 1}), {}, (), "a2"),
        (Wish("a", GIB), {}, ("a1", "a2"), "b1"),  # another zone rather than none
        (Wish("a", 5 * GIB), {"a1": 4 * GIB}, (), "b1"),
        (Wish("b", GIB), {"b1": 16 * GIB}, (), "a1"),
        (Wish("c", GIB), {}, (), "b1"),
        (Wish("a", 17 * GIB), {}, (), ""),
        (Wish("a", GIB), {}, ("a1", "a2", "b1"), ""),
    ],
)
def test_where_a_node_is_placed(wish: Wish, taken: Mapping[str, int], silent: tuple[str, ...], host: str) -> None:
    assert chosen(wish, Sites(EVERY, dict.fromkeys(silent, "no route"), taken)) == host


def test_nobody_comes_to_a_drained_host() -> None:
    drained = {**EVERY, "a1": replace(EVERY["a1"], draining=True)}
    assert chosen(Wish("a", GIB), Sites(drained)) == "a2"


@pytest.mark.parametrize(
    ("known", "silent", "misplaced"),
    [
        ({"host": ""}, (), True),
        ({"host": "a1"}, (), False),
        ({"host": "gone"}, (), True),
        ({"host": "a1", "life": 2, "answered": 1}, ("a1",), True),  # nothing of this life is there
        ({"host": "a1", "life": 2, "answered": 2}, ("a1",), False),  # it is waited for, like one that hangs
        ({"host": "a1", "life": 2, "answered": 1}, ("a1", "b1"), False),  # the others may be dead, or this agent alone
        ({"host": "a1", "moving_to": "b1"}, (), True),  # it may stay by now
        ({"host": "gone", "moving_to": "b1"}, (), False),
        ({"host": "gone", "moving_to": "b1"}, ("b1",), True),
    ],
)
def test_for_whom_a_host_has_to_be_found(known: Mapping[str, object], silent: tuple[str, ...], misplaced: bool) -> None:
    status = replace(NodeStatus(Address("10.0.0.1", 6379)), **known)  # type: ignore[arg-type]
    assert is_misplaced(status, Sites(EVERY, dict.fromkeys(silent, "no route"))) == misplaced


def test_a_lone_host_always_serves() -> None:
    assert serves([], [], 1, NOW)


def test_a_host_serves_while_it_hears_an_agent_or_most_others() -> None:
    fresh, old = NOW + timedelta(seconds=1), NOW
    assert serves([fresh], [], 3, NOW)
    assert not serves([old], [], 3, NOW)
    assert serves([], [fresh], 3, NOW)
    assert not serves([], [fresh], 4, NOW)
    assert not serves([], [old, old], 3, NOW)


@pytest.mark.parametrize("count", range(2, 9))
def test_however_hosts_are_split_nobody_is_taken_for_dead_who_serves(count: int) -> None:
    """Every split into two halves, with the agent in one of them, and without any agent."""
    fresh = NOW + timedelta(seconds=1)
    for side in product((False, True), repeat=count):
        with_agent, without = sum(side), count - sum(side)
        others_serve = without > 0 and serves([], [fresh] * (without - 1), count, NOW)
        assert not (judges(with_agent, count) and others_serve)


def test_a_lease_ends_before_anybody_takes_a_host_for_dead() -> None:
    """An agent counts silence from an answer of up to a second ago on; gateways look at their leases now and then."""
    patience, chance = timedelta(seconds=3), Random(3)
    for _ in range(1000):
        cut = NOW + timedelta(seconds=chance.random())
        heard = cut - timedelta(seconds=0.5 * chance.random())
        ends = heard + lease_of(patience) + timedelta(seconds=0.25 * chance.random())
        assert ends < cut - timedelta(seconds=1) + patience


def info(**changes: object) -> dict[str, object]:
    swarm = {"LocalNodeState": "active", "ControlAvailable": True, "Cluster": {"ID": "swarm1"}}
    told = {"ServerVersion": "20.10.24", "Architecture": "x86_64", "SystemTime": "2026-01-01T00:00:00.123456789Z"}
    return {**told, "Swarm": swarm, **changes}


def test_what_a_host_says_of_itself() -> None:
    networks: list[dict[str, object]] = [{"Labels": {"cachewright.instance": "one"}}, {"Labels": None}]
    facts = facts_of(info(), networks, NOW)
    assert facts == Facts("20.10.24", "x86_64", 0.123456, "swarm1", manages=True, installations=frozenset({"one"}))
    assert facts_of(info(Swarm={"LocalNodeState": "inactive"}), [], NOW).swarm == ""
    assert facts_of(info(SystemTime="2026-01-01T01:00:02.5+01:00"), [], NOW).offset == 2.5


@pytest.mark.parametrize(
    ("changes", "mark", "words"),
    [
        ({}, Mark.GOOD, "Docker 20.10.24, x86_64"),
        ({"architecture": "aarch64"}, Mark.BAD, "the others are x86_64"),
        ({"swarm": ""}, Mark.BAD, "in no Swarm"),
        ({"swarm": "another"}, Mark.BAD, "the others are in Swarm swarm1"),
        ({"offset": 3.0}, Mark.DOUBTFUL, "3.0 s ahead of"),
        ({"offset": -90.0}, Mark.BAD, "90.0 s behind"),
        ({"version": "19.03.1"}, Mark.DOUBTFUL, "the others have 20.10.24"),
    ],
)
def test_what_doctor_says_of_a_host(changes: Mapping[str, object], mark: Mark, words: str) -> None:
    usual = Facts("20.10.24", "x86_64", 0.0, "swarm1", manages=True)
    odd = replace(usual, **changes)  # type: ignore[arg-type]
    finding = of_a_host("h3", odd, {"h1": usual, "h2": usual, "h3": odd})
    assert finding.mark is mark
    assert words in finding.words


def test_what_doctor_says_of_hosts_together() -> None:
    worker = Facts("20.10.24", "x86_64", 0.0, "swarm1", installations=frozenset({"one", "two"}))
    told = [finding.words for finding in of_all({"h1": worker})]
    assert told == [
        "none of them is a manager of the Swarm",
        "2 installations have a network on this Swarm: one, two",
    ]
    assert of_a_host("h1", "cannot reach the engine: no route to host", {}).mark is Mark.BAD


def known(**changes: object) -> NodeStatus:
    status = NodeStatus(Address("10.0.0.1", 6379), NodePhase.AVAILABLE, host="a1", answered=1)
    return replace(status, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("node", "silent", "words"),
    [
        (known(), (), AS_WISHED),
        (known(silent_since=NOW), (), "has not answered for 7 s."),
        (known(phase=NodePhase.RECOVERING, life=4), (), "is recovering for the 3. time."),
        (known(), ("a1",), "is on host a1, which does not answer: no route"),
        (known(), ("a1", "a2"), "more than half of the hosts do not answer (a1, a2)"),
        (known(moving_to="b1"), (), "leaves host a1, which is drained, for b1."),
        (known(host="b1"), (), "is on host b1, which is not in us-east-1a"),
        (known(host=""), (), "waits for a host: a1 has no room, a2 has no room, b1 has no room."),
        (known(host="gone"), (), "cannot leave host gone"),
    ],
)
def test_why_a_cache_is_not_as_wished(node: NodeStatus, silent: tuple[str, ...], words: str) -> None:
    sites = Sites(EVERY, dict.fromkeys(silent, "no route"))
    told = explain(alone(Status(Phase.AVAILABLE, 1, {"one.0001": node})), sites, (), Outages(), NOW + SOON)
    assert any(words in sentence for sentence in told)
    assert (AS_WISHED in told) == (words == AS_WISHED)


def alone(status: Status) -> Cache:
    """A cache of one node."""
    shards = (Shard("0001", (Node("one", "0001", "us-east-1a"),)),)
    spec = Spec(Engine.REDIS, "7.1.0", "cache.t3.micro", 6379, "default.redis7", shards)
    key = Key("000000000000", "us-east-1", Kind.CACHE_CLUSTER, "one")
    return Cache(key, "i", NOW, 1, deleting=False, spec=spec, status=status)


@pytest.mark.parametrize(
    ("status", "all_silent", "told"),
    [
        (Status(discovery=Discovery(Address("10.200.0.3", 2000), 1)), False, True),
        (Status(named="digest"), False, True),
        (Status(), False, False),
        (Status(named="digest"), True, False),
    ],
)
def test_at_which_host_nobody_is_told_who_is_there(status: Status, all_silent: bool, told: bool) -> None:
    cache = alone(replace(status, phase=Phase.AVAILABLE, generation=1, nodes={"one.0001": known()}))
    outages = Outages(directory=all_silent, undiscovered=frozenset({"a2"}))
    sentences = explain(cache, Sites(EVERY), (), outages, NOW + SOON)
    assert ("The directory of host a2 does not answer; those of the other hosts do." in sentences) == told


def test_host_names_cannot_lead_to_names() -> None:
    (finding,) = of_names({"a1": "10.77.0.1", "a2": "a2.example.test"})
    assert finding.subject == "host a2"
    assert "a2.example.test" in finding.words


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "ok"),
        ({"draining": True}, "being drained"),
        ({"draining": True, "nodes": 0}, "drained"),
        ({"joining": True}, "joining"),
        ({"joining": True, "silent": "no route"}, "does not answer: no route"),
        ({"known": False}, "counts from the next start on"),
    ],
)
def test_the_state_of_a_host_in_words(change: dict[str, Any], words: str) -> None:
    seen = HostSeen("h1", "a", "10.0.0.1", "tcp://10.0.0.1:2376", 0, 0, 3, draining=False, silent="", known=True)
    assert state(replace(seen, **change)) == words

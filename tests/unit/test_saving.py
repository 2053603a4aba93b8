"""Which node a snapshot is taken from."""

from datetime import UTC, datetime

import pytest

from cachewright.agents.planning.saving import Answers, Wanted, node_to_save
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.planning.world import Answer, Replication
from cachewright.controlplane.model.cache import (
    Address,
    Cache,
    Key,
    Kind,
    Node,
    NodeStatus,
    Shard,
    ShardStatus,
    Spec,
    Status,
)
from cachewright.controlplane.model.versions import Engine

ADDRESSES = {f"rg-00{n}.0001": Address(f"10.0.0.{n}", 6379) for n in (1, 2, 3)}
FIRST, SECOND, THIRD = ADDRESSES
REPLICA, PRIMARY = Wanted(), Wanted(primary=True)


def cache(leader: str = FIRST) -> Cache:
    shard = Shard("0001", tuple(Node(name.partition(".")[0], "0001", "a") for name in ADDRESSES))
    spec = Spec(Engine.REDIS, "7.1.0", "cache.t3.micro", 6379, "", (shard,))
    nodes = {name: NodeStatus(address) for name, address in ADDRESSES.items()}
    status = Status(nodes=nodes, shards={"0001": ShardStatus(leader)})
    key = Key("000000000000", "us-east-1", Kind.REPLICATION_GROUP, "rg")
    return Cache(key, "1", datetime(2026, 1, 1, tzinfo=UTC), 1, deleting=False, spec=spec, status=status)


def leads(*heard: str) -> Answer:
    hosts = frozenset(ADDRESSES[name].host for name in heard)
    return Answer("redis 7.0.15", Replication(leads=True, offset=100, heard=hosts))


def follows(primary: str = FIRST, offset: int = 100, *, linked: bool = True) -> Answer:
    return Answer("redis 7.0.15", Replication(leads=False, follows=ADDRESSES[primary], linked=linked, offset=offset))


ROWS: dict[str, tuple[Wanted, Answers, str]] = {
    "alone": (REPLICA, {FIRST: leads()}, FIRST),
    "a replica": (REPLICA, {FIRST: leads(SECOND), SECOND: follows()}, SECOND),
    "who has most": (REPLICA, {FIRST: leads(SECOND, THIRD), SECOND: follows(offset=7), THIRD: follows()}, THIRD),
    "the link is down": (REPLICA, {FIRST: leads(SECOND), SECOND: follows(linked=False)}, FIRST),
    "it is sent nothing": (REPLICA, {FIRST: leads(), SECOND: follows()}, FIRST),
    "it follows another one": (REPLICA, {FIRST: leads(SECOND), SECOND: follows(THIRD)}, FIRST),
    "it is silent": (REPLICA, {FIRST: leads(SECOND, THIRD), SECOND: None, THIRD: follows(offset=7)}, THIRD),
    "a final one": (PRIMARY, {FIRST: leads(SECOND), SECOND: follows()}, FIRST),
    "a member": (
        Wanted("rg-002"),
        {FIRST: leads(SECOND, THIRD), SECOND: follows(), THIRD: follows(offset=200)},
        SECOND,
    ),
    "the primary by name": (Wanted("rg-001"), {FIRST: leads(SECOND), SECOND: follows()}, FIRST),
}
LATER: dict[str, tuple[Wanted, Answers, str]] = {
    "the primary is silent": (REPLICA, {FIRST: None, SECOND: follows()}, "its primary does not answer"),
    "nobody leads yet": (REPLICA, {FIRST: follows(SECOND), SECOND: follows()}, "its primary does not answer"),
    "the final one's is silent": (PRIMARY, {FIRST: None, SECOND: follows()}, "its primary does not answer"),
    "the member is silent": (Wanted("rg-002"), {FIRST: leads(SECOND), SECOND: None}, "rg-002: it does not answer"),
    "the member lags": (Wanted("rg-002"), {FIRST: leads(), SECOND: follows()}, "does not have all that its primary"),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_node_is_one_that_has_everything(row: tuple[Wanted, Answers, str]) -> None:
    wanted, answers, expected = row
    assert node_to_save(cache(), cache().spec.shards[0], answers, wanted) == expected


@pytest.mark.parametrize("row", LATER.values(), ids=LATER)
def test_who_does_not_have_everything_is_waited_for(row: tuple[Wanted, Answers, str]) -> None:
    wanted, answers, reason = row
    with pytest.raises(Later, match=reason):
        node_to_save(cache(), cache().spec.shards[0], answers, wanted)


def test_a_member_that_is_gone_is_not_waited_for() -> None:
    with pytest.raises(Never, match="cannot take a snapshot of rg-009: it is gone"):
        node_to_save(cache(), cache().spec.shards[0], {FIRST: leads()}, Wanted("rg-009"))


def test_who_leads_follows_from_the_report() -> None:
    answers = {FIRST: follows(SECOND), SECOND: leads(FIRST)}
    assert node_to_save(cache(SECOND), cache().spec.shards[0], answers, REPLICA) == FIRST

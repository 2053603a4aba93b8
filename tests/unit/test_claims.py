"""Which caches are an agent's, alone and among others."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cachewright.agents.reconcile.claims import Alone, Shared
from cachewright.controlplane.model.cache import Cache, Key, Kind, Spec, Status
from cachewright.controlplane.model.membership import Duty, Member, Role, Standing, chosen
from cachewright.controlplane.model.ownership import LEASE, Ownership
from cachewright.controlplane.model.versions import Engine

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = [Key("000000000000", "us-east-1", Kind.CACHE_CLUSTER, f"c{number}") for number in range(20)]
SPEC = Spec(Engine.REDIS, "7.1.0", "cache.t3.micro", 6379, "default.redis7", ())
CACHE = Cache(KEYS[0], "first", NOW, 1, deleting=False, spec=SPEC, status=Status())
HERE, THERE = Member("t1", "here", Role.AGENT, "h", 1, NOW), Member("t2", "there", Role.AGENT, "h", 2, NOW)
API = Member("t3", "api", Role.API, "h", 3, NOW)
BOTH = Standing("t1", (HERE, THERE, API), frozenset({Duty.CLOCK}))


def owned(token: str) -> Cache:
    return replace(CACHE, ownership=Ownership(token))


def test_every_cache_is_one_agents() -> None:
    mine, others = Shared("here", lambda: BOTH), Shared("there", lambda: replace(BOTH, token="t2"))
    assert all(mine.wants(key) != others.wants(key) for key in KEYS)
    assert not any(Shared("api", lambda: replace(BOTH, token="t3")).wants(key) for key in KEYS)
    assert {chosen(str(key), {"here", "there"}) for key in KEYS} == {"here", "there"}


@pytest.mark.parametrize(
    ("owner", "kept_out"), [("", False), ("t1", False), ("t2", True), ("gone", False), ("came since", True)]
)
def test_whoever_is_there_keeps_others_out_heard_of_or_not(owner: str, kept_out: bool) -> None:
    there = {"t1", "t2", "came since"}
    assert Shared("here", lambda: BOTH).keeps_out(owned(owner), there.__contains__) is kept_out


def test_a_cache_is_owned_by_the_token_of_now() -> None:
    claims = Shared("here", lambda: BOTH)
    assert (claims.owns(owned("t1")), claims.renewed(owned("t1"))) == (True, None)
    assert (claims.owns(owned("t0")), claims.renewed(owned("t0"))) == (False, Ownership("t1"))
    assert (claims.holds(Duty.CLOCK), claims.holds(Duty.GATEWAY)) == (True, False)
    assert Shared("here", lambda: BOTH, apart=True).holds(Duty.GATEWAY)


def test_who_is_no_member_has_nothing() -> None:
    claims = Shared("here", Standing)
    assert not any(claims.wants(key) for key in KEYS)
    assert not claims.owns(owned(""))
    assert not claims.lasts
    assert not any(claims.holds(duty) for duty in Duty)


def test_an_agent_alone_has_everything_but_what_the_one_before_it_keeps_for_a_while() -> None:
    claims = Alone("now", lambda: NOW)
    assert all(claims.wants(key) for key in KEYS)
    assert claims.lasts
    assert all(claims.holds(duty) for duty in Duty)
    before = replace(CACHE, ownership=Ownership("before", NOW + timedelta(seconds=1)))
    assert [claims.keeps_out(each, lambda _: False) for each in (before, CACHE)] == [True, False]
    assert claims.renewed(CACHE) == Ownership("now", NOW + LEASE)

"""What the gateway is told of a cache."""

from dataclasses import replace

import pytest

from cachewright.agents.planning.actions import Route
from cachewright.agents.planning.endpoints.routes import CONFIGURATION, PRIMARY, READER, route_actions
from cachewright.controlplane.model.cache import Address, ShardStatus, Spec, Status
from cachewright.controlplane.model.versions import Engine

ENDPOINTS = {
    name: Address(f"10.200.128.{number}", 6379) for number, name in enumerate((PRIMARY, READER, CONFIGURATION, "0001"))
}
NODE = (Address("10.200.4.0", 6379),)
STATUS = Status(endpoints=ENDPOINTS)


def sole(status: Status, *names: str, engine: Engine = Engine.VALKEY) -> frozenset[Address]:
    spec = Spec(engine, "8.0", "cache.t3.micro", 6379, "", ())
    (action,) = route_actions(spec, status, dict.fromkeys(names, NODE), "gateway")
    assert isinstance(action, Route)
    return action.sole


@pytest.mark.parametrize("engine", [Engine.REDIS, Engine.VALKEY])
def test_a_primary_is_alone_at_its_endpoint(engine: Engine) -> None:
    assert sole(STATUS, *ENDPOINTS, engine=engine) == {ENDPOINTS[PRIMARY]}


def test_others_may_have_company_one_day() -> None:
    assert not sole(STATUS, READER, CONFIGURATION, "0001")


@pytest.mark.parametrize("shards", [{}, {"0001": ShardStatus(seeded=True)}])
def test_so_may_nodes_of_memcached(shards: dict[str, ShardStatus]) -> None:
    """Also while something is known of their shard: that it has what a snapshot held."""
    assert not sole(replace(STATUS, shards=shards), *ENDPOINTS, engine=Engine.MEMCACHED)


def test_a_primary_that_leads_nowhere_else_is_not_told_again() -> None:
    told = replace(STATUS, gateway="gateway", routes={PRIMARY: NODE})
    assert not sole(told, PRIMARY, READER)

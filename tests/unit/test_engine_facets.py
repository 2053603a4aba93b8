"""Which engine can do what, the real ones and the pretend ones alike."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from cachewright.agents.engines.driver import Driver, having
from cachewright.agents.engines.memcached.driver import MemcachedDriver
from cachewright.agents.engines.redis.acl_rules import Credentials
from cachewright.agents.engines.redis.driver import RedisDriver
from cachewright.agents.memory.engines.driver import pretend_driver
from cachewright.agents.memory.machine import Machine
from cachewright.agents.planning.verdicts import Never
from cachewright.controlplane.model.versions import Engine

FACETS = ("replication", "cluster_mode", "acl", "parameters", "persistence", "contents", "renewal", "slow_log")
REAL: Mapping[Engine, Driver] = {
    Engine.REDIS: RedisDriver(lambda: Credentials("", Path())),
    Engine.VALKEY: RedisDriver(lambda: Credentials("", Path())),
    Engine.MEMCACHED: MemcachedDriver(lambda: Credentials("", Path())),
}


@pytest.mark.parametrize("engine", Engine)
@pytest.mark.parametrize("pretend", [True, False], ids=["pretend", "real"])
def test_memcached_is_told_what_it_holds_and_the_others_have_the_rest(engine: Engine, pretend: bool) -> None:
    driver = pretend_driver(Machine(), engine) if pretend else REAL[engine]
    there = {facet for facet in FACETS if getattr(driver, facet) is not None}
    assert there == ({"contents"} if engine is Engine.MEMCACHED else set(FACETS) - {"contents"})


def test_what_an_engine_has_not_is_never_done() -> None:
    with pytest.raises(Never, match="cannot use replication of memcached: it has none"):
        having(REAL[Engine.MEMCACHED].replication, Engine.MEMCACHED, "replication")

"""Drivers that are loaded when they are needed."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from cachewright.agents.engines.driver import Driver
from cachewright.agents.engines.drivers import Drivers
from cachewright.agents.engines.memcached.driver import MemcachedDriver
from cachewright.agents.engines.redis.acl_rules import Credentials
from cachewright.controlplane.model.versions import Engine

MANY = 8


def test_each_is_made_once_whoever_asks_first() -> None:
    made, together = list[Driver](), Barrier(MANY)

    def make() -> Driver:
        made.append(MemcachedDriver(lambda: Credentials("", Path())))
        return made[-1]

    drivers = Drivers({Engine.MEMCACHED: make})
    assert set(drivers) == {Engine.MEMCACHED}
    assert not made

    def ask() -> Driver:
        together.wait()
        return drivers[Engine.MEMCACHED]

    with ThreadPoolExecutor(MANY) as pool:
        found = [asked.result() for asked in [pool.submit(ask) for _ in range(MANY)]]
    assert found == made * MANY

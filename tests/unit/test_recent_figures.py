"""What people watch of a node."""

import pytest

from cachewright.controlplane.model.metrics.recent import Point, point
from cachewright.controlplane.model.versions import Engine

REDIS = {
    "seconds": 10.0,
    "total_commands_processed": 100.0,
    "keyspace_hits": 30.0,
    "keyspace_misses": 10.0,
    "used_memory": 1000.0,
    "connected_clients": 3.0,
    "evicted_keys": 0.0,
}
LATER = REDIS | {"seconds": 20.0, "total_commands_processed": 150.0, "keyspace_hits": 39.0, "evicted_keys": 20.0}


@pytest.mark.parametrize("engine", [Engine.REDIS, Engine.VALKEY])
def test_counted_things_follow_from_two_looks(engine: Engine) -> None:
    assert point(1.0, engine, REDIS, None) == Point(1.0, None, None, 1000.0, 3.0, None, None)
    assert point(2.0, engine, LATER | {"master_last_io_seconds_ago": 1.0}, REDIS) == Point(
        2.0, 5.0, 100.0, 1000.0, 3.0, 1.0, 2.0
    )


def test_memcached_has_other_names() -> None:
    now = {"seconds": 10.0, "cmd_get": 4.0, "cmd_set": 1.0, "cmd_touch": 0.0, "get_hits": 3.0, "get_misses": 1.0}
    now |= {"bytes": 7.0, "curr_connections": 2.0, "evictions": 0.0}
    later = now | {"seconds": 15.0, "cmd_get": 14.0, "get_hits": 8.0, "get_misses": 6.0}
    assert point(2.0, Engine.MEMCACHED, later, now) == Point(2.0, 2.0, 50.0, 7.0, 2.0, None, 0.0)


def test_nothing_is_divided_by_nothing() -> None:
    assert point(2.0, Engine.REDIS, REDIS, REDIS).hits is None

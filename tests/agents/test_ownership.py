"""Two agents at one database: one of them works on a cache."""

from pathlib import Path

from cachewright.controlplane.model.cache import Kind
from cachewright.controlplane.model.ownership import LEASE
from tests.house import house


def test_an_agent_that_was_replaced_does_nothing(tmp_path: Path) -> None:
    home = house(tmp_path)
    replaced = home.reconciler
    cache = home.group()
    assert cache.ownership.owner == "run 1"
    home.restart()
    home.settle()
    owned = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert owned.ownership.owner == "run 2"
    home.machine.kill(home.container("rg-001.0001"))
    before = [(container.name, container.state, container.started_at) for container in home.containers()]
    successor, home.reconciler = home.reconciler, replaced
    home.settle()
    assert home.cache(Kind.REPLICATION_GROUP, "rg") == owned
    assert [(container.name, container.state, container.started_at) for container in home.containers()] == before
    home.reconciler = successor
    home.settle()
    assert home.cache(Kind.REPLICATION_GROUP, "rg").status.shards["0001"].primary != "rg-001.0001"


def test_a_cache_is_another_agents_once_nobody_speaks_of_it(tmp_path: Path) -> None:
    home = house(tmp_path)
    first = home.reconciler
    home.group()
    home.restart()
    home.settle()
    home.clock.moment += LEASE
    home.machine.kill(home.container("rg-001.0001"))
    home.reconciler = first
    home.settle()
    cache = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert (cache.ownership.owner, cache.status.shards["0001"].primary != "rg-001.0001") == ("run 1", True)

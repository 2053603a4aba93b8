"""Writes are held back for a moment only: whatever was fenced takes writes again, or is no more."""

from pathlib import Path

import pytest

from cachewright.controlplane.model.cache import Cache, Kind
from tests.agents.test_cluster_mode import leader, sharded
from tests.agents.test_crashes import Crash, Fuse, fused
from tests.agents.test_reconcile import assert_sound, home_key
from tests.house import House, house


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A new house."""
    return house(tmp_path)


def fence(home: House, cache: Cache, shard: str = "0001") -> str:
    """The primary holds writes back, as it does when an agent dies in the middle of a switchover; its address."""
    host = cache.status.nodes[leader(cache, shard)].address.host
    home.machine.processes.at(host).held = True
    return host


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_primary_that_an_agent_left_fenced_takes_writes_again(home: House, nodes: int) -> None:
    host = fence(home, home.group(nodes=nodes))
    home.restart()
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert after.status.nodes[leader(after)].address.host == host
    home.machine.processes.write(host, "key", "value")


def test_so_does_one_of_a_shard(home: House) -> None:
    host = fence(home, sharded(home), "0002")
    home.restart()
    home.settle()
    home.machine.processes.write(host, "key", "value")


def test_an_old_primary_that_goes_on_because_the_candidate_died_takes_writes_again(home: House) -> None:
    """The agent dies in the middle of the switchover, and nobody else could lead."""
    cache = home.group(nodes=2)
    home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId="0001")
    home.restart(fused(home.backend, Fuse(1, before=True)))
    with pytest.raises(Crash):
        home.reconcile(home_key(home))
    fence(home, cache)
    home.machine.kill(home.container("rg-002.0001"))
    home.restart()
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    home.machine.processes.write(after.status.nodes[leader(after)].address.host, "key", "value")


def test_writes_stay_held_back_at_a_primary_that_is_about_to_be_replaced(home: House) -> None:
    """The switchover is done again instead, and the old primary ends."""
    cache = home.group(nodes=2)
    home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId="0001")
    fence(home, cache)
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert leader(after) != leader(cache)
    assert_sound(home, after)

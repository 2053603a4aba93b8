"""What Cachewright shows of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from cachewright.controlplane.console.paths import TOPOLOGY
from cachewright.controlplane.console.seen import CacheSeen
from cachewright.controlplane.console.topology import topology
from cachewright.controlplane.model.cache import Cache, ShardStatus, Status
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.questions import NoEngines
from cachewright.controlplane.model.usage import Usage
from tests.api.test_console_drills import Client, client
from tests.api.world import World

__all__ = ["client"]  # a fixture


@dataclass(frozen=True, slots=True)
class Alike(NoEngines):
    """Every node is equally full."""

    each: Usage

    def usage(self, cache: Cache) -> Mapping[str, Usage]:
        return dict.fromkeys(cache.status.nodes, self.each)


def _seen(world: World, name: str) -> CacheSeen:
    (seen,) = topology([world.cache(name)], NoEngines()).caches
    return seen


def test_roles_follow_a_failover() -> None:
    world = World()
    world.group("rg", NumCacheClusters=2, AutomaticFailoverEnabled=True)
    world.settle("rg")
    assert [node.role for node in _seen(world, "rg").shards[0].nodes] == ["primary", "replica"]
    world.ask("TestFailover", ReplicationGroupId="rg", NodeGroupId="0001")
    world.settle("rg")
    assert [node.role for node in _seen(world, "rg").shards[0].nodes] == ["replica", "primary"]


@pytest.mark.parametrize(
    ("primary", "old_primary", "roles"),
    [
        ("", "", ["", ""]),
        ("rg-002.0001", "", ["replica", "primary"]),
        ("rg-002.0001", "rg-001.0001", ["primary", "replica"]),
        ("rg-002.0001", "rg-001.understudy", ["replica", "primary"]),
    ],
)
def test_who_leads_is_seen_before_it_is_shown(primary: str, old_primary: str, roles: list[str]) -> None:
    world = World()
    world.group("rg", NumCacheClusters=2, AutomaticFailoverEnabled=True)
    world.settle("rg")
    status = world.cache("rg").status
    world.report("rg", replace(status, shards={"0001": ShardStatus(primary, old_primary)}))
    assert [node.role for node in _seen(world, "rg").shards[0].nodes] == roles


def test_memcached_nodes_have_no_role_and_all_their_addresses() -> None:
    world = World()
    world.cluster("m", Engine="memcached", NumCacheNodes=2)
    world.settle("m")
    seen = _seen(world, "m")
    assert [(node.name, node.role, node.address) for node in seen.shards[0].nodes] == [
        ("m.0001", "", "10.0.0.1:11211"),
        ("m.0002", "", "10.0.0.2:11211"),
    ]
    assert [(endpoint.name, endpoint.address) for endpoint in seen.endpoints] == [("configuration", "10.0.1.1:11211")]


def test_a_cache_that_failed_tells_why() -> None:
    world = World()
    world.cluster("broken")
    world.report("broken", Status(Phase.FAILED, reason="no image of redis 7.1"))
    seen = _seen(world, "broken")
    assert (seen.phase, seen.reason) == ("failed", "no image of redis 7.1")
    assert [(node.phase, node.address) for node in seen.shards[0].nodes] == [("creating", "")]


def test_every_account_is_told() -> None:
    here, there = World(), World()
    here.cluster("one")
    there.cluster("two")
    seen = topology([there.cache("two"), here.cache("one")], NoEngines()).caches
    assert [(cache.account, cache.id) for cache in seen] == [
        (here.caller.account, "one"),
        (there.caller.account, "two"),
    ]


def test_a_cluster_tells_its_slots_and_how_far_a_resharding_is() -> None:
    world = World()
    world.group("rg", NumNodeGroups=2, AutomaticFailoverEnabled=True)
    world.settle("rg")
    wanted = {"NodeGroupCount": 1, "NodeGroupsToRemove": ["0002"], "ApplyImmediately": True}
    world.ask("ModifyReplicationGroupShardConfiguration", ReplicationGroupId="rg", **wanted)
    (seen,) = topology([world.cache("rg")], Alike(Usage(512, 1024, 3))).caches
    assert (seen.cluster_mode, seen.moved) == ("enabled", 0)
    assert [(shard.id, shard.slots) for shard in seen.shards] == [("0001", "0-8191"), ("0002", "8192-16383")]
    assert [node.keys for shard in seen.shards for node in shard.nodes] == [3, 3]


def test_a_cache_that_ends_with_a_last_snapshot_is_deleting(client: Client) -> None:
    world = World()
    for name in ("going", "staying"):
        world.cluster(name)
        world.settle(name)
    world.ask("DeleteCacheCluster", CacheClusterId="going", FinalSnapshotIdentifier="last")
    status, told = client.told("GET", TOPOLOGY)
    own = [cache for cache in told["caches"] if cache["account"] == world.caller.account]
    assert status == 200
    assert {cache["id"]: cache["phase"] for cache in own} == {"going": "deleting", "staying": "available"}

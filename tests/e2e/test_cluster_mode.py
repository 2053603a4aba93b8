"""Groups in cluster mode through boto3, used by real clients that find slots and primaries by themselves."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cachewright.controlplane.model.slots import EVERY, split
from tests.e2e.careful import Careful
from tests.e2e.cloud import SOON, Cloud, place, redis_at
from tests.e2e.cluster_clients import crowding, redis_py, valkey_py, writing
from tests.e2e.deeds import KILL, PAUSE, Deed
from tests.e2e.encrypted import GUARDED, PLAIN, TOKEN, verifying
from tests.e2e.guests import said_inside
from tests.e2e.javascript import everybody, javascript
from tests.e2e.sharded import NOW, Sharded
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

SMALL = "cache.t3.small"

both_ways = pytest.mark.parametrize("guarded", [False, True], ids=["plain", "guarded"])


def _sharded(cloud: Cloud, shards: int = 3, *, guarded: bool = False, **params: Any) -> Sharded:
    options = verifying(cloud.plane, TOKEN) if guarded else PLAIN
    return Sharded(cloud, "rg", options).create(shards, 1, **params, **(GUARDED if guarded else {}))


@both_ways
def test_as_aws_shows_it(cloud: Cloud, guarded: bool) -> None:
    group = _sharded(cloud, guarded=guarded)
    shown = group.shown
    assert (shown["ClusterEnabled"], shown["ClusterMode"], shown["AutomaticFailover"]) == (True, "enabled", "enabled")
    names = [f"rg-{shard:04}-{node:03}" for shard in (1, 2, 3) for node in (1, 2)]
    assert shown["MemberClusters"] == names
    assert [one["Slots"] for one in shown["NodeGroups"]] == ["0-5461", "5462-10922", "10923-16383"]
    for one in shown["NodeGroups"]:
        assert set(one) == {"NodeGroupId", "Status", "Slots", "NodeGroupMembers"}
        for member in one["NodeGroupMembers"]:
            assert set(member) == {"CacheClusterId", "CacheNodeId", "PreferredAvailabilityZone"}
    group.check()
    assert [said_inside(group, "-c", "SET", key, "inside") for key in ("a", "b", "c")] == [
        "OK"
    ] * 3  # one in each shard
    with closing(redis_py(group)) as client:
        assert client.mget_nonatomic(["a", "b", "c"]) == ["inside"] * 3
    with pytest.raises(ClientError, match="cluster mode"):
        cloud.api.reboot_cache_cluster(CacheClusterId=names[0], CacheNodeIdsToReboot=["0001"])

    cloud.api.delete_replication_group(ReplicationGroupId="rg")
    cloud.api.get_waiter("replication_group_deleted").wait(ReplicationGroupId="rg", WaiterConfig=SOON)
    assert cloud.containers() == {}


def test_ioredis(cloud: Cloud, modules: Path | None) -> None:
    if modules is None:
        pytest.skip("node and npm are not installed, or npm does not reach its registry: ioredis is not tested")
    group = _sharded(cloud, guarded=True)
    with javascript(group, modules) as account:
        cloud.api.test_failover(ReplicationGroupId="rg", NodeGroupId="0001")
        until("another node leads", lambda: group.leader("0001") == "rg-0001-002")
        group.available()
        account.progress()
    assert (account.lost(group), account.failures) == ([], [])
    group.check()


@pytest.mark.parametrize(("engine", "version"), [("redis", "6.2"), ("valkey", "8.0")])
def test_engines(cloud: Cloud, modules: Path | None, engine: str, version: str) -> None:
    group = Sharded(cloud, "rg").create(2, 1, Engine=engine, EngineVersion=version)
    group.check()
    with crowding(*everybody(group, modules)) as crowd:
        group.reshard(3)
        cloud.api.test_failover(ReplicationGroupId="rg", NodeGroupId="0003")
        until("another node leads", lambda: group.leader("0003") == "rg-0003-002")
        group.available()
        crowd.progress()
    assert crowd.lost(group) == {}
    group.check()


def test_shards_of_ones_own(cloud: Cloud) -> None:
    asked: Any = [
        {"NodeGroupId": "7", "Slots": "0-8999", "ReplicaCount": 1},
        {"NodeGroupId": "0003", "Slots": "9000-16383", "ReplicaCount": 0},
    ]
    group = Sharded(cloud, "rg").create(2, None, NodeGroupConfiguration=asked)
    assert group.slots == {"0007": ((0, 8999),), "0003": ((9000, 16383),)}
    assert group.members == {"0007": ["rg-0007-001", "rg-0007-002"], "0003": ["rg-0003-001"]}
    group.check()


def test_failover_of_one_shard(cloud: Cloud, modules: Path | None) -> None:
    group = _sharded(cloud)
    places, others = group.places, {shard: group.leader(shard) for shard in ("0001", "0003")}
    with crowding(*everybody(group, modules)) as crowd:
        cloud.api.test_failover(ReplicationGroupId="rg", NodeGroupId="0002")
        until("another node leads", lambda: group.leader("0002") == "rg-0002-002")
        group.available()
        crowd.progress()
    assert crowd.lost(group) == {}
    assert {shard: group.leader(shard) for shard in others} == others
    assert group.places == places
    group.check()
    completed = "Failover from primary node rg-0002-001 to replica node rg-0002-002 completed"
    assert cloud.messages("rg", "rg-0002-001")[-5:] == [
        ("rg", "Test Failover API called for node group 0002"),
        ("rg-0002-001", completed),
        ("rg", completed),
        ("rg-0002-001", "Recovering cache nodes 0001"),
        ("rg-0002-001", "Finished recovery for cache nodes 0001"),
    ]


@pytest.mark.parametrize(("deed", "guarded"), [(KILL, True), (PAUSE, False)])
def test_a_primary_is_lost(cloud: Cloud, modules: Path | None, deed: Deed, guarded: bool) -> None:
    group = _sharded(cloud, guarded=guarded)
    places, slots = group.places, group.slots
    with writing(group, Careful, "careful") as careful, crowding(*everybody(group, modules)) as crowd:
        deed.do(cloud.containers()["rg-0002-001.0001"])
        cloud.await_reason("rg-0002-001", "Finished recovery for cache nodes 0001")
        group.available()
        careful.progress()
        crowd.progress()
    assert careful.lost(group) == []
    assert (group.places, group.slots) == (places, slots)
    assert group.leader("0002") == "rg-0002-002"
    group.check()
    cloud.await_nodes(*group.nodes)


def test_replicas_of_one_shard_and_of_all(cloud: Cloud, modules: Path | None) -> None:
    group = _sharded(cloud, 2)
    one: Any = [{"NodeGroupId": "0002", "NewReplicaCount": 2}]
    with crowding(*everybody(group, modules)) as crowd:
        cloud.api.increase_replica_count(ReplicationGroupId="rg", ReplicaConfiguration=one, **NOW)
        more = group.available().members
        cloud.api.increase_replica_count(ReplicationGroupId="rg", NewReplicaCount=2, **NOW)
        most = group.available().members
        cloud.api.decrease_replica_count(ReplicationGroupId="rg", ReplicasToRemove=["rg-0001-002"], **NOW)
        less = group.available().members
        cloud.api.decrease_replica_count(ReplicationGroupId="rg", NewReplicaCount=0, **NOW)
        least = group.available().members
        crowd.progress()
    assert (crowd.lost(group), crowd.failures) == ({}, {})
    assert [list(map(len, members.values())) for members in (more, most, less, least)] == [
        [2, 3],
        [3, 3],
        [2, 3],
        [1, 1],
    ]
    assert less["0001"] == ["rg-0001-001", "rg-0001-003"]
    group.check()
    cloud.await_nodes("rg-0001-001.0001", "rg-0002-001.0001")


@pytest.mark.parametrize(
    ("old", "asked", "guarded"),
    [
        ({}, {"CacheNodeType": SMALL}, True),
        ({"EngineVersion": "7.0"}, {"EngineVersion": "7.1"}, False),
        ({"EngineVersion": "7.1"}, {"Engine": "valkey", "EngineVersion": "8.1"}, False),
    ],
    ids=["node type", "upgrade", "Redis to Valkey"],
)
def test_changes_under_writes(
    cloud: Cloud, modules: Path | None, old: dict[str, Any], asked: dict[str, Any], guarded: bool
) -> None:
    group = _sharded(cloud, 2, guarded=guarded, **old)
    places, slots = group.places, group.slots
    containers = {name: container.id for name, container in cloud.containers().items()}
    with crowding(*everybody(group, modules)) as crowd:
        group.modify(**asked)
        crowd.progress()
    assert crowd.lost(group) == {}
    assert (group.places, group.slots) == (places, slots)
    group.check()
    assert not containers.items() & {name: container.id for name, container in cloud.containers().items()}.items()
    shown = cloud.shown_cluster("rg-0002-001")
    assert all(str(shown[name]).startswith(value) for name, value in asked.items()), shown


def test_compatible_then_enabled(cloud: Cloud) -> None:
    before = cloud.group("rg", 2)
    keys = {f"key-{number}": str(number) for number in range(500)}
    with closing(redis_at(place(before["PrimaryEndpoint"]))) as client:
        client.mset(keys)
    group = Sharded(cloud, "rg").modify(ClusterMode="compatible")
    between = group.shown
    assert (between["ClusterMode"], group.slots) == ("compatible", {"0001": EVERY})
    assert place(between["NodeGroups"][0]["PrimaryEndpoint"]) == place(before["PrimaryEndpoint"])
    with closing(redis_at(place(before["PrimaryEndpoint"]))) as client:
        assert {key: client.get(key) for key in keys} == keys
    assert _all(group, valkey_py, keys) == keys
    group.modify(ClusterMode="enabled")
    assert group.shown["ClusterMode"] == "enabled"
    assert set(group.shown["NodeGroups"][0]) == {"NodeGroupId", "Status", "Slots", "NodeGroupMembers"}
    with crowding(writing(group, redis_py, "redis-py")) as crowd:
        group.reshard(2)
        crowd.progress()
    assert (crowd.lost(group), crowd.failures) == ({}, {})
    assert [sum(last - first + 1 for first, last in owned) for owned in group.slots.values()] == [
        sum(last - first + 1 for first, last in owned) for owned in split(2)
    ]
    assert _all(group, redis_py, keys) == keys
    group.check()


def _all(group: Sharded, connected: Any, keys: dict[str, str]) -> dict[str, str]:
    with closing(connected(group)) as client:
        return dict(zip(keys, client.mget_nonatomic(list(keys)), strict=True))

"""A global datastore in cluster mode: each region is a cluster of its own, of which one takes writes."""

from contextlib import closing
from functools import partial
from typing import Any

import pytest
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.exceptions import ReadOnlyError
from redis.retry import Retry

from tests.e2e.cloud import Cloud
from tests.e2e.datastores import (
    AWAY,
    LARGE,
    RESHARDING,
    SOON,
    await_status,
    away,
    datastore,
    founded,
    written_while_away_takes_over,
)
from tests.e2e.encrypted import PLAIN, verifying
from tests.e2e.sharded import Sharded
from tests.e2e.waiting import until

__all__ = ["away"]  # a fixture
pytestmark = pytest.mark.docker

KEYS = [f"k{number}" for number in range(64)]  # of all shards


def client_of(group: Sharded) -> RedisCluster:
    """A client that follows redirections; one answer is waited for as long as writes may be held back."""
    host, port = group.entrance
    patience: dict[str, Any] = {"socket_timeout": 2.0, "socket_connect_timeout": 2.0, "retry": Retry(NoBackoff(), 1)}
    return RedisCluster(host=host, port=port, decode_responses=True, **patience, **group.options)


def assert_of_its_own(group: Sharded) -> None:
    """Every node sends clients to nodes of its region alone, and says that all is well."""
    places = group.places
    for where in places.values():
        assert set(group.seen_from(where)) <= set(places.values())
        with group.connected(where) as client:
            assert client.execute_command("CLUSTER INFO")["cluster_state"] == "ok"


def assert_takes_no_writes(group: Sharded) -> None:
    with closing(client_of(group)) as client, pytest.raises(ReadOnlyError):
        client.set("mine", "3")


def assert_follows_another_primary(leading: Sharded, copying: Sharded) -> None:
    """A primary dies: the secondary goes on with the next one, in the same containers."""
    before = {name: container.id for name, container in copying.cloud.containers().items()}
    lost = leading.leader("0001")
    leading.cloud.containers()[f"{lost}.0001"].kill()
    until("another node leads", lambda: leading.leader("0001") != lost)
    leading.available()
    copying.available()
    with closing(client_of(leading)) as home, closing(client_of(copying)) as copy:
        for key in KEYS:
            home.set(key, "2")
        until("all of it arrives", lambda: {copy.get(key) for key in KEYS} == {"2"}, SOON)
    assert {name: container.id for name, container in copying.cloud.containers().items()} == before


@pytest.mark.parametrize(
    "params",
    [
        {"Engine": "redis", "EngineVersion": "6.2"},
        {"Engine": "redis", "EngineVersion": "7.0"},
        {"Engine": "valkey", "TransitEncryptionEnabled": True},
    ],
    ids=["redis-6", "redis", "valkey-tls"],
)
def test_two_regions(params: dict[str, Any], cloud: Cloud, away: Cloud) -> None:
    """One test, because what it begins with takes seconds."""
    options = verifying(cloud.plane) if "TransitEncryptionEnabled" in params else PLAIN
    home_group = Sharded(cloud, "home", options).create(2, 1, CacheNodeType=LARGE, **params)
    name = founded(cloud)
    home = client_of(home_group)
    for key in KEYS:
        home.set(key, "1")
    away.api.create_replication_group(
        ReplicationGroupId="away",
        ReplicationGroupDescription="d",
        GlobalReplicationGroupId=name,
        ReplicasPerNodeGroup=1,
    )
    away_group = Sharded(away, "away", options).available()
    await_status(cloud, name, "available")
    assert_of_its_own(away_group)
    copy = client_of(away_group)
    assert {copy.get(key) for key in KEYS} == {"1"}
    home.set("after", "2")
    until("a write arrives", lambda: copy.get("after") == "2", SOON)
    assert_takes_no_writes(away_group)
    assert_follows_another_primary(home_group, away_group)

    regions = [partial(client_of, group) for group in (home_group, away_group)]
    writer = written_while_away_takes_over(cloud, name, regions)
    assert writer.lost(copy) == []
    roles = {member["ReplicationGroupId"]: member["Role"] for member in datastore(cloud, name)["Members"]}
    assert roles == {"home": "SECONDARY", "away": "PRIMARY"}
    away_group.check()
    assert_of_its_own(home_group)
    with closing(client_of(home_group)) as home:
        until("the old primary has it all", lambda: home.get(writer.last) is not None, SOON)
    assert_takes_no_writes(home_group)

    cloud.api.disassociate_global_replication_group(
        GlobalReplicationGroupId=name, ReplicationGroupId="home", ReplicationGroupRegion="us-east-1"
    )
    home_group.available()
    home_group.check()
    with closing(client_of(home_group)) as home:
        assert home.set("mine", "3")
        assert copy.set("theirs", "4")
        assert home.get("theirs") is None
    await_status(cloud, name, "primary-only")
    away.api.delete_global_replication_group(GlobalReplicationGroupId=name, RetainPrimaryReplicationGroup=True)
    away_group.available()


def sees_all(group: Sharded, value: str) -> bool:
    """Whether every key has a value for a client that has just come."""
    with closing(client_of(group)) as client:
        return {client.get(key) for key in KEYS} == {value}


def regroup(cloud: Cloud, name: str, operation: str, shards: set[str], **params: Any) -> None:
    """Another shard configuration of both regions, while the primary is written to."""
    getattr(cloud.api, operation)(GlobalReplicationGroupId=name, ApplyImmediately=True, **params)
    assert datastore(cloud, name)["Status"] == "modifying"
    await_status(cloud, name, "available", RESHARDING)
    ids = {group["GlobalNodeGroupId"] for group in datastore(cloud, name)["GlobalNodeGroups"]}
    assert ids == {f"{name}-{shard}" for shard in shards}


@pytest.mark.parametrize(
    "params",
    [
        {"Engine": "redis", "EngineVersion": "6.2"},
        {"Engine": "redis", "EngineVersion": "7.0"},
        {"Engine": "valkey"},
    ],
    ids=["redis-6", "redis", "valkey"],
)
def test_shards_come_and_go_in_two_regions(params: dict[str, Any], cloud: Cloud, away: Cloud) -> None:
    home_group = Sharded(cloud, "home", PLAIN).create(2, 1, CacheNodeType=LARGE, **params)
    name = founded(cloud)
    away.api.create_replication_group(
        ReplicationGroupId="away",
        ReplicationGroupDescription="d",
        GlobalReplicationGroupId=name,
        ReplicasPerNodeGroup=1,
    )
    away_group = Sharded(away, "away", PLAIN).available()
    await_status(cloud, name, "available")
    home = client_of(home_group)
    for key in KEYS:
        home.set(key, "1")

    regroup(cloud, name, "increase_node_groups_in_global_replication_group", {"0001", "0002", "0003"}, NodeGroupCount=3)
    assert sees_all(home_group, "1")
    until("the other region has it all", lambda: sees_all(away_group, "1"), SOON)
    assert_of_its_own(away_group)
    assert_takes_no_writes(away_group)
    for key in KEYS:
        home.set(key, "2")
    until("writes arrive", lambda: sees_all(away_group, "2"), SOON)

    going = {"NodeGroupCount": 2, "GlobalNodeGroupsToRemove": [f"{name}-0001"]}
    regroup(cloud, name, "decrease_node_groups_in_global_replication_group", {"0002", "0003"}, **going)
    until("the other region has it all", lambda: sees_all(away_group, "2"), SOON)
    assert_of_its_own(away_group)

    cloud.api.failover_global_replication_group(
        GlobalReplicationGroupId=name, PrimaryRegion=AWAY, PrimaryReplicationGroupId="away"
    )
    await_status(cloud, name, "available")
    away_group.check()
    assert sees_all(away_group, "2")
    until("the old primary has it all", lambda: sees_all(home_group, "2"), SOON)

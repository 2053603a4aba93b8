"""A global datastore in cluster mode of a single node group: its secondary answers reads, though no cluster is well."""

from contextlib import closing
from functools import partial
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ClusterDownError
from valkey.cluster import ValkeyCluster

from tests.e2e.cloud import Cloud
from tests.e2e.datastores import LARGE, SOON, await_status, away, founded, written_while_away_takes_over
from tests.e2e.encrypted import PLAIN, verifying
from tests.e2e.sharded import Sharded
from tests.e2e.test_global_clusters import KEYS, client_of, regroup, sees_all
from tests.e2e.waiting import until

__all__ = ["away"]  # a fixture
pytestmark = pytest.mark.docker


def assert_answers_reads_alone(group: Sharded, value: str) -> None:
    """Clients of both kinds read from its primary and from its replica, and are refused when they write."""
    assert sees_all(group, value)
    host, port = group.entrance
    with closing(ValkeyCluster(host=host, port=port, decode_responses=True, **group.options)) as client:
        assert {client.get(key) for key in KEYS} == {value}
    for where in group.places.values():
        assert set(group.seen_from(where)) <= set(group.places.values())
        with group.connected(where) as node:
            assert node.execute_command("READONLY")
            assert reads(node) == {value}
    with closing(client_of(group)) as client, pytest.raises(ClusterDownError, match="only accepts read commands"):
        client.set("mine", "3")


def reads(node: Redis) -> set[Any]:
    """By one connection, which was told READONLY."""
    return {node.get(key) for key in KEYS}


@pytest.mark.parametrize(
    "params",
    [
        {"Engine": "redis", "EngineVersion": "6.2"},
        {"Engine": "redis", "EngineVersion": "7.0"},
        {"Engine": "valkey", "TransitEncryptionEnabled": True},
    ],
    ids=["redis-6", "redis", "valkey-tls"],
)
def test_two_regions_of_one_node_group(params: dict[str, Any], cloud: Cloud, away: Cloud) -> None:
    """One test, because what it begins with takes seconds."""
    options = verifying(cloud.plane) if "TransitEncryptionEnabled" in params else PLAIN
    home_group = Sharded(cloud, "home", options).create(1, 1, CacheNodeType=LARGE, ClusterMode="enabled", **params)
    name = founded(cloud)
    home = client_of(home_group)
    for key in KEYS:
        home.set(key, "1")
    secondary = {"ReplicationGroupId": "away", "ReplicationGroupDescription": "d", "GlobalReplicationGroupId": name}
    away.api.create_replication_group(**secondary, ReplicasPerNodeGroup=1)
    away_group = Sharded(away, "away", options).available()
    await_status(cloud, name, "available")
    assert_answers_reads_alone(away_group, "1")
    for key in KEYS:
        home.set(key, "2")
    until("writes arrive", lambda: sees_all(away_group, "2"), SOON)

    regroup(cloud, name, "increase_node_groups_in_global_replication_group", {"0001", "0002"}, NodeGroupCount=2)
    until("the other region has it all", lambda: sees_all(away_group, "2"), SOON)
    going = {"NodeGroupCount": 1, "GlobalNodeGroupsToRemove": [f"{name}-0001"]}
    regroup(cloud, name, "decrease_node_groups_in_global_replication_group", {"0002"}, **going)
    until("the other region has it all", lambda: sees_all(away_group, "2"), SOON)
    assert_answers_reads_alone(away_group, "2")

    regions = [partial(client_of, group) for group in (home_group, away_group)]
    writer = written_while_away_takes_over(cloud, name, regions)
    with closing(client_of(away_group)) as copy:
        assert writer.lost(copy) == []
    away_group.check()
    with closing(client_of(home_group)) as home:
        until("the old primary has it all", lambda: home.get(writer.last) is not None, SOON)
    assert_answers_reads_alone(home_group, "2")

    cloud.api.disassociate_global_replication_group(
        GlobalReplicationGroupId=name, ReplicationGroupId="home", ReplicationGroupRegion="us-east-1"
    )
    home_group.available()
    home_group.check()
    with closing(client_of(home_group)) as home, closing(client_of(away_group)) as other:
        assert home.set("mine", "3")
        assert other.get("mine") is None

"""The control plane is a client of its nodes, and no setting that is meant for clients shuts it out."""

import os
from contextlib import closing

import pytest

from cachewright.agents.engines.redis.slots.sentinel_key import sentinel_key
from tests.e2e.cloud import Cloud, member_places, redis_at
from tests.e2e.encrypted import insider
from tests.e2e.sharded import Sharded
from tests.e2e.test_parameters import FAMILIES, await_status, modify, new_group

pytestmark = pytest.mark.docker

MEBIBYTE = str(1 << 20)
MEAN = {
    "client-output-buffer-limit-normal-hard-limit": "1",
    "client-output-buffer-limit-normal-soft-limit": "1",
    "client-query-buffer-limit": MEBIBYTE,
    "min-replicas-to-write": "0",
    "proto-max-bulk-len": MEBIBYTE,
    "tcp-keepalive": "1",
    "timeout": "20",
    "tracking-table-max-keys": "1",
}  # as little as may be
LARGE, PIECE = 5 << 20, 500_000  # bytes of a key, and of a field


@pytest.mark.parametrize("family", FAMILIES)
def test_replicas_come_and_lead_under_the_least_that_may_be(cloud: Cloud, family: str) -> None:
    engine, version = FAMILIES[family]
    new_group(cloud, family)
    group = cloud.group("rg", 2, Engine=engine, EngineVersion=version, CacheParameterGroupName="own")
    modify(cloud, MEAN)
    await_status(cloud, "rg-001", "in-sync")
    await_status(cloud, "rg-002", "in-sync")
    cloud.api.increase_replica_count(ReplicationGroupId="rg", NewReplicaCount=2, ApplyImmediately=True)
    group = cloud.available_group("rg")
    cloud.api.test_failover(ReplicationGroupId="rg", NodeGroupId=group["NodeGroupId"])
    places = member_places(cloud.available_group("rg"))
    for where in places.values():
        with closing(redis_at(where, **insider(cloud.plane))) as client:
            assert client.config_get("timeout") == {"timeout": "20"}


@pytest.mark.parametrize("family", FAMILIES)
def test_shards_come_under_the_least_that_may_be(cloud: Cloud, family: str) -> None:
    engine, version = FAMILIES[family]
    new_group(cloud, family)
    modify(cloud, {"cluster-enabled": "yes", **MEAN})
    group = Sharded(cloud, "rg").create(2, 1, Engine=engine, EngineVersion=version, CacheParameterGroupName="own")
    for leader in (group.places[group.leader(shard)] for shard in group.slots):
        with group.connected(leader) as client:
            first, _ = group.seen_from(leader)[leader][0]
            client.hset(sentinel_key(first), mapping={str(field): os.urandom(PIECE) for field in range(LARGE // PIECE)})
    group.reshard(3)
    group.check()

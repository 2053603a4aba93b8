"""Caches made of snapshots: every key, value and time to live arrives, in the same shape and in others."""

from typing import Any

import pytest
from redis import Redis
from redis.cluster import RedisCluster

from tests.e2e.cloud import Cloud, place, redis_at
from tests.e2e.sharded import Sharded
from tests.e2e.test_snapshots import KEYS, available, files, fill, shown
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

LONG = 86_400_000  # milliseconds to live


def write_every_type(client: Redis) -> None:
    fill(client)
    client.set("text", "x" * 1000, px=LONG)
    client.rpush("list", *range(1000))
    client.hset("hash", mapping={str(number): number for number in range(1000)})
    client.sadd("set", *range(1000))
    client.zadd("sorted", {str(number): number for number in range(1000)})
    client.xadd("stream", {"field": "value"}, id="1-1")
    client.setbit("bits", 1007, 1)


def contents(client: Any) -> dict[str, Any]:
    """What is there, of every type, and until when."""
    keys = [f"key:{number}" for number in range(KEYS)]
    return {
        "size": client.dbsize(),
        "keys": [client.mget(keys[start : start + 1000]) for start in range(0, KEYS, 1000)],
        "text": (client.get("text"), client.execute_command("PEXPIRETIME", "text")),
        "list": client.lrange("list", 0, -1),
        "hash": client.hgetall("hash"),
        "set": client.smembers("set"),
        "sorted": client.zrange("sorted", 0, -1, withscores=True),
        "stream": client.xrange("stream"),
        "bits": client.get("bits"),
    }


def snapshot(cloud: Cloud, **what: str) -> None:
    cloud.api.create_snapshot(SnapshotName="snap", **what)
    available(cloud, "snap")


@pytest.mark.parametrize(("engine", "version"), [("redis", "7.1"), ("valkey", "8.1")])
def test_a_group_begins_with_all_that_a_cluster_held(cloud: Cloud, engine: str, version: str) -> None:
    told = cloud.cluster("one", EngineVersion="7.0", Port=6400)
    source = redis_at(place(told["CacheNodes"][0]["Endpoint"]))
    write_every_type(source)
    before = contents(source)
    snapshot(cloud, CacheClusterId="one")
    cloud.api.delete_cache_cluster(CacheClusterId="one")
    asked = {"SnapshotName": "snap", "Engine": engine, "EngineVersion": version}
    group = cloud.group("rg", 2, **asked)
    assert group["PrimaryEndpoint"]["Port"] == 6400
    for end in ("PrimaryEndpoint", "ReaderEndpoint"):
        assert contents(redis_at(place(group[end]))) == before
    assert shown(cloud, "snap")["SnapshotStatus"] == "available"


@pytest.mark.parametrize("count", [1, 2, 3])
def test_shards_begin_with_what_shards_held(cloud: Cloud, count: int) -> None:
    source = Sharded(cloud, "rg").create(2, 0)
    with RedisCluster(*source.entrance) as client:
        fill(client)
    snapshot(cloud, ReplicationGroupId="rg")
    restored = Sharded(cloud, "new").create(count, 1, SnapshotName="snap")
    with RedisCluster(*restored.entrance) as client:
        assert sum(redis_at((node.host, node.port)).dbsize() for node in client.get_primaries()) == KEYS
        assert all(client.get(f"key:{number}") == f"{number:0100}".encode() for number in range(0, KEYS, 7))


def test_a_file_that_no_engine_reads(cloud: Cloud) -> None:
    told = cloud.cluster("one")
    fill(redis_at(place(told["CacheNodes"][0]["Endpoint"])))
    known = set(files(cloud))
    snapshot(cloud, CacheClusterId="one")
    (file,) = set(files(cloud)) - known
    file.write_bytes(file.read_bytes()[:-100] + bytes(100))
    cloud.ask_cluster("new", SnapshotName="snap")
    until("it has failed", lambda: cloud.shown_cluster("new")["CacheClusterStatus"] == "restore-failed")
    cloud.await_reason("new", "cannot restore shard 0001: the file of shard 0001 of its snapshot is damaged")
    cloud.api.delete_cache_cluster(CacheClusterId="new")

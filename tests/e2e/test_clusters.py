"""Cache clusters through boto3, used by real clients."""

from contextlib import closing

import pytest
from pymemcache import Client, HashClient

from tests.e2e.cloud import SOON, Cloud, node_places, place, redis_at

pytestmark = pytest.mark.docker

MIB = 1024 * 1024
USABLE = 384 * MIB  # of the 512 MiB of cache.t3.micro, a quarter is reserved


def test_the_life_of_a_redis_cluster(cloud: Cloud) -> None:
    shown = cloud.cluster("life", EngineVersion="6.2", Port=7001)
    (where,) = node_places(shown).values()
    assert where[1] == 7001
    with closing(redis_at(where)) as client:
        assert client.ping()
        assert client.info("memory")["maxmemory"] == USABLE
        assert client.info("server")["redis_version"].startswith("6.")
        client.set("kept", "in memory")
    before = cloud.containers()["life.0001"].id

    cloud.api.reboot_cache_cluster(CacheClusterId="life", CacheNodeIdsToReboot=["0001"])
    assert node_places(cloud.available_cluster("life")) == {"0001": where}
    assert cloud.containers()["life.0001"].id == before
    with closing(redis_at(where)) as client:
        assert client.dbsize() == 0

    cloud.api.delete_cache_cluster(CacheClusterId="life")
    cloud.api.get_waiter("cache_cluster_deleted").wait(CacheClusterId="life", WaiterConfig=SOON)
    with pytest.raises(cloud.api.exceptions.CacheClusterNotFoundFault) as gone:
        cloud.shown_cluster("life")
    assert gone.value.response["Error"]["Code"] == "CacheClusterNotFound"
    assert cloud.containers() == {}


@pytest.mark.parametrize(
    ("engine", "version", "field", "runs"),
    [("redis", "7.1", "redis_version", "7."), ("valkey", "8.1", "valkey_version", "8.1."),
     ("valkey", "9.1", "valkey_version", "9.")],
)  # fmt: skip
def test_the_requested_version_runs(cloud: Cloud, engine: str, version: str, field: str, runs: str) -> None:
    cloud.ask_group("versions", 1, Engine=engine, EngineVersion=version)
    primary = cloud.available_group("versions")["PrimaryEndpoint"]
    with closing(redis_at(place(primary))) as client:
        assert client.info("server")[field].startswith(runs)


def test_a_memcached_cluster(cloud: Cloud) -> None:
    shown = cloud.cluster("web", Engine="memcached", NumCacheNodes=3, Port=12000)
    nodes = node_places(shown)
    assert list(nodes) == ["0001", "0002", "0003"]
    with closing(HashClient(list(nodes.values()), timeout=5, connect_timeout=5)) as ring:
        pages = {f"page-{number}": str(number).encode() for number in range(300)}
        assert ring.set_many(pages) == []
        assert ring.get_many(pages) == pages
    with closing(Client(place(shown["ConfigurationEndpoint"]), timeout=5)) as client:
        assert client.version().startswith(b"1.6.")

    filled = {name: _items(where) for name, where in nodes.items()}
    assert all(filled.values())
    assert sum(filled.values()) == len(pages)
    cloud.api.reboot_cache_cluster(CacheClusterId="web", CacheNodeIdsToReboot=["0002"])
    assert node_places(cloud.available_cluster("web")) == nodes
    assert {name: _items(where) for name, where in nodes.items()} == filled | {"0002": 0}


def _items(where: tuple[str, int]) -> int:
    with closing(Client(where, timeout=5)) as client:
        return int(client.stats()[b"curr_items"])
